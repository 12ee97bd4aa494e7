import type { Digest, Keys, Report } from '@source-integrity/core/contract';
import type { Answer } from '../client/api.ts';
import type { GitState } from '../git/git-results.ts';

/** What the details of a source need besides its report. */
export interface SourceSurroundings {
  readonly report: Report;
  readonly keys: Keys | null;
  readonly git: GitState;
  readonly evidence: (digest: Digest) => Promise<Answer<Blob>>;
}
