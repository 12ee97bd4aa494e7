import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Observation } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { DIGEST, LATER, OTHER_DIGEST, statement } from '../../../core/test/cosign/fake-sigstore.ts';
import { bundle, GOOD, issued, key, sigstore, trustRoot } from '../../../core/test/cosign/world.ts';
import { cli, containing, folderOf, type Said } from './command-line.ts';

const FILE = Buffer.from('kind: ConfigMap\n');
const NOW = ['--now', LATER.toISOString()];
const IDENTITY = ['--certificate-identity', 'release@acme.test', '--certificate-oidc-issuer', 'https://issuer.test'];

/** A folder with a bundle, the file, the key and the root. */
function folderWith(signed: object): string {
  return folderOf({
    'bundle.json': JSON.stringify(signed),
    'config.yaml': FILE,
    'other.yaml': 'kind: Secret\n',
    'release.pub': key.pem,
    'root.json': trustRoot.document,
  });
}

function verify(folder: string, ...args: string[]): Promise<Said> {
  const files = args.map((word, at) =>
    ['--artifact', '--key', '--trusted-root', '--bundle'].includes(args[at - 1] ?? '') ? join(folder, word) : word,
  );
  return cli(['verify', 'bundle', '--bundle', join(folder, 'bundle.json'), ...NOW, ...files]);
}

function codes(said: Said): string[] {
  const observation = Observation.parse(JSON.parse(said.out));
  return 'problems' in observation ? observation.problems.map(({ code }) => code) : [];
}

describe('a bundle of a file', () => {
  const byKey = (): string => folderWith(sigstore.fileBundle(FILE, { by: key }));
  const keyless = (): string => folderWith(sigstore.fileBundle(FILE, { by: GOOD }));

  test('is verified by key with a log, and offline without one', async () => {
    const logged = await verify(
      byKey(),
      '--artifact',
      'config.yaml',
      '--key',
      'release.pub',
      '--trusted-root',
      'root.json',
    );
    expect(logged).toMatchObject({ status: 0, err: '', out: containing('log index') });
    const offline = folderWith(sigstore.fileBundle(FILE, { by: key, log: 'none' }));
    const args = ['--artifact', 'config.yaml', '--key', 'release.pub'];
    expect((await verify(offline, ...args, '--insecure-ignore-tlog')).status).toBe(0);
    expect(await verify(offline, ...args)).toMatchObject({ status: 1, out: containing('log-entry-missing') });
  });

  test('is verified by identity', async () => {
    const args = ['--artifact', 'config.yaml', '--trusted-root', 'root.json'];
    const { status, out } = await verify(keyless(), ...args, ...IDENTITY);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^verified: Artifact .*config\.yaml is signed by release@acme\.test \(https:\/\/issuer\.test\)\.\n/,
    );
    expect(out).toMatch(/identity +release@acme\.test\n +issuer +https:\/\/issuer\.test\n/);
  });

  test.each<[string, string[], string]>([
    ['another subject', ['--certificate-identity', 'evil@acme.test', ...IDENTITY.slice(2)], 'identity-mismatch'],
    [
      'a part of the subject',
      ['--certificate-identity-regexp', 'lease@acme', ...IDENTITY.slice(2)],
      'identity-matches-part',
    ],
    ['another issuer', [...IDENTITY.slice(0, 3), 'https://else.test'], 'issuer-mismatch'],
    [
      'a part of the issuer',
      [...IDENTITY.slice(0, 2), '--certificate-oidc-issuer-regexp', 'issuer'],
      'identity-matches-part',
    ],
    ['a key', ['--key', 'release.pub'], 'signed-by-certificate'],
  ])('is refused for %s', async (_, by, code) => {
    const args = ['--artifact', 'config.yaml', '--trusted-root', 'root.json', '-o', 'json'];
    const said = await verify(keyless(), ...args, ...by);
    expect([said.status, codes(said)]).toEqual([1, [code]]);
  });

  test('is verified by an expression for the whole text', async () => {
    const by = [
      '--certificate-identity-regexp',
      '[a-z]+@acme\\.test',
      '--certificate-oidc-issuer-regexp',
      'https://.*',
    ];
    expect((await verify(keyless(), '--artifact', 'config.yaml', '--trusted-root', 'root.json', ...by)).status).toBe(0);
  });

  test('is refused by the public-good root, which knows nothing of this authority', async () => {
    const said = await verify(keyless(), '--artifact', 'config.yaml', ...IDENTITY, '-o', 'json');
    expect(said.status).toBe(1);
  });

  test('is refused without a certificate timestamp, unless that is ignored', async () => {
    const by = issued({ certificateTimestamp: 'none' });
    const folder = folderWith(sigstore.fileBundle(FILE, { by }));
    const args = ['--artifact', 'config.yaml', '--trusted-root', 'root.json', ...IDENTITY];
    const said = await verify(folder, ...args, '-o', 'json');
    expect([said.status, codes(said)]).toEqual([1, ['certificate-timestamp-missing']]);
    expect((await verify(folder, ...args, '--insecure-ignore-sct')).status).toBe(0);
  });

  test('is refused for another file', async () => {
    const said = await verify(
      byKey(),
      '--artifact',
      'other.yaml',
      '--key',
      'release.pub',
      '--trusted-root',
      'root.json',
    );
    expect(said.status).toBe(1);
  });

  test('is verified by the digest of the file, and by no other', async () => {
    const digest = `sha256:${createHash('sha256').update(FILE).digest('hex')}`;
    for (const [folder, by] of [
      [byKey(), ['--key', 'release.pub']],
      [keyless(), IDENTITY],
    ] as const) {
      const args = ['--trusted-root', 'root.json', ...by, '-o', 'json'];
      expect((await verify(folder, '--digest', digest, ...args)).status).toBe(0);
      const said = await verify(folder, '--digest', OTHER_DIGEST, ...args);
      expect([said.status, codes(said)]).toEqual([1, ['signed-other-artifact']]);
    }
  });

  test('of another digest algorithm is verified where that is said', async () => {
    const folder = folderWith(sigstore.fileBundle(FILE, { by: key, digest: 'sha512', log: 'none' }));
    const args = ['--artifact', 'config.yaml', '--key', 'release.pub', '--insecure-ignore-tlog'];
    expect(await verify(folder, ...args)).toMatchObject({ status: 1, out: containing('cosign-digest-algorithm') });
    expect((await verify(folder, ...args, '--signature-digest-algorithm', 'sha512')).status).toBe(0);
    const digest = ['--digest', `sha256:${createHash('sha256').update(FILE).digest('hex')}`, ...args.slice(2)];
    expect(await verify(folder, ...digest, '--signature-digest-algorithm', 'sha512')).toMatchObject({
      status: 2,
      out: containing('Give the file instead of its digest.'),
    });
  });
});

