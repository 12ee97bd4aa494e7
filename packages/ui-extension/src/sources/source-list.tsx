import type { SourceReport } from '@source-integrity/core/contract';
import * as React from 'react';
import { gitResults, isRefused } from '../git/git-results.ts';
import { words } from '../words.ts';
import { SourceRow } from './source-row.tsx';
import type { SourceSurroundings } from './surroundings.ts';

/** A row for each source, in the Application's order. */
export function SourceList(props: SourceSurroundings): React.JSX.Element {
  const { sources } = props.report;
  const refused = gitResults(props.report, props.git).filter(isRefused);
  // What somebody opened or closed stays so; what nobody touched is open where it needs to be looked at.
  const [touched, touch] = React.useState<ReadonlyMap<number, boolean>>(() => new Map());
  return (
    <section className="si-box white-box" aria-label={words.sources.heading}>
      <h3 className="si-heading">{words.sources.heading}</h3>
      {sources.length === 0 && <div className="si-padded">{words.sources.none}</div>}
      <ul className="si-sources">
        {sources.map((source) => (
          <SourceRow
            key={source.index}
            {...props}
            source={source}
            open={
              touched.get(source.index) ??
              (opensByItself(source, sources.length) || refused.some((each) => each.source === source))
            }
            onToggle={(open) => touch(new Map(touched).set(source.index, open))}
          />
        ))}
      </ul>
    </section>
  );
}

function opensByItself(source: SourceReport, siblings: number): boolean {
  if (siblings === 1) return true;
  return source.decision.action !== 'allow' || ['failed', 'unsigned'].includes(source.verdict.status);
}
