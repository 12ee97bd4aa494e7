import { createHash, type KeyObject } from 'node:crypto';
import type { TrustMaterial } from '@sigstore/verify';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { Check, CosignSigner, NonEmpty } from '../verdict/verdict.ts';
import { readBundle } from './bundle.ts';
import type { SignatureCandidate } from './candidate.ts';
import { readCertificate, type SigningCertificate } from './certificate.ts';
import { Checklist } from './checks.ts';
import { type Claims, claimsFault, readSimpleSigning, readStatement, SIGNATURE_PREDICATE } from './claims.ts';
import { patternText } from './identity.ts';
import { matchIdentity, subjectsThatCount } from './identity-match.ts';
import { algorithmName, type DigestAlgorithm, digestName } from './key-algorithm.ts';
import {
  bindingFault,
  integratedTime,
  logEntriesOf,
  logValidityFault,
  type ObservedSigner,
  proofFault,
  provenIndex,
} from './log-entry.ts';
import { type CosignKey, hintOf, keyObject } from './public-key.ts';
import type { CosignRequirement, SignedArtifact } from './requirement.ts';
import { certificateDigests, signatureVerifies, type SignatureMaterial } from './signature-material.ts';
import { readLegacySignature } from './simple-signing.ts';
import { trustMaterial } from './trust-root.ts';
import { certificateEvidenceFault, type Entity, entityOf, keyEvidenceFault, verifiedTimestamps } from './verifier.ts';

export type SignatureOutcome =
  | { readonly outcome: 'accepted'; readonly signer: CosignSigner; readonly checks: Check[] }
  | {
      readonly outcome: 'refused';
      readonly problems: NonEmpty<Problem>;
      /** Who made the signature, where that much could be told. */
      readonly signer: CosignSigner | null;
      readonly checks: Check[];
      /** The number of checks that passed. */
      readonly passed: number;
    }
  | { readonly outcome: 'attestation'; readonly predicateType: string };

/**
 * Whether one signature is for this artifact and by whom the requirement trusts, as `cosign verify` 3.1 would say,
 * with the stricter rules of docs. Pure and synchronous: 1 ms with a key, 10–20 ms with a certificate.
 */
export function verifySignature(
  candidate: SignatureCandidate,
  artifact: SignedArtifact,
  requirement: CosignRequirement,
  now: Date,
): SignatureOutcome {
  const file = artifact.kind === 'file' ? artifact.content : null;
  const read =
    candidate.format === 'bundle'
      ? readBundle(candidate.content, file)
      : readLegacySignature(candidate.content, candidate.annotations);
  const checks = new Checklist();
  checks.record('signature-found', null);
  if ('problem' in read) return refused(checks, 'signature-valid', read.problem);
  const { material } = read;

  if (material.signed.kind === 'statement') {
    const { predicateType } = readStatement(material.signed.payload);
    if (predicateType !== null && predicateType !== SIGNATURE_PREDICATE) {
      return { outcome: 'attestation', predicateType };
    }
  }
  const verification: Verification = { material, artifact, requirement, now, checks, place: candidate.place.location };
  return material.signer.kind === 'certificate'
    ? byCertificate(verification, material.signer.der)
    : byKey(verification, material.signer.hint);
}

interface Verification {
  readonly material: SignatureMaterial;
  readonly artifact: SignedArtifact;
  readonly requirement: CosignRequirement;
  readonly now: Date;
  readonly checks: Checklist;
  /** Where the signature is. */
  readonly place: string;
}

