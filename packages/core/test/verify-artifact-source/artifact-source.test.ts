import { describe, expect, it } from 'vitest';
import { SourceReport } from '../../src/report/report.ts';
import type { Digest } from '../../src/verdict/verdict.ts';
import { GOOD, sigstore } from '../cosign/world.ts';
import { type Descriptor, image, index, OCI_INDEX } from '../oci/registry-fake.ts';
import {
  action,
  asking,
  CHART,
  outcome,
  payload,
  PGP_FINGERPRINT,
  provenanceBy,
  REGISTRY,
  RELEASE,
  Shop,
  STRANGER,
  subject,
} from './shop.ts';

const NAME = 'acme/config';
const ARTIFACT = { repoURL: `oci://${REGISTRY}/${NAME}`, targetRevision: '1.0.0' };
const CHARTS = 'charts/payments';
const PAYMENTS = { repoURL: `${REGISTRY}/charts`, chart: 'payments', targetRevision: '1.0.0' };
const PLAIN_PAYMENTS = { repoURL: `oci://${REGISTRY}/${CHARTS}`, targetRevision: '1.0.0' };
const SIGNED = asking({ keys: ['release'], transparencyLog: 'optional' });
const BY_OTHERS = asking({ keys: ['stranger'], transparencyLog: 'optional' });
const PROVENANCE = provenanceBy(PGP_FINGERPRINT);
const PROVENANCE_BY_OTHERS = provenanceBy('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
const PLACED = asking({
  keys: ['release'],
  transparencyLog: 'optional',
  annotations: { repository: '{repository}', tag: '{tag}' },
});

describe('an artifact in a registry', () => {
  it('is verified, and the report says by whom, of what and how to ask cosign', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.sign(NAME, digest);
    const report = await shop.verify(ARTIFACT, [SIGNED]);
    expect(report).toMatchObject({
      kind: 'oci',
      revision: '1.0.0',
      digest,
      verdict: { status: 'verified', digest, signers: [{ kind: 'cosign-key', keyName: 'release', format: 'bundle' }] },
      decision: { action: 'allow' },
    });
    expect(report.evidence.map(({ kind }) => kind)).toEqual(['manifest', 'signature']);
    expect(report.reproduce).toEqual([
      `cosign verify --key release.pub --insecure-ignore-tlog -- ${REGISTRY}/${NAME}@${digest}`,
    ]);
    expect(SourceReport.safeParse(report).success).toBe(true);
  });

  it('is asked of cosign with everything that the policy wants', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    const cosign = {
      keys: ['release'],
      identities: [{ issuer: 'https://issuer.test', subjectRegExp: "it's|.+" }],
      certificateTransparency: 'optional',
      digestAlgorithm: 'sha512',
      trustRoot: 'acme',
      annotations: { place: '{repository}:{tag}', env: 'a b' },
      signatureRepository: 'signatures.test/acme',
    };
    const common = `--insecure-ignore-sct --annotations 'place=${REGISTRY}/${NAME}:1.0.0' --annotations 'env=a b' --trusted-root acme.json -- ${REGISTRY}/${NAME}@${digest}`;
    const asked = (await shop.verify(ARTIFACT, [asking(cosign)])).reproduce;
    expect(asked.map((line) => line.replaceAll(/'(place=[^']*)'|(place=\S*)/g, "'$1$2'"))).toEqual([
      `COSIGN_REPOSITORY=signatures.test/acme cosign verify --key release.pub --signature-digest-algorithm sha512 ${common}`,
      `COSIGN_REPOSITORY=signatures.test/acme cosign verify --certificate-identity-regexp '^(?:it'\\''s|.+)$' --certificate-oidc-issuer https://issuer.test ${common}`,
    ]);
    const byDigest = await shop.verify({ ...ARTIFACT, targetRevision: digest }, [asking(cosign)]);
    expect(byDigest.reproduce).toEqual([]);
  });

  it('is asked for at its registry, and nothing else is', async () => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    await shop.verify(ARTIFACT, [SIGNED]);
    expect(new Set(shop.registry.requests.map(({ url }) => new URL(url).origin))).toEqual(
      new Set([`https://${REGISTRY}`]),
    );
    const tags = shop.registry.paths.filter((path) => path.endsWith('/manifests/1.0.0'));
    expect(tags).toHaveLength(1);
  });

  it('is asked for, with signatures elsewhere, at those two registries only', async () => {
    const shop = new Shop();
    shop.artifact(NAME, '1.0.0');
    const cosign = { keys: ['release'], transparencyLog: 'optional', signatureRepository: 'signatures.test/acme' };
    await shop.verify(ARTIFACT, [asking(cosign)]);
    expect(new Set(shop.registry.requests.map(({ url }) => new URL(url).host))).toEqual(
      new Set([REGISTRY, 'signatures.test']),
    );
  });

  it('without a signature is unsigned, and every place that was looked at is named', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    const report = await shop.verify(ARTIFACT, [SIGNED]);
    expect([outcome(report), action(report)]).toEqual(['unsigned oci-unsigned', 'deny']);
    const { verdict } = report;
    const searched = verdict.status === 'unsigned' ? verdict.searched.map(({ kind }) => kind) : [];
    expect(searched).toEqual(['referrers', 'fallback-tag', 'signature-tag', 'signature-tag']);
    expect(report.digest).toBe(digest);
  });

  it('with an attestation only is unsigned', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    const slsa = subject(digest).replace('https://sigstore.dev/cosign/sign/v1', 'https://slsa.dev/provenance/v1');
    shop.bundle(NAME, digest, sigstore.bundle(slsa, { by: RELEASE, log: 'none' }));
    expect(outcome(await shop.verify(ARTIFACT, [SIGNED]))).toBe('unsigned oci-attestations-only');
    shop.sign(NAME, digest);
    expect(outcome(await shop.verify(ARTIFACT, [SIGNED]))).toBe('verified');
  });

  it('with a signature of Notation is unsupported, which is not unsigned', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    const type = 'application/vnd.cncf.notary.signature';
    const { registry } = shop;
    const manifest = image(registry.blob('{}', type), [registry.blob('{}', 'application/jose+json')], {
      artifactType: type,
    });
    shop.referrer(NAME, digest, { ...registry.push(NAME, manifest), artifactType: type });
    const report = await shop.verify(ARTIFACT, [SIGNED]);
    expect([outcome(report), action(report)]).toEqual(['unsupported signature-form-unsupported', 'deny']);
  });

  it('that is an index is refused', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '0.9.0');
    const one: Descriptor = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1 };
    shop.sign(NAME, shop.registry.push(NAME, index([one, one]), '1.0.0', OCI_INDEX).digest);
    const report = await shop.verify(ARTIFACT, [SIGNED]);
    expect(outcome(report)).toMatch(/^(indeterminate|unsupported) oci-index$/);
    expect(action(report)).toBe('deny');
  });

  it.each([500, 401, 403])('of a registry that answers %i is indeterminate', async (status) => {
    const shop = new Shop({ instead: () => ({ status }) });
    const report = await shop.verify(ARTIFACT, [SIGNED]);
    expect(report.verdict.status).toBe('indeterminate');
    expect(action(report)).toBe('deny');
  });

  it('beside which nobody could look is indeterminate, and verified if the good one is found elsewhere', async () => {
    const down = (url: URL) => (url.pathname.includes('/referrers/') ? { status: 500 } : undefined);
    const shop = new Shop({ instead: down });
    const digest = shop.artifact(NAME, '1.0.0');
    expect((await shop.verify(ARTIFACT, [SIGNED])).verdict.status).toBe('indeterminate');
    shop.sign(NAME, digest);
    expect(outcome(await shop.verify(ARTIFACT, [SIGNED]))).toBe('verified');
  });

  it('of another registry than any entry matches is denied where what is unmatched is', async () => {
    const shop = new Shop();
    const report = await shop.verify({ ...ARTIFACT, repoURL: 'oci://else.test/acme/config' }, [SIGNED], [], 'deny');
    expect(report.obstacles.map(({ code }) => code)).toEqual(['source-unmatched']);
    expect(action(report)).toBe('deny');
  });
});

