import type { KeyObject } from 'node:crypto';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { patternText } from './identity.ts';
import { algorithmName, type DigestAlgorithm, digestName } from './key-algorithm.ts';
import { logEntriesOf } from './log-entry.ts';
import { integratedTime, provenIndex } from './log-proof.ts';
import { type CosignKey, hintOf, keyObject } from './public-key.ts';
import { signatureVerifies, type SignatureMaterial } from './signature-material.ts';
import { timestampFault } from './timestamp.ts';
import { trustMaterial } from './trust-root.ts';
import { entityOf, keyEvidenceFault, verifiedTimestamps } from './verifier.ts';
import {
  type SignatureOutcome,
  type Verification,
  refused,
  decided,
  judgeClaims,
  fileNeeded,
  judgeMissingEntry,
  entriesFault,
  DIGEST_ALGORITHMS,
  earliest,
} from './verification.ts';

export function byKey(verification: Verification, hint: string): SignatureOutcome {
  const { checks, requirement, material } = verification;
  const { keys, identities } = requirement;
  if (keys.length === 0) {
    const actual = hint === '' ? 'a key' : `key ${quotable(hint)}`;
    const expected = quotable(identities.map(({ subject }) => patternText(subject)).join(', ') || 'nobody');
    return refused(checks, 'signer-trusted', problem('signed-by-key', { expected, actual }));
  }
  const missing = fileNeeded(
    verification,
    keys.map(({ algorithm }) => algorithm),
  );
  if (missing !== null) return refused(checks, 'signature-valid', missing);
  const found = keyOf(verification);
  if (found === null) return refused(checks, 'signature-valid', keyFault(verification, hint));
  checks.record('signature-valid', null);
  checks.record('signer-trusted', null);
  return judgedByKey(verification, material, found);
}

interface FoundKey {
  readonly key: CosignKey;
  readonly object: KeyObject;
  readonly digest: DigestAlgorithm;
}

/** The first key of the policy that verifies the signature with the policy's digest algorithm, or with another one. */
export function keyOf({ material, requirement }: Verification, digest = requirement.digestAlgorithm): FoundKey | null {
  // The digest that a bundle names for a file is the one that its digest is compared in.
  if (material.signed.kind === 'file' && material.signed.algorithm !== digest) return null;
  for (const key of requirement.keys) {
    const object = keyObject(key.spki, 'spki');
    if (object !== null && signatureVerifies(material, object, key.algorithm, digest)) return { key, object, digest };
  }
  return null;
}

/** Why no key verifies: another digest algorithm, or a key that the bundle names and that does not verify, or neither. */
function keyFault(verification: Verification, hint: string): Problem {
  const { keys, digestAlgorithm } = verification.requirement;
  for (const digest of DIGEST_ALGORITHMS) {
    const found = digest === digestAlgorithm ? null : keyOf(verification, digest);
    if (found !== null) {
      return problem('cosign-digest-algorithm', {
        key: quotable(found.key.name),
        expected: digestName(digestAlgorithm) ?? '',
        actual: digestName(digest) ?? '',
      });
    }
  }
  const named = keys.find((key) => hintOf(key) === hint);
  const ed25519 = (named === undefined ? keys : [named]).filter(({ algorithm }) => algorithm.kind === 'ed25519');
  const names = quotable(keys.map(({ name }) => `"${name}"`).join(', '));
  if (ed25519.length > 0 && (named !== undefined || ed25519.length === keys.length)) {
    return problem('cosign-ed25519-invalid', { keys: quotable(ed25519.map(({ name }) => `"${name}"`).join(', ')) });
  }
  if (named !== undefined) {
    return problem('cosign-signature-invalid', { signer: `the key "${quotable(named.name)}"` });
  }
  const actual = hint === '' ? 'another key' : `key ${quotable(hint)}`;
  return problem('cosign-key-mismatch', {
    expected: `${keys.length === 1 ? 'the key' : 'any of the keys'} ${names}`,
    actual,
  });
}

function judgedByKey(
  verification: Verification,
  material: SignatureMaterial,
  { key, object, digest }: FoundKey,
): SignatureOutcome {
  const { checks, requirement, place } = verification;
  const claims = judgeClaims(verification);
  const entries = logEntriesOf(material.evidence);
  const root = requirement.trustRoot === null ? null : trustMaterial(requirement.trustRoot);
  let logIndex: number | null = null;
  let observed: Date[] = [];
  if (root === null) {
    if (requirement.transparencyLog === 'required') {
      checks.record('transparency-log', problem('trust-root-missing', {}));
    } else {
      checks.skip('transparency-log', entries.length === 0 ? 'does-not-apply' : 'not-looked-up');
    }
  } else if (entries.length === 0) {
    judgeMissingEntry(verification);
  } else {
    const entity = entityOf(material);
    // With a key, a timestamp may tell when the log was asked; what is wrong with one is not the signature's fault.
    const isWhole = timestampFault(material.evidence, root) === null;
    observed = entity === null || !isWhole ? [] : verifiedTimestamps(entity, object, root);
    const signer = { certificate: null, spki: key.spki };
    const fault =
      entity === null
        ? problem('evidence-malformed', {})
        : (entriesFault(verification, root, signer, observed) ?? keyEvidenceFault(entity, object, root)?.problem);
    checks.record('transparency-log', fault ?? null);
    logIndex = entries[0] === undefined ? null : provenIndex(entries[0]);
  }
  const times = [...entries.flatMap((entry) => integratedTime(entry) ?? []), ...observed];
  const isLogged = logIndex !== null && checks.accepts();
  return decided(checks, {
    kind: 'cosign-key',
    keyName: key.name,
    fingerprint: key.fingerprint,
    algorithm: algorithmName(key.algorithm),
    hash: key.algorithm.kind === 'ed25519' ? null : digestName(digest),
    format: material.format,
    location: place,
    logIndex: isLogged ? logIndex : null,
    signedAt: isLogged ? earliest(times) : null,
    claimedReference: claims?.reference ?? null,
  });
}
