import type { HistoryEntry, Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { deployedEntry, isDeployed, noveltiesSince, type Novelty } from '../history/deployed.ts';
import { withShortHex } from '../text/grouping.ts';
import { Icon, StandingLabel } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { When } from '../text/when.tsx';
import { words } from '../words.ts';

/** The verdict of what runs, where a sync would bring something else, and what about that is new. */
export function Deployed(props: {
  readonly report: Report;
  readonly history: readonly HistoryEntry[];
}): React.JSX.Element | null {
  const { report, history } = props;
  // What the report itself was recorded as says nothing of what was found before it.
  const before = history.filter((entry) => Date.parse(entry.checkedAt) < Date.parse(report.checkedAt));
  const entry = deployedEntry(before, report.deployedRevisions);
  if (entry === undefined) return null;
  const same = report.sources.every(
    (source, index) => source.revision === null || isDeployed(source, report.deployedRevisions[index]),
  );
  const novelties = noveltiesSince(entry, report);
  if (same && novelties.length === 0) return null;
  const w = words.deployed;
  return (
    <>
      {!same && (
        <p className="si-line">
          <Text value={w.was(withShortHex(report.deployedRevisions.join(', ')))} />{' '}
          <StandingLabel standing={entry.status} /> <When at={entry.checkedAt} as="ago" />
        </p>
      )}
      {novelties.map((novelty, index) => (
        <p key={index} className="si-line">
          <Icon name="triangle-exclamation" tone="unknown" /> <Text value={said(novelty)} />
        </p>
      ))}
    </>
  );
}

function said(novelty: Novelty): string {
  const w = words.deployed;
  switch (novelty.kind) {
    case 'signer':
      return w.signer(novelty.source, novelty.now, novelty.before);
    case 'unsigned':
      return w.unsigned(novelty.source, novelty.before);
    case 'bytes':
      return w.bytes(novelty.source, novelty.revision);
  }
}
