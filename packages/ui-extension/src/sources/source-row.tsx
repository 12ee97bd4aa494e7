import type { SourceKind, SourceReport } from '@source-integrity/core/contract';
import * as React from 'react';
import { isGit } from '../git/commit.ts';
import { gitResult } from '../git/git-results.ts';
import { commitStanding, shortCommit } from '../sentence/git.ts';
import { verdictStanding } from '../sentence/standing.ts';
import { ShortDigest } from '../text/hex.tsx';
import { Icon, StandingLabel } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { useId } from '../text/use-id.ts';
import { words } from '../words.ts';
import { SourceDetails } from './source-details.tsx';
import type { SourceSurroundings } from './surroundings.ts';

const icons: Readonly<Record<SourceKind, string>> = {
  'helm-http': 'anchor',
  'helm-oci': 'anchor',
  oci: 'cube',
  git: 'code-branch',
  ref: 'code-branch',
};

/** One source: what and which it is, its verdict, and its details when open. */
export function SourceRow(
  props: SourceSurroundings & {
    readonly source: SourceReport;
    readonly open: boolean;
    readonly onToggle: (open: boolean) => void;
  },
): React.JSX.Element {
  const { source, open } = props;
  const id = useId();
  const commit = isGit(source) ? gitResult(source, props.git).target : null;
  const checked = commit?.check ?? null;
  return (
    <li className="si-source">
      <h4>
        <button
          type="button"
          className="si-source__row"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={() => props.onToggle(!open)}
        >
          <span className="si-source__kind">
            <Icon name={icons[source.kind]} />
          </span>
          <span className="si-source__what">
            <span className="si-source__name">
              <Text value={source.name} />
            </span>
            <span className="si-source__where">
              <Where source={source} commit={commit?.revision ?? null} />
            </span>
          </span>
          <span className="si-source__verdict">
            <StandingLabel standing={checked === null ? verdictStanding(source.verdict) : commitStanding(checked)} />
            {source.obstacles.length > 0 && source.decision.action === 'deny' && (
              <span className="si-tag si-tone-failed">{words.sources.blocked}</span>
            )}
            {checked !== null && <span className="si-source__by">{words.git.by}</span>}
          </span>
          <span className="si-source__chevron">
            <Icon name={open ? 'chevron-up' : 'chevron-down'} tone="link" />
          </span>
        </button>
      </h4>
      {open && (
        <div id={id} className="si-source__details">
          <SourceDetails {...props} />
        </div>
      )}
    </li>
  );
}

function Where({
  source,
  commit,
}: {
  readonly source: SourceReport;
  /** What a Git source's target came to. */
  readonly commit: string | null;
}): React.JSX.Element {
  const { targetRevision } = source;
  const revision = source.revision ?? (commit === null ? null : shortCommit(commit));
  return (
    <>
      {words.kind[source.kind]} · <Text value={source.repoURL} />
      {source.path !== null && source.path !== '.' && (
        <>
          {' · '}
          <Text value={source.path} />
        </>
      )}
      {targetRevision !== '' && targetRevision !== revision && (
        <>
          {' · '}
          <Text value={targetRevision} />
          {(revision !== null || !isGit(source)) && ' →'}
        </>
      )}
      {revision !== null ? (
        <>
          {targetRevision === revision || targetRevision === '' ? ' · ' : ' '}
          <Text value={revision} />
        </>
      ) : (
        !isGit(source) && <> {words.sources.unresolved}</>
      )}
      {source.digest !== null && (
        <>
          {' · '}
          <ShortDigest value={source.digest} />
        </>
      )}
      {source.ref !== null && (
        <>
          {' · '}
          {words.sources.valuesFor} $
          <Text value={source.ref} />
        </>
      )}
    </>
  );
}
