import type { HistoryEntry, Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { deployedEntry, goodBefore, isDeployed, noveltiesSince, type Novelty } from '../history/deployed.ts';
import { isSettling } from '../sentence/standing.ts';
import { withShortHex } from '../text/grouping.ts';
import { Icon, StandingLabel } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { When } from '../text/when.tsx';
import { words } from '../words.ts';

/** The verdict of what runs, where a sync would bring something else, and what about that is new. */
export function Deployed(props: {
  readonly report: Report;
  readonly history: readonly HistoryEntry[];
}): React.JSX.Element {
  const { report, history } = props;
  // What the report itself was recorded as says nothing of what was found before it.
  const before = history.filter((entry) => Date.parse(entry.checkedAt) < Date.parse(report.checkedAt));
  const entry = deployedEntry(before, report.deployedRevisions);
  const good = isSettling(report) ? undefined : goodBefore(before, report);
  const same = report.sources.every(
    (source, index) => source.revision === null || isDeployed(source, report.deployedRevisions[index]),
  );
  const w = words.deployed;
  return (
    <>
      {entry !== undefined && !same && (
        <p className="si-line">
          <Text value={w.was(withShortHex(report.deployedRevisions.join(', ')))} />{' '}
          <StandingLabel standing={entry.status} /> <When at={entry.checkedAt} as="ago" />
        </p>
      )}
      {good !== undefined && (
        <p className="si-line">
          <Icon name="triangle-exclamation" tone="unknown" /> {w.verdict} <StandingLabel standing={good.status} />{' '}
          <When at={good.checkedAt} as="ago" />
        </p>
      )}
      {(entry === undefined ? [] : noveltiesSince(entry, report)).map((novelty, index) => (
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
