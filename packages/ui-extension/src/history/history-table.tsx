import type { History, HistoryEntry, OverallStatus } from '@source-integrity/core/contract';
import * as React from 'react';
import type { Loaded, Older } from '../client/state.ts';
import { FailureLine } from '../failure/failure-notice.tsx';
import { signerName } from '../sentence/signer-name.ts';
import { Action } from '../text/action.tsx';
import { StandingLabel } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { When } from '../text/when.tsx';
import { words } from '../words.ts';
import { changesOf, type Changes } from './changes.ts';
import { deployedEntry } from './deployed.ts';
import { VerdictFilter } from './verdict-filter.tsx';

/** A row for each verification that took place, the newest first. */
export function HistoryTable(props: {
  readonly history: Loaded<History>;
  readonly older: Older;
  readonly deployed: readonly string[];
  /** Whether some of the sources are verified by Argo CD. */
  readonly withGit: boolean;
  readonly onLoad: () => void;
}): React.JSX.Element {
  return (
    <section className="si-box white-box" aria-label={words.history.heading}>
      <h3 className="si-heading">{words.history.heading}</h3>
      <Content {...props} />
      {props.withGit && <div className="si-padded si-quiet">{words.history.git}</div>}
    </section>
  );
}

function Content(props: {
  readonly history: Loaded<History>;
  readonly older: Older;
  readonly deployed: readonly string[];
  readonly onLoad: () => void;
}): React.JSX.Element {
  const w = words.history;
  const [wanted, setWanted] = React.useState<OverallStatus | null>(null);
  switch (props.history.phase) {
    case 'absent':
    case 'loading':
      return <div className="si-padded">{words.loading}</div>;
    case 'failed':
      return (
        <div className="si-padded">
          <FailureLine failure={props.history.failure} onRetry={props.onLoad} />
        </div>
      );
    case 'shown': {
      const { entries, next } = props.history.value;
      if (entries.length === 0) return <div className="si-padded">{w.empty}</div>;
      const changes = changesOf(entries);
      const deployed = deployedEntry(entries, props.deployed);
      const shown = entries.filter(({ status }) => wanted === null || status === wanted);
      return (
        <>
          <VerdictFilter entries={entries} wanted={wanted} onChange={setWanted} />
          {shown.length === 0 && <div className="si-padded">{w.noneSuch}</div>}
          <table className="si-table si-table--wide">
            <thead>
              <tr>
                <th scope="col">{w.revision}</th>
                <th scope="col">{w.verdict}</th>
                <th scope="col">{w.signer}</th>
                <th scope="col">{w.checked}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((entry) => (
                <Row
                  key={entry.id}
                  entry={entry}
                  changes={changes[entries.indexOf(entry)]}
                  deployed={entry === deployed}
                />
              ))}
            </tbody>
          </table>
          {next !== null && (
            <div className="si-padded">
              <Action icon="clock-rotate-left" busy={props.older.phase === 'asked'} onClick={props.onLoad}>
                {w.more}
              </Action>
              {props.older.phase === 'failed' && <FailureLine failure={props.older.failure} />}
            </div>
          )}
        </>
      );
    }
  }
}

function Row(props: {
  readonly entry: HistoryEntry;
  readonly changes: Changes | undefined;
  readonly deployed: boolean;
}): React.JSX.Element {
  const { entry, changes } = props;
  const w = words.history;
  const signers = [...new Set(entry.sources.flatMap((source) => source.signers.map(signerName)))];
  return (
    <tr>
      <td data-label={w.revision}>
        <div className="si-tagged">
          <div>
            {entry.sources.map((source, index) => (
              <div key={index}>
                {entry.sources.length > 1 && <Text value={`${source.name} `} />}
                {source.revision === null && source.status === 'not-required' ? (
                  entry.sources.length === 1 && w.nobody
                ) : (
                  <Text value={source.revision ?? words.sources.unresolved} />
                )}
              </div>
            ))}
          </div>
          {props.deployed && <span className="si-tag">{w.deployed}</span>}
          {changes?.bytes === true && <span className="si-tag si-tone-unknown">{w.bytesChanged}</span>}
        </div>
      </td>
      <td data-label={w.verdict}>
        <div className="si-tagged">
          <StandingLabel standing={entry.status} />
          {changes !== undefined && changes.verdict !== null && (
            <span className={`si-tag si-tone-${changes.verdict === 'verified' ? 'failed' : 'unknown'}`}>
              {w.was(words.standing[changes.verdict])}
            </span>
          )}
        </div>
      </td>
      <td data-label={w.signer}>
        <div className="si-tagged">
          <div>
            {signers.length === 0 && w.nobody}
            {signers.map((name) => (
              <div key={name}>
                <Text value={name} />
              </div>
            ))}
          </div>
          {changes?.signer === true && <span className="si-tag si-tone-unknown">{w.signerChanged}</span>}
        </div>
      </td>
      <td data-label={w.checked}>
        <div>
          <When at={entry.checkedAt} as="ago" />
          <div className="si-quiet">{words.trigger[entry.trigger]}</div>
        </div>
      </td>
    </tr>
  );
}
