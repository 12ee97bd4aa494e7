import * as React from 'react';
import type { Application } from '../argocd/application.ts';
import { SlidingPanel } from './sliding-panel.tsx';
import { revisionsOf, StatusIcon, timeOf } from './status.tsx';
import { Box } from './summary.tsx';

interface Props {
  readonly application: Application;
  readonly onClose: () => void;
}

/** The last or running operation: *Sync status*. */
export function OperationPanel({ application, onClose }: Props): React.JSX.Element {
  const state = application.status?.operationState;
  return (
    <SlidingPanel label="Sync status" onClose={onClose}>
      {state === undefined ? (
        <p>Nothing has been synced yet.</p>
      ) : (
        <Box
          title="Sync"
          rows={[
            [
              'Phase',
              <>
                <StatusIcon of={state.phase} /> {state.phase}
              </>,
            ],
            ['Message', state.message],
            ['Started at', timeOf(state.startedAt)],
            ['Finished at', timeOf(state.finishedAt)],
            ['Revision', revisionsOf(state.operation.sync)],
            ['Initiated by', state.operation.initiatedBy.username],
          ]}
        />
      )}
    </SlidingPanel>
  );
}

/** What was deployed, the latest first: *History and rollback*. */
export function HistoryPanel({ application, onClose }: Props): React.JSX.Element {
  const deployments = (application.status?.history ?? []).toReversed();
  return (
    <SlidingPanel label="History and rollback" onClose={onClose}>
      {deployments.length === 0 ? <p>Nothing has been deployed yet.</p> : null}
      {deployments.map((deployment) => (
        <Box
          key={deployment.id}
          title={timeOf(deployment.deployedAt)}
          rows={[
            ['Revision', revisionsOf(deployment)],
            ['Initiated by', deployment.initiatedBy.username],
          ]}
        />
      ))}
    </SlidingPanel>
  );
}
