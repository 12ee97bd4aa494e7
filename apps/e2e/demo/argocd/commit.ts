import { createHash } from 'node:crypto';
import type { Source } from './application.ts';

/** No Git repository is behind the demo's Git sources: a stand-in for the commit that a branch is at. */
export function commitOf(source: Source, targetRevision: string): string {
  if (/^[0-9a-f]{40}$/.test(targetRevision)) return targetRevision;
  return createHash('sha1').update(`${source.repoURL} ${targetRevision}`).digest('hex');
}
