import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { CertificateSubject, SigningCertificate } from './certificate.ts';
import { type Identity, matches, matchesPart, patternText, type TextPattern } from './identity.ts';
import type { SignatureFormat } from './signature-material.ts';

/**
 * The subjects of a certificate that may be the wanted one. Fulcio writes one. Of several, cosign takes any for a
 * legacy signature (cryptoutils.GetSubjectAlternateNames), and for a bundle the first URI, else the first e-mail
 * address, else Fulcio's other name (sigstore-go, certificate.SummarizeCertificate); an empty one is none.
 */
export function subjectsThatCount(
  { subjects }: SigningCertificate,
  format: SignatureFormat,
): readonly CertificateSubject[] {
  if (format === 'legacy') return subjects;
  const [first] = (['uri', 'email', 'other-name'] as const).flatMap(
    (kind) => subjects.find((one) => one.kind === kind) ?? [],
  );
  return first === undefined || first.text === '' ? [] : [first];
}

/** The subject by which one of the identities is met, or how the closest of them is missed. Any one suffices. */
export function matchIdentity(
  subjects: readonly CertificateSubject[],
  issuer: string | null,
  identities: readonly Identity[],
): { readonly subject: string } | { readonly problem: Problem } {
  const texts = subjects.map(({ text }) => text);
  const ofIssuer = identities.filter((identity) => issuer !== null && matches(identity.issuer, issuer));
  const subject = texts.find((text) => ofIssuer.some((identity) => matches(identity.subject, text)));
  if (subject !== undefined) return { subject };

  const ofSubject = identities.filter((identity) => texts.some((text) => matches(identity.subject, text)));
  const shownIssuer = issuer ?? '';
  for (const { issuer: pattern } of ofSubject) {
    if (matchesPart(pattern, shownIssuer)) return { problem: partly('issuer', pattern, shownIssuer) };
  }
  const wantedIssuer = closest(
    ofSubject.map((identity) => identity.issuer),
    shownIssuer,
  );
  if (wantedIssuer !== null) {
    const expected = quotable(patternText(wantedIssuer));
    return { problem: problem('issuer-mismatch', { expected, actual: quotable(issuer ?? 'nobody') }) };
  }
  const candidates = (ofIssuer.length > 0 ? ofIssuer : identities).map((identity) => identity.subject);
  for (const pattern of candidates) {
    const part = texts.find((text) => matchesPart(pattern, text));
    if (part !== undefined) return { problem: partly('subject', pattern, part) };
  }
  const [actual = 'nobody'] = texts;
  const wanted = closest(candidates, actual);
  const expected = wanted === null ? 'nobody' : quotable(patternText(wanted));
  return { problem: problem('identity-mismatch', { expected, actual: quotable(actual) }) };
}

function partly(field: 'issuer' | 'subject', pattern: TextPattern, actual: string): Problem {
  return problem('identity-matches-part', {
    field,
    expected: quotable(patternText(pattern)),
    actual: quotable(actual),
  });
}

/** The pattern that has the most characters in common with the text, from the start; the first of equals. */
function closest(patterns: readonly TextPattern[], text: string): TextPattern | null {
  return patterns.reduce<TextPattern | null>(
    (best, next) => (best === null || common(next, text) > common(best, text) ? next : best),
    null,
  );
}

function common(pattern: TextPattern, text: string): number {
  const written = patternText(pattern);
  let length = 0;
  while (length < written.length && written[length] === text[length]) length++;
  return length;
}