describe('a signature that is replayed', () => {
  it('an old signed chart re-tagged as a new version is refused', async () => {
    const shop = new Shop();
    const digest = await shop.chart(CHARTS, '0.9.0', { as: '1.0.0' });
    shop.sign(CHARTS, digest);
    for (const source of [PAYMENTS, PLAIN_PAYMENTS]) {
      const report = await shop.verify(source, [SIGNED]);
      expect([outcome(report), action(report)]).toEqual(['failed metadata-mismatch', 'deny']);
    }
  });

  it('an old signed chart re-tagged as a new version is refused in an operation that carries its digest, too', async () => {
    const shop = new Shop();
    const old = await shop.chart(CHARTS, '0.9.0', { as: '1.0.0' });
    shop.sign(CHARTS, old);
    const asked = async (targetRevision: string, revision: Digest): Promise<string> =>
      outcome(await shop.verify({ ...PLAIN_PAYMENTS, targetRevision, revision }, [SIGNED]));
    expect(await asked('1.0.0', old)).toBe('failed metadata-mismatch');
    expect(await asked('>=1.0.0', old)).toBe('failed metadata-mismatch');
    expect(await asked('0.9.0', old)).toBe('verified');
    expect(await asked('>=0.9.0', old)).toBe('verified');
    expect(await asked(old, old)).toBe('verified');
  });

  it('another signed chart under the name of this one is refused', async () => {
    const shop = new Shop();
    const digest = await shop.chart('charts/tools', '1.0.0');
    const { bytes } = shop.registry.repository('charts/tools').manifests.get(digest) ?? { bytes: '' };
    shop.registry.push(CHARTS, Buffer.from(bytes).toString(), '1.0.0');
    shop.sign(CHARTS, digest);
    for (const source of [PAYMENTS, PLAIN_PAYMENTS]) {
      expect(outcome(await shop.verify(source, [SIGNED]))).toBe('failed metadata-mismatch');
    }
  });

  it('a signed artifact copied from another repository is refused where annotations bind its place, and only there', async () => {
    const shop = new Shop();
    const digest = shop.artifact('acme/staging', '1.0.0');
    const { bytes } = shop.registry.repository('acme/staging').manifests.get(digest) ?? { bytes: '' };
    shop.registry.push(NAME, Buffer.from(bytes).toString(), '1.0.0');
    shop.sign(NAME, digest, { repository: `${REGISTRY}/acme/staging`, tag: '1.0.0' });
    expect(outcome(await shop.verify(ARTIFACT, [SIGNED]))).toBe('verified');
    expect(outcome(await shop.verify(ARTIFACT, [PLACED]))).toBe('failed claim-mismatch');
    shop.sign(NAME, digest, { repository: `${REGISTRY}/${NAME}`, tag: '1.0.0' });
    expect(outcome(await shop.verify(ARTIFACT, [PLACED]))).toBe('verified');
  });

  it('an old signed artifact re-tagged is refused where annotations bind its tag, also where an operation carries the digest', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.sign(NAME, digest, { repository: `${REGISTRY}/${NAME}`, tag: '0.9.0' });
    expect(outcome(await shop.verify(ARTIFACT, [PLACED]))).toBe('failed claim-mismatch');
    expect(outcome(await shop.verify({ ...ARTIFACT, revision: digest }, [PLACED]))).toBe('failed claim-mismatch');
    const tagged = { ...ARTIFACT, targetRevision: '0.9.0', revision: digest };
    expect(outcome(await shop.verify(tagged, [PLACED]))).toBe('verified');
    const ranged = { ...ARTIFACT, targetRevision: '0.x', revision: digest };
    expect(outcome(await shop.verify(ranged, [PLACED]))).toBe('failed claim-needs-tag');
  });

  it("a legacy signature's own word for the place is shown, and binds nothing", async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    const reference = `${REGISTRY}/acme/staging`;
    shop.legacy(NAME, digest, sigstore.legacy(payload(digest, reference), { by: RELEASE, log: 'none' }));
    const report = await shop.verify(ARTIFACT, [SIGNED]);
    expect(report.verdict).toMatchObject({ status: 'verified', signers: [{ claimedReference: reference }] });
  });
});

