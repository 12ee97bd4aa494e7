import * as React from 'react';
import type { Application } from '../argocd/application.ts';
import { refresh, terminate } from './api.ts';
import { DetailsPanel } from './details-panel.tsx';
import { statusPanelExtensions } from './extensions-api.ts';
import { HistoryPanel, OperationPanel } from './history-panel.tsx';
import { Link } from './link.tsx';
import { addressOf, navigate, withParameters } from './location.ts';
import { SlidingPanel } from './sliding-panel.tsx';
import { ago, healthOf, revisionsOf, StatusIcon, syncStatusOf } from './status.tsx';
import { SyncPanel } from './sync-panel.tsx';
import { treeOf } from './tree.ts';

/** One Application: toolbar, status panel, tree, and the panel that slides over them. */
export function ApplicationPage(props: {
  readonly application: Application;
  /** An Application that this one deploys, if its panel is open. */
  readonly child: Application | null;
  readonly search: URLSearchParams;
  readonly reload: () => Promise<void>;
  readonly onFailure: (message: string) => void;
}): React.JSX.Element {
  const { application, search, reload, onFailure } = props;
  const [refreshing, setRefreshing] = React.useState(false);
  const close = React.useCallback(() => navigate(withParameters(CLOSED)), []);
  const attempt = async (action: Promise<void>): Promise<void> => {
    try {
      await action;
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    }
    await reload();
  };
  const onRefresh = async (kind: 'normal' | 'hard'): Promise<void> => {
    setRefreshing(true);
    await attempt(refresh(application, kind));
    setRefreshing(false);
  };
  const running = application.operation !== undefined;
  const flyout = statusPanelExtensions().find(({ id }) => id === search.get('extension'))?.flyout;
  return (
    <>
      <header className="top-bar">
        <div className="top-bar__title">
          <div className="top-bar__crumbs">
            <Link to={addressOf('/applications')}>Applications</Link>
            <span className="top-bar__slash" aria-hidden="true" />
            <h1>
              <i className="fa fa-search" aria-hidden="true" /> {application.metadata.name}
            </h1>
          </div>
          <span className="top-bar__view">Application details tree</span>
        </div>
        <div className="top-bar__actions" role="toolbar" aria-label="Application">
          <Action icon="fa-info-circle" title="Details" onClick={open({ tab: 'summary' })} />
          <Action icon="fa-file-medical" title="Diff" disabled />
          {running ? (
            <Action icon="fa-times-circle" title="Terminate" onClick={() => void attempt(terminate(application))} />
          ) : (
            <Action icon="fa-sync" title="Sync" onClick={open({ deploy: 'all' })} />
          )}
          <Action icon="fa-info-circle" title="Sync status" onClick={open({ operation: 'true' })} />
          <Action icon="fa-history" title="History and rollback" onClick={open({ rollback: '0' })} />
          <Action icon="fa-times-circle" title="Delete" disabled />
          <Action
            icon={refreshing ? 'fa-redo fa-spin' : 'fa-redo'}
            title="Refresh"
            onClick={() => void onRefresh('normal')}
          />
          <Action icon="fa-redo" title="Hard refresh" onClick={() => void onRefresh('hard')} />
        </div>
      </header>
      <StatusPanel application={application} onExtension={(id) => open({ extension: id })()} />
      <div className="tree">
        <button type="button" className="tree__node" onClick={open({ tab: 'summary' })}>
          <span className="tree__circle">
            <i className="fa fa-cube" aria-hidden="true" />
          </span>
          <span className="tree__name">
            {application.metadata.name}
            <span className="tree__signs">
              <StatusIcon of={healthOf(application)} /> <StatusIcon of={syncStatusOf(application)} />
            </span>
          </span>
          <span className="tree__age">{ago(application.metadata.creationTimestamp).replace(' ago', '')}</span>
        </button>
      </div>
      {search.has('tab') ? (
        <DetailsPanel
          application={application}
          resource={props.child ?? application}
          tab={search.get('tab') ?? ''}
          onClose={close}
        />
      ) : search.has('deploy') ? (
        <SyncPanel application={application} reload={reload} onClose={close} onFailure={onFailure} />
      ) : search.has('operation') ? (
        <OperationPanel application={application} onClose={close} />
      ) : search.has('rollback') ? (
        <HistoryPanel application={application} onClose={close} />
      ) : flyout === undefined ? null : (
        <SlidingPanel label="Extension" onClose={close}>
          {React.createElement(flyout, { application, tree: treeOf(application) })}
        </SlidingPanel>
      )}
    </>
  );
}

/** Opens one panel in place of any other. */
function open(panel: Readonly<Record<string, string>>): () => void {
  return () => navigate(withParameters({ ...CLOSED, ...panel }));
}

const CLOSED = { node: null, tab: null, deploy: null, operation: null, rollback: null, extension: null };

function Action(props: {
  readonly icon: string;
  readonly title: string;
  readonly disabled?: boolean;
  readonly onClick?: () => void;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className="argo-button argo-button--base"
      disabled={props.disabled === true}
      onClick={props.onClick}
    >
      <i className={`fa ${props.icon}`} aria-hidden="true" /> {props.title}
    </button>
  );
}

function StatusPanel(props: {
  readonly application: Application;
  readonly onExtension: (id: string) => void;
}): React.JSX.Element {
  const { application, onExtension } = props;
  const { status, spec } = application;
  const state = status?.operationState;
  const synced = syncStatusOf(application);
  const [condition] = status?.conditions ?? [];
  return (
    <div className="application-status-panel" role="group" aria-label="Status">
      <div className="application-status-panel__item">
        <label>App health</label>
        <div className="application-status-panel__item-value">
          <StatusIcon of={healthOf(application)} /> {healthOf(application)}
        </div>
      </div>
      <div className="application-status-panel__item">
        <label>Sync status</label>
        <div className="application-status-panel__item-value">
          <StatusIcon of={synced} /> {synced}{' '}
          <small>
            {revisionsOf(status?.sync) === ''
              ? ''
              : `${synced === 'Synced' ? 'to' : 'from'} ${revisionsOf(status?.sync)}`}
          </small>
        </div>
        <div className="application-status-panel__item-name">
          {spec.syncPolicy?.automated === undefined ? 'Auto sync is not enabled.' : 'Auto sync is enabled.'}
        </div>
      </div>
      {state === undefined ? null : (
        <div className="application-status-panel__item">
          <label>{state.finishedAt === undefined ? 'Syncing' : 'Last sync'}</label>
          <div className="application-status-panel__item-value">
            <StatusIcon of={state.phase} /> {PHASES[state.phase]} <small>to {revisionsOf(state.operation.sync)}</small>
          </div>
          <div className="application-status-panel__item-name">
            {state.phase} {ago(state.finishedAt ?? state.startedAt)}
          </div>
        </div>
      )}
      {condition === undefined ? null : (
        <div className="application-status-panel__item">
          <label>App conditions</label>
          <div className="application-status-panel__item-value">
            <StatusIcon of="Error" /> 1 Error
          </div>
          <div className="application-status-panel__item-name" title={condition.message}>
            {condition.type}
          </div>
        </div>
      )}
      {statusPanelExtensions().map(({ id, component: Extension }) => (
        <Extension key={id} application={application} openFlyout={() => onExtension(id)} />
      ))}
    </div>
  );
}

const PHASES = {
  Running: 'Syncing',
  Terminating: 'Terminating',
  Succeeded: 'Sync OK',
  Failed: 'Sync failed',
  Error: 'Sync error',
};
