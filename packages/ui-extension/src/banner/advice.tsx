import { type Report, wording } from '@source-integrity/core/contract';
import * as React from 'react';
import { place } from '../policy/proposed-policy.tsx';
import type { Concern } from '../sentence/concerns.ts';
import { signersOf } from '../sentence/signer-name.ts';
import { nounOf } from '../sentence/subject.ts';
import { Icon } from '../text/icon.tsx';
import { Prose } from '../text/prose.tsx';
import { Snippet } from '../text/snippet.tsx';
import { words } from '../words.ts';

/** What to do next and who can do it; where nothing is wrong and nothing required, how to require it. */
export function Advice(props: {
  readonly report: Report;
  readonly concerns: readonly Concern[];
}): React.JSX.Element | null {
  const first = props.concerns[0];
  if (first === undefined) return <Requirable report={props.report} />;
  const { remedy, responsible } = wording(first.problem, first.subject);
  const more = props.concerns.length - 1;
  return (
    <div className="si-advice">
      <Icon name="circle-arrow-right" tone="link" />
      <div>
        <strong>{words.banner.whatToDo}</strong> <Prose value={remedy} />{' '}
        <span className="si-quiet">
          {words.banner.by} {responsible}.{more > 0 && <> {words.banner.more(more)}</>}
        </span>
      </div>
    </div>
  );
}

/** What to do about a commit that Argo CD itself refuses. */
export function GitAdvice({ project }: { readonly project: string }): React.JSX.Element {
  return (
    <div className="si-advice">
      <Icon name="circle-arrow-right" tone="link" />
      <div>
        <strong>{words.banner.whatToDo}</strong> <Prose value={words.git.whatToDo(project)} />{' '}
        <span className="si-quiet">
          {words.banner.by} {words.git.responsible}.
        </span>
      </div>
    </div>
  );
}

function Requirable({ report }: { readonly report: Report }): React.JSX.Element | null {
  const source = report.sources[0];
  if (source === undefined || report.sources.length > 1 || source.proposedPolicy === null) return null;
  if (report.status !== 'not-required' || signersOf(source.verdict).length === 0) return null;
  return (
    <div className="si-advice">
      <Icon name="circle-arrow-right" tone="link" />
      <div>
        <strong>{words.banner.requireFromNow}</strong>
        <Snippet value={source.proposedPolicy} what={words.proposed.copy} />
        <span className="si-quiet">
          <Prose value={place(source)} /> {words.banner.trustCaution(nounOf(source))}
        </span>
      </div>
    </div>
  );
}
