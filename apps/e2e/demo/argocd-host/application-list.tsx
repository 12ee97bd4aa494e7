import * as React from 'react';
import { type Application, type Source, sourcesOf } from '../argocd/application.ts';
import { refresh } from './api.ts';
import { Link } from './link.tsx';
import { addressOf, navigate } from './location.ts';
import { passes } from './navigation.tsx';
import { healthOf, StatusIcon, syncStatusOf, timeOf } from './status.tsx';

/** The tiles of Argo CD's first page. */
export function ApplicationList(props: {
  readonly applications: readonly Application[];
  readonly filters: ReadonlySet<string>;
  readonly reload: () => Promise<void>;
  readonly onFailure: (message: string) => void;
}): React.JSX.Element {
  const { applications, filters, reload, onFailure } = props;
  const [wanted, setWanted] = React.useState('');
  const shown = applications.filter((each) => passes(each, filters) && each.metadata.name.includes(wanted.trim()));
  const refreshAll = async (): Promise<void> => {
    for (const application of applications) await refresh(application, 'normal');
    await reload();
  };
  return (
    <>
      <header className="top-bar">
        <div className="top-bar__title">
          <h1 className="top-bar__crumbs">Applications</h1>
          <span className="top-bar__view">Applications tiles</span>
        </div>
        <div className="top-bar__actions">
          <button type="button" className="argo-button argo-button--base" disabled>
            <i className="fa fa-plus" aria-hidden="true" /> New app
          </button>{' '}
          <button type="button" className="argo-button argo-button--base" onClick={() => void refreshAll()}>
            <i className="fa fa-redo" aria-hidden="true" /> Refresh apps
          </button>
          <input
            type="search"
            className="top-bar__search"
            placeholder="Search applications..."
            aria-label="Search applications"
            value={wanted}
            onChange={({ target }) => setWanted(target.value)}
          />
        </div>
      </header>
      <div className="tiles">
        {shown.map((application) => (
          <Tile key={application.metadata.uid} application={application} reload={reload} onFailure={onFailure} />
        ))}
      </div>
    </>
  );
}

type Row = readonly [label: string, value: React.ReactNode];

function sourceRows(sources: readonly Source[]): readonly Row[] {
  const [first, second] = sources;
  if (second !== undefined) return [['Sources:', `${sources.length} sources`]];
  return [
    ['Repository:', first?.repoURL ?? ''],
    ['Target Revision:', first?.targetRevision ?? 'HEAD'],
    first?.chart === undefined ? ['Path:', first?.path ?? ''] : ['Chart:', first.chart],
  ];
}

function Tile(props: {
  readonly application: Application;
  readonly reload: () => Promise<void>;
  readonly onFailure: (message: string) => void;
}): React.JSX.Element {
  const { application, reload, onFailure } = props;
  const { metadata, spec, status } = application;
  const sources = sourcesOf(application);
  const [first] = sources;
  const path = `/applications/${metadata.namespace}/${metadata.name}`;
  const page = addressOf(path);
  const onRefresh = async (): Promise<void> => {
    try {
      await refresh(application, 'normal');
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    }
    await reload();
  };
  const rows: readonly Row[] = [
    ['Project:', spec.project],
    [
      'Labels:',
      Object.entries(metadata.labels ?? {})
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ],
    [
      'Status:',
      <>
        <StatusIcon of={healthOf(application)} /> {healthOf(application)} <StatusIcon of={syncStatusOf(application)} />{' '}
        {syncStatusOf(application)}
      </>,
    ],
    ...sourceRows(sources),
    ['Destination:', spec.destination.name ?? 'in-cluster'],
    ['Namespace:', spec.destination.namespace ?? ''],
    ['Created At:', timeOf(metadata.creationTimestamp)],
    ['Last Sync:', timeOf(status?.operationState?.finishedAt)],
  ];
  return (
    <article
      className={`tile tile--${syncStatusOf(application) === 'Synced' ? 'synced' : 'other'}`}
      aria-label={metadata.name}
    >
      <h2 className="tile__title">
        <i className={`fa ${first?.chart === undefined ? 'fa-code-branch' : 'fa-dharmachakra'}`} aria-hidden="true" />{' '}
        <Link to={page}>{metadata.name}</Link>
      </h2>
      <dl className="tile__rows">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        className="argo-button argo-button--base"
        onClick={() => navigate(addressOf(path, { deploy: 'all' }))}
      >
        <i className="fa fa-sync" aria-hidden="true" /> Sync
      </button>{' '}
      <button type="button" className="argo-button argo-button--base" onClick={() => void onRefresh()}>
        <i className="fa fa-redo" aria-hidden="true" /> Refresh
      </button>
    </article>
  );
}
