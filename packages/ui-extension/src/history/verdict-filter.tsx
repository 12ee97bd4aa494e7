import type { HistoryEntry, OverallStatus } from '@source-integrity/core/contract';
import * as React from 'react';
import { useId } from '../text/use-id.ts';
import { words } from '../words.ts';

/** Chooses the verdict to show; there only where there are several, or one was chosen. */
export function VerdictFilter(props: {
  readonly entries: readonly HistoryEntry[];
  /** Null: all. */
  readonly wanted: OverallStatus | null;
  readonly onChange: (wanted: OverallStatus | null) => void;
}): React.JSX.Element | null {
  const id = useId();
  const present = [...new Set(props.entries.map(({ status }) => status))];
  if (present.length < 2 && props.wanted === null) return null;
  return (
    <div className="si-filter">
      <label htmlFor={id} className="si-label">
        {words.history.show}
      </label>{' '}
      <select
        id={id}
        className="si-select"
        value={props.wanted ?? ''}
        onChange={({ target }) => props.onChange(present.find((status) => status === target.value) ?? null)}
      >
        <option value="">{words.history.all}</option>
        {present.map((status) => (
          <option key={status} value={status}>
            {words.standing[status]}
          </option>
        ))}
      </select>
    </div>
  );
}
