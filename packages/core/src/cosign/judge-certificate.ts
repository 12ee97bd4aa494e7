import type { TrustMaterial } from '@sigstore/verify';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { chainFault } from './certificate-chain.ts';
import { readCertificate, type SigningCertificate } from './certificate.ts';
import { matchIdentity, subjectsThatCount } from './identity-match.ts';
import { algorithmName, type DigestAlgorithm, digestName } from './key-algorithm.ts';
import { logEntriesOf } from './log-entry.ts';
import { integratedTime, provenIndex, unsignedTimeFault } from './log-proof.ts';
import { certificateDigests, signatureVerifies } from './signature-material.ts';
import { timestampFault } from './timestamp.ts';
import { trustMaterial } from './trust-root.ts';
import { certificateEvidenceFault, type Entity, entityOf } from './verifier.ts';
import { byKey, keyOf } from './judge-key.ts';
import {
  type SignatureOutcome,
  type Verification,
  refused,
  decided,
  judgeClaims,
  fileNeeded,
  judgeMissingEntry,
  entriesFault,
  earliest,
} from './verification.ts';

export function byCertificate(verification: Verification, der: Buffer): SignatureOutcome {
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
  const { certificate } = read;
  const missing = fileNeeded(verification, [certificate.algorithm]);
  if (missing !== null) return refused(checks, 'signature-valid', missing);
  const digest = certificateDigests(certificate.algorithm, material.signed).find((digest) =>
    signatureVerifies(material, certificate.key, certificate.algorithm, digest),
  );
  if (digest === undefined) {
    const signer = `a certificate of ${quotable(subjectText(certificate))}`;
    return refused(checks, 'signature-valid', problem('cosign-signature-invalid', { signer }));
  }
  checks.record('signature-valid', null);
  const root = trustMaterial(requirement.trustRoot);
  const reason = material.chain === null ? null : chainFault(material.chain, root);
  if (reason !== null) return refused(checks, 'signer-trusted', problem('legacy-unreadable', { reason }));
  return judgedByCertificate(verification, certificate, digest, root);
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

  const malformed = timestampFault(material.evidence, root);
  if (malformed !== null) return refused(checks, 'signer-trusted', problem('timestamp-invalid', { reason: malformed }));
  const observed = observedTimes(entity);
  if ('code' in observed) return refused(checks, 'signer-trusted', observed);
  const logged = entries.flatMap((entry) => integratedTime(entry) ?? []);
  if (logged.length + observed.length === 0) {
    return refused(checks, 'signer-trusted', problem('trusted-time-missing', {}));
  }
  const signer = { certificate: certificate.der, spki: certificate.x509.publicKey };
  if (entries.length > 0) {
    const fault = entriesFault(verification, root, signer, observed) ?? unsignedTimeFault(entries);
    checks.record('transparency-log', fault);
  }
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
  const issuer = material.format === 'legacy' ? certificate.firstIssuer : certificate.issuer;
  const matched = matchIdentity(subjects, issuer, requirement.identities);
  checks.record('signer-trusted', 'problem' in matched ? matched.problem : null);
  const subject = 'problem' in matched ? subjects[0]?.text : matched.subject;
  const [entry] = entries;
  const signedAt = earliest([...logged, ...observed]);
  if (subject === undefined || issuer === null || signedAt === null) return decided(checks, null);
  return decided(checks, {
    kind: 'keyless',
    subject,
    issuer,
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
      const { signingTime } = timestamp.timestamp;
      if (Number.isNaN(signingTime.getTime())) return problem('timestamp-invalid', { reason: 'it names no time' });
      observed.push(signingTime);
    } catch {
      // Malformed DER, found only when it is looked at.
      return problem('evidence-malformed', {});
    }
  }
  return observed;
}

function subjectText({ subjects }: SigningCertificate): string {
  return subjects.map(({ text }) => text).join(', ') || 'nobody';
}
