import * as React from 'react';
import { type Application, sourcesOf } from '../argocd/application.ts';
import { sync } from './api.ts';
import { SlidingPanel } from './sliding-panel.tsx';

const FLAGS = ['Prune', 'Dry run', 'Apply only', 'Force'] as const;
type Flag = (typeof FLAGS)[number];

const SYNC_OPTIONS = [
  ['Skip schema validation', 'Validate=false'],
  ['Auto-create namespace', 'CreateNamespace=true'],
  ['Apply out of sync only', 'ApplyOutOfSyncOnly=true'],
  ['Respect ignore differences', 'RespectIgnoreDifferences=true'],
  ['Server-side apply', 'ServerSideApply=true'],
  ['Prune last', 'PruneLast=true'],
  ['Replace', 'Replace=true'],
] as const;

/** The panel behind *Sync*: what to sync, and how. */
export function SyncPanel(props: {
  readonly application: Application;
  readonly reload: () => Promise<void>;
  readonly onClose: () => void;
  readonly onFailure: (message: string) => void;
}): React.JSX.Element {
  const { application, reload, onClose, onFailure } = props;
  const sources = sourcesOf(application);
  const [first] = sources;
  const several = sources.length > 1;
  const [revision, setRevision] = React.useState(first?.targetRevision ?? 'HEAD');
  const [flags, setFlags] = React.useState<ReadonlySet<Flag>>(new Set());
  const [options, setOptions] = React.useState<ReadonlySet<string>>(new Set());
  const [pending, setPending] = React.useState(false);

  const synchronize = async (): Promise<void> => {
    setPending(true);
    const force = flags.has('Force');
    try {
      await sync(application, {
        revision: several ? '' : revision,
        prune: flags.has('Prune'),
        dryRun: flags.has('Dry run'),
        strategy: flags.has('Apply only') ? { apply: { force } } : { hook: { force } },
        syncOptions: [...options],
      });
      onClose();
    } catch (error) {
      // The toast joins what the webhook wrote in lines.
      const message = error instanceof Error ? error.message : String(error);
      onFailure(`Unable to sync: ${message.replace(/\s*\n\s*/g, ' ')}`);
      setPending(false);
    }
    await reload();
  };

  return (
    <SlidingPanel
      label={`Sync ${application.metadata.name}`}
      narrow
      onClose={onClose}
      header={
        <>
          <button
            type="button"
            className="argo-button argo-button--base"
            disabled={pending}
            onClick={() => void synchronize()}
          >
            Synchronize
          </button>{' '}
          <button type="button" className="argo-button argo-button--base-o" onClick={onClose}>
            Cancel
          </button>
        </>
      }
    >
      {several ? (
        <>
          <p>Synchronizing application manifests from {sources.length} sources</p>
          <ul className="sync__sources">
            {sources.map((source, index) => (
              <li key={index}>
                {source.repoURL} {source.chart} <strong>{source.targetRevision ?? 'HEAD'}</strong>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <>
          <p className="sync__from">
            Synchronizing application manifests from <a href={first?.repoURL}>{first?.repoURL}</a>
          </p>
          <label className="sync__revision">
            Revision
            <input value={revision} onChange={({ target }) => setRevision(target.value)} />
          </label>
        </>
      )}
      <div className="sync__flags">
        {FLAGS.map((flag) => (
          <Choice key={flag} title={flag} chosen={flags.has(flag)} onChange={() => setFlags(toggled(flags, flag))} />
        ))}
      </div>
      <p className="sync__heading">Sync options</p>
      <div className="sync__options">
        {SYNC_OPTIONS.map(([title, option]) => (
          <Choice
            key={option}
            title={title}
            chosen={options.has(option)}
            onChange={() => setOptions(toggled(options, option))}
          />
        ))}
      </div>
    </SlidingPanel>
  );
}

function Choice(props: {
  readonly title: string;
  readonly chosen: boolean;
  readonly onChange: () => void;
}): React.JSX.Element {
  return (
    <label className="sync__choice">
      <input type="checkbox" checked={props.chosen} onChange={props.onChange} /> {props.title}
    </label>
  );
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
