import * as React from 'react';
import { type Application, sourcesOf } from '../argocd/application.ts';
import { healthOf, revisionsOf, StatusIcon, syncStatusOf, timeOf } from './status.tsx';

type Row = readonly [label: string, value: React.ReactNode];

/** Argo CD's own Summary tab. */
export function Summary({ application }: { readonly application: Application }): React.JSX.Element {
  const { metadata, spec, status } = application;
  const { destination } = spec;
  const rows: readonly Row[] = [
    ['Project', spec.project],
    ['Annotations', pairs(metadata.annotations)],
    ['Cluster', destination.name ?? `in-cluster (${destination.server ?? ''})`],
    ['Namespace', destination.namespace ?? ''],
    ['Created at', timeOf(metadata.creationTimestamp)],
    ['Sync options', ''],
    ['Retry options', 'Retry disabled'],
    [
      'Status',
      <>
        <StatusIcon of={syncStatusOf(application)} /> {syncStatusOf(application)}
        {revisionsOf(status?.sync) === '' ? '' : ` (${revisionsOf(status?.sync)})`}
      </>,
    ],
    [
      'Health',
      <>
        <StatusIcon of={healthOf(application)} /> {healthOf(application)}
      </>,
    ],
    ...(status?.conditions ?? []).map(({ type, message }): Row => [type, message]),
  ];
  return (
    <>
      <Box title={metadata.name} rows={rows} />
      {sourcesOf(application).map((source, index, all) => (
        <Box
          key={index}
          title={all.length > 1 ? `Source ${index + 1}` : 'Source'}
          rows={[
            ['Repo URL', source.repoURL],
            ...(source.chart === undefined
              ? ([
                  ['Target revision', source.targetRevision ?? 'HEAD'],
                  ['Path', source.path ?? ''],
                ] as const)
              : ([
                  ['Chart', source.chart],
                  ['Version', source.targetRevision ?? ''],
                ] as const)),
            ...(source.ref === undefined ? [] : ([['Ref', source.ref]] as const)),
          ]}
        />
      ))}
    </>
  );
}

export function Box(props: { readonly title: string; readonly rows: readonly Row[] }): React.JSX.Element {
  return (
    <div className="white-box">
      <p>{props.title}</p>
      {props.rows.map(([label, value]) => (
        <div className="row white-box__details-row" key={label}>
          <div className="columns small-3">{label}</div>
          <div className="columns small-9">{value}</div>
        </div>
      ))}
    </div>
  );
}

function pairs(record: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(record ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
