import { describe, expect, it } from 'vitest';
import type { OciPolicy } from '../../src/policy/policy-set.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { reproduceWithCosign } from '../../src/report/reproduce-cosign.ts';
import { Digest } from '../../src/verdict/verdict.ts';

const artifact = {
  kind: 'oci' as const,
  digest: Digest.parse(`sha256:${'0a'.repeat(32)}`),
  repository: 'registry.test/acme/config',
  tag: '1.2.3',
};

/** The fields of `cosign`, in YAML's flow form. */
function policy(fields: string): OciPolicy {
  const cosign = `{mode: signature, trustRoot: acme, ${fields}}`;
  const entry = `repos: [{url: "oci://registry.test/**"}], cosign: ${cosign}`;
  const { baseline } = parsePolicy({ 'all-projects': `unmatched: allow\noci: {policies: [{${entry}}]}\n` });
  const [only] = baseline?.oci ?? [];
  if (only === undefined) throw new Error(JSON.stringify(baseline?.problems));
  return only;
}

const PERSON = 'identities: [{issuer: "https://issuer.test", subject: release@acme.test}]';
const WHO = '--certificate-identity release@acme.test --certificate-oidc-issuer https://issuer.test';
const REFERENCE = `-- registry.test/acme/config@${artifact.digest}`;
const https = { plainHttp: false };

describe('the lines that ask cosign', () => {
  it('are one for each key, with the digest that it signs', () => {
    const keys = policy('keys: [release, edge], transparencyLog: optional, digestAlgorithm: sha384');
    expect(reproduceWithCosign(artifact, keys, https)).toEqual(
      ['release', 'edge'].map(
        (name) =>
          `cosign verify --key ${name}.pub --signature-digest-algorithm sha384 --insecure-ignore-tlog --trusted-root acme.json ${REFERENCE}`,
      ),
    );
  });

  it('ask over plain HTTP where the registry is asked so', () => {
    const [line] = reproduceWithCosign(artifact, policy('keys: [release]'), { plainHttp: true });
    expect(line).toBe(`cosign verify --key release.pub --allow-http-registry --trusted-root acme.json ${REFERENCE}`);
  });

  it('are one for an identity, and two where the log is optional: the time is the log’s or an authority’s', () => {
    expect(reproduceWithCosign(artifact, policy(PERSON), https)).toEqual([
      `cosign verify ${WHO} --trusted-root acme.json ${REFERENCE}`,
    ]);
    expect(reproduceWithCosign(artifact, policy(`${PERSON}, transparencyLog: optional`), https)).toEqual([
      `cosign verify ${WHO} --trusted-root acme.json ${REFERENCE}`,
      `cosign verify ${WHO} --insecure-ignore-tlog --use-signed-timestamps --trusted-root acme.json ${REFERENCE}`,
    ]);
  });

  it('want the claims, and are none where one has no value', () => {
    const claimed = policy('keys: [release], annotations: {tag: "{tag}"}, signatureRepository: registry.test/sigs');
    expect(reproduceWithCosign(artifact, claimed, https)).toEqual([
      `COSIGN_REPOSITORY=registry.test/sigs cosign verify --key release.pub --annotations 'tag=1.2.3' --trusted-root acme.json ${REFERENCE}`,
    ]);
    expect(reproduceWithCosign({ ...artifact, tag: null }, claimed, https)).toEqual([]);
  });
});
