import type { SignatureQuestion } from '@source-integrity/core';
import { ARTIFACT, asCandidate, LATER } from '../../../core/test/cosign/fake-sigstore.ts';
import { bundle, KEYLESS } from '../../../core/test/cosign/world.ts';

/** A good keyless signature and everything that it is judged by. Each call gives evidence of its own. */
export function keylessQuestion(change: Partial<SignatureQuestion> = {}): SignatureQuestion {
  return {
    artifact: ARTIFACT,
    discovered: {
      candidates: [asCandidate(bundle())],
      searched: [{ kind: 'fallback-tag', location: 'registry.test/acme/config', found: '1 referrer' }],
    },
    requirement: KEYLESS,
    now: LATER,
    ...change,
  };
}
