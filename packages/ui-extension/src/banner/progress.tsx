import { PhaseName, type Job, wording } from '@source-integrity/core/contract';
import * as React from 'react';
import type { VerificationState } from '../client/state.ts';
import { FailureLine } from '../failure/failure-notice.tsx';
import { Icon } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';

/** A verification under way, phase by phase; the verdict above it is still the one before. */
export function Progress(props: {
  readonly verification: VerificationState;
  readonly subject: string;
}): React.JSX.Element | null {
  const { verification } = props;
  switch (verification.phase) {
    case 'idle':
    case 'done':
      return null;
    case 'requested':
      return <Phases phases={[]} />;
    case 'running':
      return <Phases phases={verification.job.phases} />;
    case 'refused':
      return (
        <>
          <p className="si-line">{words.banner.refused}</p>
          <FailureLine failure={verification.failure} />
        </>
      );
    case 'failed': {
      const said =
        verification.problem === null ? null : wording(verification.problem, `verification of ${props.subject}`);
      return (
        <p className="si-line">
          <Icon name="triangle-exclamation" tone="unknown" /> {words.banner.endedWithout}{' '}
          {said !== null && <Text value={`${said.sentence} ${said.remedy}`} />}
        </p>
      );
    }
  }
}

function Phases({ phases }: { readonly phases: Job['phases'] }): React.JSX.Element {
  return (
    <ol className="si-phases">
      {PhaseName.options.map((name) => {
        const phase = phases.find((each) => each.name === name);
        const state = phase === undefined ? 'later' : phase.finishedAt === null ? 'now' : 'over';
        const icon = { later: 'circle', now: 'circle-notch fa-spin', over: 'check' }[state];
        return (
          <li
            key={name}
            className={`si-phases__item si-phases__item--${state}`}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            <Icon name={icon} /> {words.phase[name]}
          </li>
        );
      })}
    </ol>
  );
}
