import * as React from 'react';
import { commitStanding } from '../sentence/git.ts';
import { Fact, Facts } from '../text/facts.tsx';
import { Hex } from '../text/hex.tsx';
import { StandingLabel } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';
import type { CommitCheck } from './commit-check.ts';
import type { CheckedCommit, GitResult } from './git-results.ts';

const w = words.git;

/** What Argo CD says of the commits of one Git source. */
export function CommitFacts(props: { readonly result: GitResult; readonly project: string }): React.JSX.Element {
  const { source, target, deployed } = props.result;
  return (
    <section className="si-commit">
      <h5 className="si-label">{w.heading}</h5>
      {target === null ? (
        <p className="si-line">
          <Text value={w.unresolved(source.targetRevision)} />
        </p>
      ) : (
        <One name={w.target} commit={target} project={props.project} />
      )}
      {deployed !== null && <One name={w.deployed} commit={deployed} project={props.project} />}
      <p className="si-quiet si-line">{w.caution}</p>
    </section>
  );
}

function One(props: {
  readonly name: string;
  readonly commit: CheckedCommit;
  readonly project: string;
}): React.JSX.Element {
  const { check, revision } = props.commit;
  const reasons = check?.state === 'failed' || check?.state === 'unsigned' ? check.reasons : [];
  return (
    <Facts>
      <Fact name={props.name}>
        <Hex value={revision} what="commit" />
      </Fact>
      {check !== null && (
        <Fact name={w.result}>
          <StandingLabel standing={commitStanding(check)} /> <Text value={said(check, props.project)} />
        </Fact>
      )}
      {reasons.length > 0 && (
        <Fact name={w.reasons}>
          <ul>
            {reasons.map((reason, index) => (
              <li key={index}>
                <Text value={reason} />
              </li>
            ))}
          </ul>
        </Fact>
      )}
    </Facts>
  );
}

function said(check: CommitCheck, project: string): string {
  switch (check.state) {
    case 'passed':
      return w.state.passed(check.checks.join(', '));
    case 'signed':
      return `${check.said}. ${w.state.signed}`;
    case 'no-policy':
      return w.state['no-policy'](project);
    case 'unreadable':
      return `${w.unreadable[check.why]}${check.detail === '' ? '' : ` ${words.failureDetail.said} ${check.detail}`}`;
    case 'asking':
    case 'failed':
    case 'unsigned':
      return w.state[check.state];
  }
}
