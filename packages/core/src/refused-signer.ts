import type { Observation } from './verdict/verdict.ts';

/** Problems that trusting somebody else, or by another trust root or digest algorithm, does away with. */
const OF_SIGNERS: ReadonlySet<string> = new Set([
  'signer-not-trusted',
  'signed-by-key',
  'signed-by-certificate',
  'cosign-key-mismatch',
  'cosign-digest-algorithm',
  'identity-mismatch',
  'issuer-mismatch',
  'identity-matches-part',
  'certificate-untrusted',
  'certificate-timestamp-invalid',
  'timestamp-invalid',
  'log-unknown',
]);

/** Whether nothing is wrong with what was found but who made the signature. */
export function isRefusedForItsSigner(observation: Observation): boolean {
  return observation.status === 'failed' && observation.problems.every(({ code }) => OF_SIGNERS.has(code));
}