describe('several entries', () => {
  it('for charts and for artifacts must both hold', async () => {
    const shop = new Shop();
    const digest = await shop.chart(CHARTS, '1.0.0', { provenance: true });
    shop.sign(CHARTS, digest);
    const of = async (...entries: object[]): Promise<string> => outcome(await shop.verify(PAYMENTS, entries));
    expect(await of(PROVENANCE)).toBe('verified');
    expect(await of(SIGNED)).toBe('verified');
    expect(await of(PROVENANCE, SIGNED)).toBe('verified');
    expect(await of(PROVENANCE_BY_OTHERS, SIGNED)).toBe('failed signer-not-trusted');
    expect(await of(PROVENANCE, BY_OTHERS)).toBe('failed cosign-key-mismatch');
    const both = await shop.verify(PAYMENTS, [PROVENANCE, SIGNED]);
    expect(both.verdict).toMatchObject({ signers: [{ kind: 'pgp' }, { kind: 'cosign-key' }] });
    expect(both.reproduce.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'kubectl -n',
      'helm pull',
      'mv --',
      'mv --',
      'helm verify',
      'cosign verify',
    ]);
    expect(both.reproduce[1]).toBe(`helm pull --prov -- oci://${REGISTRY}/${CHARTS}@${digest}`);
  });

  it('for charts and for artifacts: neither makes up for what the other lacks', async () => {
    const shop = new Shop();
    const digest = await shop.chart(CHARTS, '1.0.0');
    shop.sign(CHARTS, digest);
    expect((await shop.verify(PAYMENTS, [PROVENANCE, SIGNED])).verdict.status).toBe('unsigned');
    await shop.chart(CHARTS, '1.0.0', { provenance: true });
    expect((await shop.verify(PAYMENTS, [PROVENANCE, SIGNED])).verdict.status).toBe('unsigned');
  });

  it('of baseline and project must both hold', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.sign(NAME, digest);
    const of = async (project: object, baseline: object): Promise<string> =>
      outcome(await shop.verify(ARTIFACT, [project], [baseline]));
    expect(await of(SIGNED, SIGNED)).toBe('verified');
    expect(await of(SIGNED, BY_OTHERS)).toBe('failed cosign-key-mismatch');
    expect(await of(BY_OTHERS, SIGNED)).toBe('failed cosign-key-mismatch');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: STRANGER, log: 'none' }));
    expect(await of(SIGNED, BY_OTHERS)).toBe('verified');
  });
});

