import type { SourceReport } from '@source-integrity/core/contract';
import * as React from 'react';
import { nounOf } from '../sentence/subject.ts';
import { Prose } from '../text/prose.tsx';
import { Snippet } from '../text/snippet.tsx';
import { words } from '../words.ts';

/** The entry that would accept exactly this signer, with what accepting means. */
export function ProposedPolicy({ source }: { readonly source: SourceReport }): React.JSX.Element | null {
  if (source.proposedPolicy === null || source.verdict.status === 'verified') return null;
  return (
    <section>
      <h5 className="si-label">{words.proposed.heading}</h5>
      <Snippet value={source.proposedPolicy} what={words.proposed.copy} />
      <p className="si-quiet">
        <Prose value={place(source)} /> {words.banner.trustCaution(nounOf(source))}
      </p>
    </section>
  );
}

/** The entry that is in force would be found first. */
export function place({ policy }: Pick<SourceReport, 'policy'>): string {
  const lists = policy.requirements
    .filter(({ mode }) => mode !== 'none')
    .map(({ ref }) => `${ref.entry} › ${ref.list}`);
  return lists.length === 0 ? words.proposed.whereNew : words.proposed.where([...new Set(lists)].join(', '));
}