describe('a bundle of a statement', () => {
  const args = ['--key', 'release.pub', '--trusted-root', 'root.json'];

  test('is verified for its digest, and for no other', async () => {
    const folder = folderWith(bundle({ by: key }));
    expect((await verify(folder, '--digest', DIGEST, ...args)).status).toBe(0);
    const said = await verify(folder, '--digest', OTHER_DIGEST, ...args, '-o', 'json');
    expect([said.status, codes(said)]).toEqual([1, ['signed-other-artifact']]);
  });

  test('is no signature where it is of another predicate', async () => {
    const attestation = statement((value) => {
      value['predicateType'] = 'https://slsa.dev/provenance/v1';
    });
    const said = await verify(folderWith(bundle({ by: key }, attestation)), '--digest', DIGEST, ...args, '-o', 'json');
    expect(said.status).toBe(1);
    expect(Observation.parse(JSON.parse(said.out))).toMatchObject({
      status: 'unsigned',
      searched: [{ kind: 'bundle-file' }],
      problems: [{ code: 'oci-attestations-only' }],
    });
  });

  test('has to carry the claims that are wanted', async () => {
    const claiming = statement((value) => {
      value['subject'] = [{ digest: { sha256: DIGEST.slice(7) }, annotations: { env: 'prod' } }];
    });
    const folder = folderWith(bundle({ by: key }, claiming));
    const wanted = ['--digest', DIGEST, ...args, '--annotations'];
    expect((await verify(folder, ...wanted, 'env=prod')).status).toBe(0);
    expect((await verify(folder, ...wanted, 'env=test')).status).toBe(1);
  });
});

test('what is no bundle is refused, and says so', async () => {
  const folder = folderWith({});
  writeFileSync(join(folder, 'bundle.json'), 'nonsense');
  const said = await verify(folder, '--digest', DIGEST, '--key', 'release.pub', '--insecure-ignore-tlog');
  expect(said).toMatchObject({ status: 1, err: '', out: containing('bundle that cannot be read') });
});

describe('wrong usage', () => {
  const by = ['--key', 'release.pub'];

  test.each<[string[], string]>([
    [by, '--artifact is needed, or --digest'],
    [[...by, '--artifact', 'config.yaml', '--digest', DIGEST], 'exclude each other'],
    [[...by, '--digest', 'abc'], '--digest takes sha256: and 64 lower-case hex digits, and got "abc"'],
    [[...by, '--digest', DIGEST.toUpperCase()], '--digest takes sha256:'],
    [['--digest', DIGEST], '--key is needed'],
    [['--digest', DIGEST, ...by, ...IDENTITY], 'exclude each other'],
    [['--digest', DIGEST, ...by, '--plain-http'], "Unknown option '--plain-http'"],
  ])('%j is told', async (args, sentence) => {
    const { status, out, err } = await verify(folderWith({}), ...args);
    expect([status, out]).toEqual([64, '']);
    expect(err).toContain(sentence);
  });

  test('is no bundle at all', async () => {
    const { status, err } = await cli(['verify', 'bundle', '--digest', DIGEST, '--key', 'x']);
    expect([status, err]).toEqual([64, containing('--bundle is needed.')]);
  });

  test('of files that are not there is told', async () => {
    const folder = folderWith({});
    const key = ['--key', join(folder, 'release.pub')];
    const artifact = ['--artifact', join(folder, 'none.yaml')];
    const bundleAt = (name: string): string[] => ['verify', 'bundle', '--bundle', join(folder, name), ...key];
    expect(await cli([...bundleAt('none.json'), '--digest', DIGEST])).toMatchObject({
      status: 2,
      err: containing('The bundle'),
    });
    expect(await cli([...bundleAt('bundle.json'), ...artifact])).toMatchObject({
      status: 2,
      err: containing('The artifact'),
    });
  });
});