describe('a chart behind oci://', () => {
  it('is no way around an entry for charts', async () => {
    const shop = new Shop();
    await shop.chart(CHARTS, '1.0.0', { provenance: true });
    const report = await shop.verify(PLAIN_PAYMENTS, [PROVENANCE]);
    expect([outcome(report), action(report)]).toEqual(['unsupported chart-as-artifact', 'deny']);
    expect(outcome(await shop.verify(PAYMENTS, [PROVENANCE]))).toBe('verified');
  });

  it('is no way around it with a configuration of another type either', async () => {
    const shop = new Shop();
    await shop.chart(CHARTS, '1.0.0', { configType: 'application/vnd.oci.empty.v1+json' });
    expect(outcome(await shop.verify(PLAIN_PAYMENTS, [PROVENANCE]))).toBe('unsupported chart-as-artifact');
  });

  it('is no way around it with a signature', async () => {
    const shop = new Shop();
    shop.sign(CHARTS, await shop.chart(CHARTS, '1.0.0'));
    const report = await shop.verify(PLAIN_PAYMENTS, [PROVENANCE, SIGNED]);
    expect([outcome(report), action(report)]).toEqual(['unsupported chart-as-artifact', 'deny']);
  });

  it('an entry for charts asks nothing of what is no chart, which is then unmatched', async () => {
    const shop = new Shop();
    shop.artifact(NAME, '1.0.0');
    const allowed = await shop.verify(ARTIFACT, [PROVENANCE]);
    expect(allowed.verdict).toEqual({ status: 'not-required', reason: 'no-policy', observed: null });
    expect(action(allowed)).toBe('allow');
    const denied = await shop.verify(ARTIFACT, [PROVENANCE], [], 'deny');
    expect(denied.obstacles.map(({ code }) => code)).toEqual(['source-unmatched']);
    expect(action(denied)).toBe('deny');
  });

  it('that nobody could look at is not taken for no chart', async () => {
    const shop = new Shop({ instead: () => ({ status: 503 }) });
    const report = await shop.verify(ARTIFACT, [PROVENANCE]);
    expect([report.verdict.status, action(report)]).toEqual(['indeterminate', 'deny']);
  });
});

