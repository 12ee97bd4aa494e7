import { describe, expect, test } from 'vitest';
import type { TrustEntries } from '../../src/signature-requirement.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import type { Digest } from '../../src/verdict/verdict.ts';
import { GOOD, issued, sigstore } from '../cosign/world.ts';
import { action, asking, type Asked, KEYS, outcome, payload, REGISTRY, RELEASE, Shop, subject, WIDE } from './shop.ts';

const NAME = 'acme/config';
const IDENTITY = { issuer: 'https://issuer.test', subject: 'release@acme.test' };
const BY_KEY = { keys: ['release'], transparencyLog: 'optional' };
const KEYLESS = { identities: [IDENTITY], trustRoot: 'acme' };

type Sign = (shop: Shop, digest: Digest) => void;
const byKey: Sign = (shop, digest) => shop.sign(NAME, digest);
const withClaims: Sign = (shop, digest) =>
  shop.sign(NAME, digest, { env: 'prod', place: `${REGISTRY}/${NAME}`, tag: '1.0.0' });
const keyless: Sign = (shop, digest) =>
  shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: GOOD, log: 'v1' }));
const unlogged: Sign = (shop, digest) =>
  shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: GOOD, log: 'none', timestamp: true }));
const withoutCertificateLog: Sign = (shop, digest) =>
  shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: issued({ certificateTimestamp: 'none' }) }));
const over384: Sign = (shop, digest) =>
  shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: WIDE, digest: 'sha384', log: 'none' }));
const inOtherRepository: Sign = (shop, digest) =>
  shop.legacy('acme/signatures', digest, sigstore.legacy(payload(digest), { by: RELEASE, log: 'none' }));

const found = [
  ['by fall-back tag', false],
  ['by the referrers API', true],
] as const;

describe.each(found)('signatures found %s', (_, referrersApi) => {
  /** What is asked with everything right, and with one field of it changed. */
  test.each<[string, Sign, object, object, string]>([
    ['keys', byKey, BY_KEY, { keys: ['stranger'] }, 'failed cosign-key-mismatch'],
    ['keys, of which there are none', byKey, BY_KEY, { keys: [] }, 'failed signed-by-key'],
    [
      'issuer',
      keyless,
      KEYLESS,
      { identities: [{ ...IDENTITY, issuer: 'https://issuer.test/' }] },
      'failed issuer-mismatch',
    ],
    [
      'subject',
      keyless,
      KEYLESS,
      { identities: [{ ...IDENTITY, subject: 'release@acme.tes' }] },
      'failed identity-mismatch',
    ],
    [
      'issuerRegExp, which matches the whole',
      keyless,
      { ...KEYLESS, identities: [{ issuerRegExp: 'https://[a-z.]+', subject: IDENTITY.subject }] },
      { identities: [{ issuerRegExp: 'https://[a-z]+', subject: IDENTITY.subject }] },
      'failed identity-matches-part',
    ],
    [
      'subjectRegExp, which matches the whole',
      keyless,
      { ...KEYLESS, identities: [{ issuer: IDENTITY.issuer, subjectRegExp: '.*@acme\\.test' }] },
      { identities: [{ issuer: IDENTITY.issuer, subjectRegExp: 'release@acme' }] },
      'failed identity-matches-part',
    ],
    ['identities, of which there are none', keyless, KEYLESS, { identities: [] }, 'failed signed-by-certificate'],
    [
      'transparencyLog',
      unlogged,
      { ...KEYLESS, transparencyLog: 'optional' },
      { transparencyLog: 'required' },
      'failed log-entry-missing',
    ],
    [
      'transparencyLog, with a key',
      byKey,
      { ...BY_KEY, trustRoot: 'acme' },
      { transparencyLog: 'required' },
      'failed log-entry-missing',
    ],
    [
      'certificateTransparency',
      withoutCertificateLog,
      { ...KEYLESS, certificateTransparency: 'optional' },
      { certificateTransparency: 'required' },
      'failed certificate-timestamp-missing',
    ],
    [
      'digestAlgorithm',
      over384,
      { keys: ['wide'], transparencyLog: 'optional', digestAlgorithm: 'sha384' },
      { digestAlgorithm: 'sha256' },
      'failed cosign-digest-algorithm',
    ],
    ['trustRoot', keyless, KEYLESS, { trustRoot: 'elsewhere' }, 'failed certificate-untrusted'],
    [
      'annotations',
      withClaims,
      { ...BY_KEY, annotations: { env: 'prod' } },
      { annotations: { env: 'test' } },
      'failed claim-mismatch',
    ],
    [
      'annotations that are not there',
      withClaims,
      { ...BY_KEY, annotations: { env: 'prod' } },
      { annotations: { approved: 'yes' } },
      'failed claim-missing',
    ],
    [
      'the template {repository}',
      withClaims,
      { ...BY_KEY, annotations: { place: '{repository}' } },
      { annotations: { place: '{repository}/x' } },
      'failed claim-mismatch',
    ],
    [
      'the template {tag}',
      withClaims,
      { ...BY_KEY, annotations: { tag: '{tag}' } },
      { annotations: { tag: 'v{tag}' } },
      'failed claim-mismatch',
    ],
    [
      'signatureRepository',
      inOtherRepository,
      { ...BY_KEY, signatureRepository: `${REGISTRY}/acme/signatures` },
      { signatureRepository: `${REGISTRY}/acme/others` },
      'unsigned oci-unsigned',
    ],
  ])('%s alone decides', async (_, sign, right, change, refusal) => {
    const shop = new Shop({ referrersApi });
    sign(shop, shop.artifact(NAME, '1.0.0'));
    const good = await shop.cosign(NAME, right);
    expect([outcome(good), action(good)]).toEqual(['verified', 'allow']);
    const bad = await shop.cosign(NAME, { ...right, ...change });
    expect([outcome(bad), action(bad)]).toEqual([refusal, 'deny']);
  });

  test('mode alone decides', async () => {
    const shop = new Shop({ referrersApi });
    shop.artifact(NAME, '1.0.0');
    expect(outcome(await shop.cosign(NAME, BY_KEY))).toBe('unsigned oci-unsigned');
    const source = { repoURL: `oci://${REGISTRY}/${NAME}`, targetRevision: '1.0.0' };
    const none = { ...asking({}), cosign: { mode: 'none' } };
    const report = await shop.verify(source, [none]);
    expect(report.verdict).toEqual({ status: 'not-required', reason: 'mode-none', observed: null });
    expect(action(report)).toBe('allow');
  });
});