function byKey(verification: Verification, hint: string): SignatureOutcome {
  const { checks, requirement, material } = verification;
  const { keys, identities } = requirement;
  if (keys.length === 0) {
    const actual = hint === '' ? 'a key' : `key ${quotable(hint)}`;
    const expected = quotable(identities.map(({ subject }) => patternText(subject)).join(', ') || 'nobody');
    return refused(checks, 'signer-trusted', problem('signed-by-key', { expected, actual }));
  }
  const missing = fileNeeded(verification);
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
function keyOf({ material, requirement }: Verification, digest = requirement.digestAlgorithm): FoundKey | null {
  // The digest that a bundle names for a file is the one that its digest is compared in.
  if (material.signed.kind === 'file' && material.signed.algorithm !== digest) return null;
  for (const key of requirement.keys) {
    const object = keyObject(key.spki, 'spki');
    if (object !== null && signatureVerifies(material, object, key.algorithm, digest)) return { key, object, digest };
  }
  return null;
}

const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha384', 'sha512'];

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
    observed = entity === null ? [] : verifiedTimestamps(entity, object, root);
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

function byCertificate(verification: Verification, der: Buffer): SignatureOutcome {
  const { checks, requirement, material } = verification;
  const read = readCertificate(der);
  const { keys, identities } = requirement;
  // A bundle says how it was signed. A legacy signature does not: a key of the policy may have made it all the same.
  if (keys.length > 0 && material.format === 'legacy') {
    const found = keyOf(verification);
    if (found !== null) return byKey(verification, '');
  }
  if (identities.length === 0) {
    const actual = 'problem' in read ? 'unreadable' : quotable(subjectText(read.certificate));
    const expected = quotable(keys.map(({ name }) => `"${name}"`).join(', ') || 'none');
    return refused(checks, 'signer-trusted', problem('signed-by-certificate', { expected, actual }));
  }
  if (requirement.trustRoot === null) return refused(checks, 'signer-trusted', problem('trust-root-missing', {}));
  if ('problem' in read) return refused(checks, 'signer-trusted', read.problem);
  const missing = fileNeeded(verification);
  if (missing !== null) return refused(checks, 'signature-valid', missing);
  const { certificate } = read;
  const digest = certificateDigests(certificate.algorithm, material.signed).find((digest) =>
    signatureVerifies(material, certificate.key, certificate.algorithm, digest),
  );
  if (digest === undefined) {
    const signer = `a certificate of ${quotable(subjectText(certificate))}`;
    return refused(checks, 'signature-valid', problem('cosign-signature-invalid', { signer }));
  }
  checks.record('signature-valid', null);
  return judgedByCertificate(verification, certificate, digest, trustMaterial(requirement.trustRoot));
}

function judgedByCertificate(
  verification: Verification,
  certificate: SigningCertificate,
  digest: DigestAlgorithm,
  root: TrustMaterial,
): SignatureOutcome {
  const { checks, requirement, material, place } = verification;
  const claims = judgeClaims(verification);
  const entity = entityOf(material);
  if (entity === null) return refused(checks, 'signer-trusted', problem('evidence-malformed', {}));
  const entries = logEntriesOf(material.evidence);
  if (!certificate.hasCertificateTimestamp && requirement.certificateTransparency === 'required') {
    checks.record('signer-trusted', problem('certificate-timestamp-missing', {}));
  }
  if (entries.length === 0) judgeMissingEntry(verification);

  const observed = observedTimes(entity);
  if ('code' in observed) return refused(checks, 'signer-trusted', observed);
  const logged = entries.flatMap((entry) => integratedTime(entry) ?? []);
  if (logged.length + observed.length === 0) {
    return refused(checks, 'signer-trusted', problem('trusted-time-missing', {}));
  }
  const signer = { certificate: certificate.der, spki: certificate.x509.publicKey };
  if (entries.length > 0) checks.record('transparency-log', entriesFault(verification, root, signer, observed));
  // Whatever time an entry names, signed or not, the certificate has to have been valid then.
  const named = entries.flatMap(({ integratedTime }) =>
    integratedTime === '0' ? [] : [new Date(Number(integratedTime) * 1000)],
  );
  const outside = [...named, ...observed].find((time) => time < certificate.notBefore || certificate.notAfter < time);
  if (outside !== undefined) {
    const { notBefore, notAfter } = certificate;
    const expected = `${notBefore.toISOString()} to ${notAfter.toISOString()}`;
    checks.record(
      'signer-trusted',
      problem('certificate-outside-validity', { expected, actual: outside.toISOString() }),
    );
  }
  const fault = certificateEvidenceFault(
    entity,
    root,
    requirement.certificateTransparency === 'required' && certificate.hasCertificateTimestamp ? 1 : 0,
    requirement.transparencyLog === 'required' && entries.length > 0 ? 1 : 0,
  );
  if (fault !== null) {
    checks.record(fault.part === 'log' ? 'transparency-log' : 'signer-trusted', fault.problem);
    return decided(checks, null);
  }
  const subjects = subjectsThatCount(certificate, material.format);
  const matched = matchIdentity(subjects, certificate.issuer, requirement.identities);
  checks.record('signer-trusted', 'problem' in matched ? matched.problem : null);
  const subject = 'problem' in matched ? subjects[0]?.text : matched.subject;
  const [entry] = entries;
  const signedAt = earliest([...logged, ...observed]);
  if (subject === undefined || certificate.issuer === null || signedAt === null) return decided(checks, null);
  return decided(checks, {
    kind: 'keyless',
    subject,
    issuer: certificate.issuer,
    workflow: Object.values(certificate.workflow).some((text) => text !== null) ? certificate.workflow : null,
    algorithm: algorithmName(certificate.algorithm),
    hash: certificate.algorithm.kind === 'ed25519' ? null : digestName(digest),
    format: material.format,
    location: place,
    logIndex: entry === undefined ? null : provenIndex(entry),
    signedAt,
    timeSource: logged.length > 0 ? 'transparency-log' : 'timestamp-authority',
    claimedReference: claims?.reference ?? null,
  });
}

/** The times in timestamps, not verified yet; or what is wrong with one of them. */
function observedTimes({ timestamps }: Entity): Date[] | Problem {
  const observed: Date[] = [];
  for (const timestamp of timestamps) {
    if (timestamp.$case !== 'timestamp-authority') continue;
    try {
      const { status, signingTime } = timestamp.timestamp;
      // 0 and 1 are "granted" (RFC 3161, section 2.4.2).
      if (status !== 0n && status !== 1n) return problem('timestamp-invalid', { reason: 'it was not granted' });
      if (Number.isNaN(signingTime.getTime())) return problem('timestamp-invalid', { reason: 'it names no time' });
      observed.push(signingTime);
    } catch {
      // Malformed DER, found only when it is looked at.
      return problem('evidence-malformed', {});
    }
  }
  return observed;
}

/** Whether what was signed is this artifact, with the wanted claims. */
function judgeClaims({ material: { signed }, artifact, requirement, checks }: Verification): Claims | null {
  switch (signed.kind) {
    case 'file':
      checks.record('artifact-integrity', fileFault(signed, artifact, requirement));
      return null;
    case 'simple-signing':
    case 'statement': {
      const read = signed.kind === 'statement' ? readStatement(signed.payload) : readSimpleSigning(signed.payload);
      if ('problem' in read) {
        checks.record('artifact-integrity', read.problem);
        return null;
      }
      checks.record('artifact-integrity', claimsFault(read.claims, artifact, requirement.annotations));
      return read.claims;
    }
  }
}

/** The signature covers the file itself; the digest beside it has to be the file's, or it is about something else. */
function fileFault(
  signed: Extract<SignatureMaterial['signed'], { kind: 'file' }>,
  artifact: SignedArtifact,
  { annotations }: CosignRequirement,
): Problem | null {
  const [claim] = Object.entries(annotations);
  if (claim !== undefined) return problem('claim-missing', { claim: quotable(claim[0]), expected: quotable(claim[1]) });
  if (signed.content === null) return problem('file-needed', {});
  const actual = `${signed.algorithm}:${signed.digest.toString('hex')}`;
  const expected = digestOf(signed.algorithm, signed.content);
  if (actual !== expected) return problem('signed-other-artifact', { expected, actual: quotable(actual) });
  const [algorithm] = artifact.digest.split(':');
  const own = DIGEST_ALGORITHMS.find((known) => known === algorithm);
  const recomputed = own === undefined ? '' : digestOf(own, signed.content);
  return recomputed === artifact.digest
    ? null
    : problem('signed-other-artifact', { expected: artifact.digest, actual: recomputed });
}

function fileNeeded({ material: { signed }, artifact }: Verification): Problem | null {
  if (signed.kind !== 'file') return null;
  if (artifact.kind === 'oci') return problem('bundle-signs-a-file', {});
  return signed.content === null ? problem('file-needed', {}) : null;
}

function judgeMissingEntry({ checks, requirement }: Verification): void {
  if (requirement.transparencyLog === 'required') checks.record('transparency-log', problem('log-entry-missing', {}));
  else checks.skip('transparency-log', 'does-not-apply');
}

/** What `@sigstore/verify` does not look at in log entries; null for nothing wrong. */
function entriesFault(
  { material, now }: Verification,
  root: TrustMaterial,
  signer: ObservedSigner,
  observed: readonly Date[],
): Problem | null {
  for (const entry of logEntriesOf(material.evidence)) {
    const fault =
      bindingFault(entry, material, signer) ?? proofFault(entry) ?? logValidityFault(entry, root.tlogs, observed, now);
    if (fault !== null) return fault;
  }
  return null;
}

function refused(checks: Checklist, id: Check['id'], problem: Problem): SignatureOutcome {
  checks.record(id, problem);
  return {
    outcome: 'refused',
    problems: checks.problems() ?? [problem],
    signer: null,
    checks: checks.list(),
    passed: checks.passed(),
  };
}

function decided(checks: Checklist, signer: CosignSigner | null): SignatureOutcome {
  const problems = checks.problems();
  if (problems === null && signer !== null && checks.accepts()) {
    return { outcome: 'accepted', signer, checks: checks.list() };
  }
  const because: NonEmpty<Problem> = problems ?? [problem('evidence-malformed', {})];
  return { outcome: 'refused', problems: because, signer, checks: checks.list(), passed: checks.passed() };
}

function subjectText({ subjects }: SigningCertificate): string {
  return subjects.map(({ text }) => text).join(', ') || 'nobody';
}

function digestOf(algorithm: DigestAlgorithm, bytes: Uint8Array): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

function earliest(times: readonly Date[]): string | null {
  const first = Math.min(...times.map((time) => time.getTime()));
  return Number.isFinite(first) ? new Date(first).toISOString() : null;
}