describe('where nothing is asked', () => {
  it('the report says who signed all the same', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.sign(NAME, digest);
    const report = await shop.verify({ ...ARTIFACT, observe: true }, []);
    expect(report).toMatchObject({
      verdict: {
        status: 'not-required',
        reason: 'no-policy',
        observed: { status: 'verified', signers: [{ keyName: 'release' }] },
      },
      decision: { action: 'allow' },
    });
    expect(report.reproduce).toEqual([
      `cosign verify --key release.pub --insecure-ignore-tlog -- ${REGISTRY}/${NAME}@${digest}`,
    ]);
    shop.bundle(NAME, shop.artifact(NAME, '1.0.0', 'new'), sigstore.bundle(subject(digest), { by: GOOD }));
    const failed = await shop.verify({ ...ARTIFACT, observe: true }, []);
    expect(failed.verdict).toMatchObject({ observed: { status: 'failed' } });
    expect(failed.reproduce).toEqual([]);
    expect(action(failed)).toBe('allow');
  });

  it('the report names the identity of a keyless signature', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: GOOD }));
    const { verdict, reproduce } = await shop.verify({ ...ARTIFACT, observe: true }, []);
    expect(verdict).toMatchObject({
      observed: { status: 'verified', signers: [{ subject: 'release@acme.test', issuer: 'https://issuer.test' }] },
    });
    expect(reproduce).toHaveLength(1);
    expect(reproduce[0]).toMatch(
      /^cosign verify --certificate-identity release@acme\.test --certificate-oidc-issuer https:\/\/issuer\.test /,
    );
  });

  it('the gate does not even ask the registry', async () => {
    const shop = new Shop();
    expect(action(await shop.verify(ARTIFACT, []))).toBe('allow');
    expect(shop.registry.requests).toEqual([]);
  });
});

describe('a layer that says that it is a chart', () => {
  it('is not read unless it is one', async () => {
    const shop = new Shop();
    const { registry } = shop;
    const config = registry.blob('{}', 'application/vnd.oci.empty.v1+json');
    shop.sign(NAME, registry.push(NAME, image(config, [registry.blob('no archive', CHART)]), '1.0.0').digest);
    expect(outcome(await shop.verify(ARTIFACT, [SIGNED]))).toBe('verified');
  });
});
