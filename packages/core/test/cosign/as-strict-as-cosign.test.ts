import { describe, expect, test } from 'vitest';
import { change, FakeSigstore, type Json, pemOf, SIGNED, type Signing } from './fake-sigstore.ts';
import { identity, outcomeOf } from './outcome.ts';
import {
  BY_KEY,
  bundle,
  changed,
  digestOf,
  ENTRY,
  GOOD,
  issued,
  key,
  KEYLESS,
  legacy,
  OFFLINE,
  readPath,
  sigstore,
  wanting,
} from './world.ts';

const CHAIN = 'dev.sigstore.cosign/chain';

/** A bundle with its log entry written anew. */
function logged(
  signing: Signing,
  note: Parameters<typeof sigstore.logEntry>[3],
  edit = (body: Json): Json => body,
): Json {
  const signed = bundle(signing);
  const encoded = String(readPath(signed, [...ENTRY, 'canonicalizedBody']));
  const parsed: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString());
  const body = edit(isObject(parsed) ? { ...parsed } : {});
  return changed(signed, ENTRY, sigstore.logEntry(body, SIGNED, signing.log === 'v1' ? 'v1' : 'v2', note));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

describe('what the real cosign refused when it was asked beside us', () => {
  test.each(['0.1', '0.2'])('a bundle %s beside an artifact; over a file it is read', (version) => {
    const mediaType = `application/vnd.dev.sigstore.bundle+json;version=${version}`;
    const old = (signed: Json): Json => changed(signed, ['mediaType'], mediaType);
    expect(outcomeOf(old(bundle({ by: key, log: 'none' })), OFFLINE)).toBe('bundle-version-unsupported');
    expect(outcomeOf(bundle({ by: key, log: 'none' }), OFFLINE)).toBe('accepted');
    const content = Buffer.from('file');
    const file = { kind: 'file' as const, digest: digestOf(content), content: new Uint8Array(content) };
    expect(outcomeOf(old(sigstore.fileBundle(content, { by: key, log: 'none' })), OFFLINE, file)).toBe('accepted');
  });

  test('a certificate that names two issuers', () => {
    for (const options of [
      { firstIssuer: 'https://evil.test' },
      { issuer: 'https://evil.test', firstIssuer: 'https://issuer.test' },
    ]) {
      const by = issued(options);
      expect(outcomeOf(bundle({ by }), KEYLESS)).toBe('certificate-unreadable');
      expect(outcomeOf(legacy({ by }), KEYLESS)).toBe('certificate-unreadable');
    }
  });

  test('a legacy signature whose certificate names the issuer in the later place only', () => {
    const by = issued({ firstIssuer: '' });
    expect(outcomeOf(legacy({ by }), KEYLESS)).toBe('issuer-mismatch');
    expect(
      outcomeOf(legacy({ by }), wanting({ identities: [identity({ issuer: undefined, issuerRegExp: '.*' })] })),
    ).toBe('issuer-mismatch');
    expect(outcomeOf(bundle({ by }), KEYLESS)).toBe('accepted');
  });

  test('an entry of Rekor v2 that is not word for word the one that a log has of such a signature', () => {
    for (const [by, requirement] of [
      [key, BY_KEY],
      [GOOD, KEYLESS],
    ] as const) {
      const signing: Signing = { by, log: 'v2', timestamp: true };
      const verifier = ['spec', 'hashedRekordV002', 'signature', 'verifier'];
      const edited =
        (path: readonly string[], value: unknown) =>
        (body: Json): Json =>
          changed(body, path, value);
      expect(outcomeOf(logged(signing, {}), requirement)).toBe('accepted');
      const details = edited([...verifier, 'keyDetails'], 'PKIX_ECDSA_P384_SHA_384');
      expect(outcomeOf(logged(signing, {}, details), requirement)).toBe('log-entry-of-other-signature');
      const more = edited(['spec', 'more'], 'x');
      expect(outcomeOf(logged(signing, {}, more), requirement)).toBe('log-entry-of-other-signature');
      const spaced = (body: Json): Json => ({ spec: body['spec'], kind: body['kind'], apiVersion: body['apiVersion'] });
      expect(outcomeOf(logged(signing, { asWritten: true }, spaced), requirement)).toBe('log-entry-of-other-signature');
    }
  });

  test('a checkpoint of Rekor v2 by another name than the log’s in the trust root', () => {
    const signing: Signing = { by: key, log: 'v2' };
    expect(outcomeOf(logged(signing, { origin: 'elsewhere.test' }), BY_KEY)).toBe('log-entry-invalid');
    expect(outcomeOf(logged(signing, { signer: 'elsewhere.test' }), BY_KEY)).toBe('log-entry-invalid');
    expect(outcomeOf(logged({ by: key, log: 'v1' }, { origin: 'log.test' }), BY_KEY)).toBe('log-entry-invalid');
    const renamed = sigstore.trustRoot((root) => change(root, ['tlogs', 0, 'baseUrl'], 'https://elsewhere.test/x'));
    expect(outcomeOf(logged(signing, {}), { ...BY_KEY, trustRoot: renamed })).toBe('log-entry-invalid');
    const origin = 'elsewhere.test';
    expect(outcomeOf(logged(signing, { origin, signer: origin }), { ...BY_KEY, trustRoot: renamed })).toBe('accepted');
  });

  test('a time that the log has not signed', () => {
    const signing: Signing = { by: GOOD, log: 'v2', timestamp: true };
    const timed = changed(bundle(signing), [...ENTRY, 'integratedTime'], String(SIGNED.getTime() / 1000));
    expect(outcomeOf(timed, KEYLESS)).toBe('log-entry-invalid');
    expect(outcomeOf(bundle(signing), KEYLESS)).toBe('accepted');
  });

  test('a legacy signature by a certificate over another digest than SHA-256', () => {
    const by = issued({ curve: 'P-384' });
    const optional = wanting({ transparencyLog: 'optional' });
    const signed = (digest: 'sha256' | 'sha384'): ReturnType<typeof legacy> =>
      legacy({ by, digest, log: 'none', timestamp: true });
    expect(outcomeOf(signed('sha384'), optional)).toBe('cosign-signature-invalid');
    expect(outcomeOf(signed('sha256'), optional)).toBe('accepted');
  });

  test('a chain beside a legacy signature that is none', () => {
    const withChain = (chain: string): ReturnType<typeof legacy> => {
      const signature = legacy();
      return { ...signature, annotations: { ...signature.annotations, [CHAIN]: chain } };
    };
    const [intermediate, root] = [pemOf(sigstore.ca.der), pemOf(sigstore.root.der)];
    expect(outcomeOf(withChain(`${intermediate}${root}`), KEYLESS)).toBe('accepted');
    expect(outcomeOf(withChain(intermediate), KEYLESS)).toBe('accepted');
    expect(outcomeOf(withChain(root), KEYLESS)).toBe('accepted');
    expect(outcomeOf(withChain('chain'), KEYLESS)).toBe('legacy-unreadable');
    const bit = Buffer.from(sigstore.ca.der);
    bit[bit.length - 80] = (bit[bit.length - 80] ?? 0) ^ 1;
    expect(outcomeOf(withChain(`${pemOf(bit)}${root}`), KEYLESS)).toBe('legacy-unreadable');
    const stranger = new FakeSigstore();
    const certified = sigstore.leaf();
    expect(outcomeOf(withChain(`${pemOf(stranger.ca.der)}${root}`), KEYLESS)).toBe('legacy-unreadable');
    expect(outcomeOf(withChain(pemOf(certified.der)), KEYLESS)).toBe('accepted');
  });
});
