import type { Digest, Keys, Report } from '@source-integrity/core/contract';
import type { Answer } from '../client/api.ts';

/** What the details of a source need besides its report. */
export interface SourceSurroundings {
  readonly report: Report;
  readonly keys: Keys | null;
  readonly evidence: (digest: Digest) => Promise<Answer<Blob>>;
}