describe('what a policy names', () => {
  const missing: TrustEntries = {
    problem: problem('trust-config-map-missing', { configMap: 'argocd-cosign-keys-cm' }),
  };
  test.each<[string, object, Partial<Asked>, string]>([
    ['a key that is not there', { keys: ['relase'] }, {}, 'policy-key-missing'],
    ['a key beside one that is not there', { keys: ['release', 'relase'] }, {}, 'policy-key-missing'],
    ['a key with a name that objects have', { keys: ['constructor'] }, {}, 'policy-key-missing'],
    ['a key without the ConfigMap', { keys: ['release'] }, { keys: missing }, 'trust-config-map-missing'],
    ['a key that cannot be read', { keys: ['broken'] }, {}, 'cosign-key-unreadable'],
    [
      'an expression that is not RE2',
      { identities: [{ issuer: 'https://issuer.test', subjectRegExp: '(?=release).*' }] },
      {},
      'identity-invalid',
    ],
    [
      'an expression that breaks out of its group',
      { identities: [{ issuer: 'https://issuer.test', subjectRegExp: 'a)|(?:.*' }] },
      {},
      'identity-invalid',
    ],
    ['a trust root that is not there', { keys: ['release'], trustRoot: 'acmee' }, {}, 'policy-trust-root-missing'],
    [
      'a trust root without the ConfigMap',
      { keys: ['release'], trustRoot: 'acme' },
      { roots: missing },
      'trust-config-map-missing',
    ],
    ['a trust root that cannot be read', { keys: ['release'], trustRoot: 'broken' }, {}, 'trust-root-unreadable'],
    [
      'no trust root, and there is no public-good one',
      { identities: [IDENTITY], transparencyLog: 'required' },
      { root: 'none' },
      'trust-root-missing',
    ],
  ])('%s: nothing is let through', async (_, cosign, asked, code) => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    const report = await shop.cosign(NAME, { transparencyLog: 'optional', ...cosign }, asked);
    expect([outcome(report), action(report)]).toEqual([`indeterminate ${code}`, 'deny']);
  });

  test('any one key and any one identity suffices', async () => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    const other = { issuer: 'https://else.test', subject: 'else' };
    const either = { keys: ['stranger', 'release'], identities: [other], transparencyLog: 'optional' };
    expect(outcome(await shop.cosign(NAME, either))).toBe('verified');
    keyless(shop, shop.artifact(NAME, '1.0.0', 'other content'));
    const cosign = { keys: ['stranger'], identities: [other, IDENTITY] };
    expect(outcome(await shop.cosign(NAME, cosign))).toBe('verified');
  });

  test('neither keys nor identities trusts nobody', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    byKey(shop, digest);
    keyless(shop, digest);
    expect(action(await shop.cosign(NAME, {}))).toBe('deny');
    expect(action(await shop.cosign(NAME, { transparencyLog: 'optional', trustRoot: 'acme' }))).toBe('deny');
  });

  test('the public-good root is asked for only where a signature cannot be judged without one', async () => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    await shop.cosign(NAME, BY_KEY);
    await shop.cosign(NAME, { ...BY_KEY, trustRoot: 'acme', transparencyLog: 'required' });
    await shop.cosign(NAME, KEYLESS);
    expect(shop.publicGoodAsked).toBe(0);
    await shop.cosign(NAME, { keys: ['release'] });
    await shop.cosign(NAME, { identities: [IDENTITY], transparencyLog: 'optional' });
    expect(shop.publicGoodAsked).toBe(2);
  });

  test('a public-good root that cannot be had spoils no policy that names its own', async () => {
    const shop = new Shop();
    keyless(shop, shop.artifact(NAME, '1.0.0'));
    expect(outcome(await shop.cosign(NAME, KEYLESS, { root: 'none', keys: KEYS }))).toBe('verified');
  });
});
