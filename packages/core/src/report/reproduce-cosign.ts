import { expandClaim } from '../cosign/claims.ts';
import type { SignedArtifact } from '../cosign/requirement.ts';
import type { AcceptingSignature } from './proposed-signature.ts';
import { quote } from './shell-quote.ts';

/**
 * The question of a policy entry, or of one that would accept what was found, asked with `cosign verify` 3.1, pinned by
 * digest: one line for each key and identity, and for each of those that may tell the time of a signature; any one
 * suffices. Expressions are anchored, as they are here and not in cosign. None where a wanted claim has no value, since
 * without it cosign would be asked for less.
 */
export function reproduceWithCosign(
  artifact: Extract<SignedArtifact, { kind: 'oci' }>,
  policy: Omit<AcceptingSignature, 'entry' | 'fingerprint'>,
  { plainHttp }: { readonly plainHttp: boolean },
): string[] {
  const claims = [...policy.annotations].map(([name, template]) => ({ name, value: expandClaim(template, artifact) }));
  if (claims.some(({ value }) => value === null)) return [];
  const common = [
    ...(policy.certificateTransparency === 'optional' ? ['--insecure-ignore-sct'] : []),
    ...claims.map(({ name, value }) => `--annotations ${quote(`${name}=${value ?? ''}`)}`),
    ...(plainHttp ? ['--allow-http-registry'] : []),
    ...(policy.trustRoot === null ? [] : [`--trusted-root ${quote(`${policy.trustRoot}.json`)}`]),
  ];
  const digest = policy.digestAlgorithm === 'sha256' ? [] : [`--signature-digest-algorithm ${policy.digestAlgorithm}`];
  const optional = policy.transparencyLog === 'optional';
  const withoutLog = optional ? ['--insecure-ignore-tlog'] : [];
  const byKey = policy.keys.map((name) => ['--key', quote(`${name}.pub`), ...digest, ...withoutLog]);
  // Without a log, the time is a timestamp authority's, which cosign looks at only when it is told to.
  const times = optional ? ['', ' --insecure-ignore-tlog --use-signed-timestamps'] : [''];
  const byIdentity = policy.identities.flatMap(({ issuer, subject }) => {
    const who =
      'text' in subject
        ? `--certificate-identity ${quote(subject.text)}`
        : `--certificate-identity-regexp ${quote(`^(?:${subject.regExp})$`)}`;
    const vouching =
      'text' in issuer
        ? `--certificate-oidc-issuer ${quote(issuer.text)}`
        : `--certificate-oidc-issuer-regexp ${quote(`^(?:${issuer.regExp})$`)}`;
    return times.map((time) => [`${who} ${vouching}${time}`]);
  });
  const repository =
    policy.signatureRepository === null ? '' : `COSIGN_REPOSITORY=${quote(policy.signatureRepository)} `;
  return [...byKey, ...byIdentity].map(
    (trust) =>
      `${repository}cosign verify ${[...trust, ...common].join(' ')} -- ${quote(`${artifact.repository}@${artifact.digest}`)}`,
  );
}
