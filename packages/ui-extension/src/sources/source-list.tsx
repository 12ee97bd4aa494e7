import type { SourceReport } from '@source-integrity/core/contract';
import * as React from 'react';
import { gitResults, isRefused } from '../git/git-results.ts';
import { applicationSubject } from '../sentence/subject.ts';
import { words } from '../words.ts';
import { ProblemList } from './problem-list.tsx';
import { SourceRow } from './source-row.tsx';
import type { SourceSurroundings } from './surroundings.ts';

/** More than these do not open by themselves: what concerns all sources is told by the first. */
const OPEN_AT_FIRST = 5;
/** Rows that are drawn at a time, so that the page stays responsive. */
const DRAWN_AT_ONCE = 10;

/** A row for each source, in the Application's order. */
export function SourceList(props: SourceSurroundings): React.JSX.Element {
  const { problems, sources } = props.report;
  const drawn = useGrowing(sources.length);
  const refused = gitResults(props.report, props.git).filter(isRefused);
  const open = new Set(
    sources
      .filter((source) => opensByItself(source, sources.length) || refused.some((each) => each.source === source))
      .slice(0, OPEN_AT_FIRST),
  );
  // What somebody opened or closed stays so; what nobody touched is open where it needs to be looked at.
  const [touched, touch] = React.useState<ReadonlyMap<number, boolean>>(() => new Map());
  return (
    <section className="si-box white-box" aria-label={words.sources.heading}>
      <h3 className="si-heading">{words.sources.heading}</h3>
      {problems.length > 0 && (
        <div className="si-padded">
          <ProblemList
            heading={words.sources.problems}
            level="h4"
            concerns={problems.map((problem) => ({ subject: applicationSubject(props.report), problem }))}
          />
        </div>
      )}
      {sources.length === 0 && <div className="si-padded">{words.sources.none}</div>}
      <ul className="si-sources">
        {sources.slice(0, drawn).map((source) => (
          <SourceRow
            key={source.index}
            {...props}
            source={source}
            open={touched.get(source.index) ?? open.has(source)}
            onToggle={(opened) => touch(new Map(touched).set(source.index, opened))}
          />
        ))}
      </ul>
    </section>
  );
}

function useGrowing(length: number): number {
  const [drawn, draw] = React.useState(DRAWN_AT_ONCE);
  React.useEffect(() => {
    if (drawn >= length) return undefined;
    const timer = setTimeout(() => draw(drawn + DRAWN_AT_ONCE), 0);
    return () => clearTimeout(timer);
  }, [drawn, length]);
  return drawn;
}

function opensByItself(source: SourceReport, siblings: number): boolean {
  if (siblings === 1) return true;
  return source.decision.action !== 'allow' || ['failed', 'unsigned'].includes(source.verdict.status);
}
