import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { Observation } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { httpsServer, tcpServer } from '../fetch/local.ts';
import { cli, containing, folderOf, matching, type Said, vector } from './command-line.ts';
import { cosignVector, MANIFEST, RegistryContent } from './registry.ts';
import { newKeys, type Pushed, pushChart, pushSignature } from './signed-artifacts.ts';

const KEYS = newKeys();
const OTHERS = newKeys();
const RING = ['--keyring', vector('rsa2048.gpg')];
const INDEX = 'application/vnd.oci.image.index.v1+json';

interface Stage {
  readonly content: RegistryContent;
  readonly digest: string;
  /** With `release.pub` and `other.pub`. */
  readonly folder: string;
}

/** A chart in a registry, signed by KEYS. */
function stage(pushed: Pushed = {}): Stage {
  const content = new RegistryContent();
  const { digest } = pushChart(content, pushed);
  pushSignature(content, { keys: KEYS, digest, ...(pushed.name === undefined ? {} : { name: pushed.name }) });
  return { content, digest, folder: keyFolder() };
}

function keyFolder(): string {
  return folderOf({ 'release.pub': KEYS.pem, 'other.pub': OTHERS.pem, 'release.key': KEYS.privatePem });
}

/** By the key, offline. */
function verify({ folder }: Pick<Stage, 'folder'>, reference: string, ...args: string[]): Promise<Said> {
  const by = ['--key', join(folder, 'release.pub'), '--insecure-ignore-tlog'];
  return cli(['verify', 'oci', reference, ...by, '--plain-http', ...args]);
}

function codes(said: Said): string[] {
  const observation = Observation.parse(JSON.parse(said.out));
  return 'problems' in observation ? observation.problems.map(({ code }) => code) : [];
}

describe('a chart in a registry', () => {
  test('is verified by tag and by digest, with and without oci://', async () => {
    const here = stage();
    const { host } = await here.content.serve();
    for (const end of [':1.2.3', `@${here.digest}`, `:gone@${here.digest}`]) {
      for (const scheme of ['', 'oci://']) {
        expect(await verify(here, `${scheme}${host}/charts/hashtest${end}`)).toMatchObject({ status: 0, err: '' });
      }
    }
  });

  test('is told with its signer, where was looked, and what was looked at', async () => {
    const here = stage();
    const { host } = await here.content.serve();
    const { out } = await verify(here, `${host}/charts/hashtest:1.2.3`);
    const key = join(here.folder, 'release.pub');
    expect(out.startsWith(`verified: Chart ${host}/charts/hashtest:1.2.3 is signed by the key ${key}.\n`)).toBe(true);
    expect(out).toMatch(/signed for +registry\.example\/charts\/hashtest \(says the signature; not checked\)/);
    expect(out).toMatch(/referrers API .* no referrers API \(HTTP status 404\)/);
    expect(out).toMatch(/signature tag .*\.sig +1 layer/);
    expect(out).toMatch(new RegExp(`manifest +${here.digest}`));
  });

  test('is verified by any one of several keys', async () => {
    const here = stage();
    const { host } = await here.content.serve();
    const reference = `${host}/charts/hashtest:1.2.3`;
    const by = (...names: string[]): Promise<Said> =>
      cli([
        'verify',
        'oci',
        '--insecure-ignore-tlog',
        '--plain-http',
        '--key',
        ...names.map((name) => join(here.folder, name)),
        reference,
      ]);
    expect((await by('other.pub', 'release.pub')).status).toBe(0);
    expect(await by('other.pub')).toMatchObject({ status: 1, out: containing('cosign-key-mismatch') });
  });

  test('is unsigned where there is no signature, and told where was looked', async () => {
    const content = new RegistryContent();
    pushChart(content);
    const { host } = await content.serve();
    const said = await verify({ folder: keyFolder() }, `${host}/charts/hashtest:1.2.3`, '-o', 'json');
    expect(said.status).toBe(1);
    expect(Observation.parse(JSON.parse(said.out))).toMatchObject({
      status: 'unsigned',
      searched: [{ kind: 'referrers' }, { kind: 'fallback-tag' }, { kind: 'signature-tag' }, { kind: 'signature-tag' }],
    });
  });

  test('fails under a tag of another version, and in a repository of another name; not by digest', async () => {
    const retagged = stage({ tag: '1.2.4' });
    const first = await retagged.content.serve();
    const said = await verify(retagged, `${first.host}/charts/hashtest:1.2.4`, '-o', 'json');
    expect([said.status, codes(said)]).toEqual([1, ['metadata-mismatch']]);
    expect((await verify(retagged, `${first.host}/charts/hashtest@${retagged.digest}`)).status).toBe(0);

    const copied = stage({ name: 'charts/payments' });
    const second = await copied.content.serve();
    const other = await verify(copied, `${second.host}/charts/payments:1.2.3`, '-o', 'json');
    expect([other.status, codes(other)]).toEqual([1, ['metadata-mismatch']]);
  });
});

describe('a chart with a key ring', () => {
  async function withRing(pushed: Pushed, ...args: string[]): Promise<Said> {
    const here = stage(pushed);
    const { host } = await here.content.serve();
    return verify(here, `${host}/charts/hashtest:1.2.3`, ...args);
  }

  test('is verified by both of its signatures', async () => {
    const said = await withRing({}, ...RING, '-o', 'json');
    expect(said.status).toBe(0);
    expect(Observation.parse(JSON.parse(said.out))).toMatchObject({
      status: 'verified',
      signers: [{ kind: 'cosign-key' }, { kind: 'pgp' }],
    });
    expect((await withRing({}, ...RING)).out).toMatch(
      /^verified: .* is signed by the key .*, and by rsa2048 <rsa2048@x>/,
    );
  });

  test.each<[string, Pushed, string[], number, string]>([
    ['without a provenance layer', { provenance: null }, RING, 1, 'provenance-missing'],
    ['by a key of another ring', {}, ['--keyring', vector('ed25519.gpg')], 1, 'signature-unknown-key'],
    ['by a key that --keys does not name', {}, [...RING, '--keys', '0'.repeat(40)], 1, 'signer-not-trusted'],
    ['by a ring that cannot be read', {}, [...RING, vector('expected.tsv')], 2, 'keyring'],
  ])('does not pass %s', async (_, pushed, args, status, code) => {
    const said = await withRing(pushed, ...args, '-o', 'json');
    expect(said.status).toBe(status);
    expect(codes(said).join()).toContain(code);
  });

  test('does not pass by its provenance alone', async () => {
    const content = new RegistryContent();
    const { digest } = pushChart(content);
    pushSignature(content, { keys: OTHERS, digest });
    const { host } = await content.serve();
    const said = await verify({ folder: keyFolder() }, `${host}/charts/hashtest:1.2.3`, ...RING, '-o', 'json');
    expect([said.status, codes(said)]).toEqual([1, ['cosign-key-mismatch']]);
  });
});

describe('another artifact', () => {
  const PLAIN = {
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  };

  test('is verified, under any tag', async () => {
    const here = stage({ content: PLAIN, provenance: null, name: 'acme/config', tag: 'latest' });
    const { host } = await here.content.serve();
    const { status, out } = await verify(here, `${host}/acme/config:latest`);
    expect(status).toBe(0);
    expect(out).toMatch(/^verified: Artifact /);
  });

  test('has no provenance to verify', async () => {
    const here = stage({ content: PLAIN, provenance: null });
    const { host } = await here.content.serve();
    const said = await verify(here, `${host}/charts/hashtest:1.2.3`, ...RING, '-o', 'json');
    expect([said.status, codes(said)]).toEqual([2, ['oci-not-a-chart']]);
  });
});

describe('claims', () => {
  async function wanting(reference: string, ...claims: string[]): Promise<Said> {
    const content = new RegistryContent();
    const { digest } = pushChart(content);
    const { host } = await content.serve();
    pushSignature(content, {
      keys: KEYS,
      digest,
      claims: { env: 'prod', query: 'a=b', tag: '1.2.3', repository: `${host}/charts/hashtest` },
    });
    const args = claims.flatMap((claim) => ['--annotations', claim]);
    return verify(
      { folder: keyFolder() },
      `${host}/charts/hashtest${reference || `@${digest}`}`,
      ...args,
      '-o',
      'json',
    );
  }

  test('that are wanted have to be there, every one', async () => {
    expect((await wanting(':1.2.3', 'env=prod', 'query=a=b')).status).toBe(0);
    for (const [claim, code] of [
      ['env=test', 'claim-mismatch'],
      ['env=', 'claim-mismatch'],
      ['team=x', 'claim-missing'],
      ['__proto__=x', 'claim-missing'],
    ] as const) {
      const said = await wanting(':1.2.3', 'query=a=b', claim);
      expect([said.status, codes(said)]).toEqual([1, [code]]);
    }
  });

  test('bind repository and tag', async () => {
    expect((await wanting(':1.2.3', 'repository={repository}', 'tag={tag}')).status).toBe(0);
    expect((await wanting('', 'repository={repository}')).status).toBe(0);
    const said = await wanting('', 'tag={tag}');
    expect(said.status).not.toBe(0);
    expect(codes(said)).toEqual(['claim-needs-tag']);
  });
});

describe('signatures in another repository', () => {
  test('are found there, and without the credentials of the first registry', async () => {
    const content = new RegistryContent();
    const elsewhere = new RegistryContent();
    const { digest } = pushChart(content);
    pushSignature(elsewhere, { keys: KEYS, digest, name: 'sigs/all' });
    const first = await content.serve({ login: 'robot:secret' });
    const second = await elsewhere.serve();
    const args = ['verify', 'oci', `${first.host}/charts/hashtest:1.2.3`, '--insecure-ignore-tlog', '--plain-http'];
    const login = ['--key', join(keyFolder(), 'release.pub'), '--username', 'robot', '--password-stdin'];
    expect((await cli([...args, ...login], 'secret\n')).status).toBe(1);
    for (const reference of [`${second.host}/sigs/all`, `oci://${second.host}/sigs/all`]) {
      expect((await cli([...args, ...login, '--signature-repository', reference], 'secret\n')).status).toBe(0);
    }
    expect(second.requests.length).toBeGreaterThan(0);
    expect(second.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe('what could not be looked at', () => {
  test.each<[string, string, RegExp]>([
    ['a registry that is down', '127.0.0.1:9/charts/hashtest:1.2.3', /could not be reached/],
    [
      'a registry of no such name',
      'registry.invalid/charts/hashtest:1.2.3',
      /could not be reached|could not be checked/,
    ],
  ])('is told of %s', async (_, reference, sentence) => {
    const { status, out, err } = await verify({ folder: keyFolder() }, reference);
    expect([status, err]).toEqual([2, '']);
    expect(out).toMatch(/^indeterminate: /);
    expect(out).toMatch(sentence);
  });

  test('is told of a tag that is not there, and of a repository that is not', async () => {
    const here = stage();
    const { host } = await here.content.serve();
    for (const reference of [`${host}/charts/hashtest:9.9.9`, `${host}/charts/none:1.2.3`]) {
      const { status, out } = await verify(here, reference);
      expect(status).toBe(2);
      expect(out).toContain(
        `indeterminate: Artifact ${reference} could not be checked: the registry has no ${reference}`,
      );
    }
  });

  test('is told of an index, a truncated chart and bytes of another digest', async () => {
    const here = stage();
    const { mediaType, digest, size } = here.content.push('charts/other', { schemaVersion: 2 });
    here.content.push(
      'charts/hashtest',
      { schemaVersion: 2, mediaType: INDEX, manifests: [{ mediaType, digest, size }] },
      'index',
      INDEX,
    );
    const chart = readFileSync(vector('hashtest-1.2.3.tgz'));
    const { host } = await here.content.serve();
    const index = await verify(here, `${host}/charts/hashtest:index`);
    expect([index.status, index.out]).toEqual([
      2,
      matching(/^unsupported: .* is an index of 1 manifests, which Argo CD/),
    ]);
    here.content.storeBlob(digestOfLayer(here.content), chart.subarray(0, 100));
    const cut = await verify(here, `${host}/charts/hashtest:1.2.3`, '-o', 'json');
    expect([cut.status, codes(cut)]).toEqual([2, ['oci-blob-size']]);
    here.content.storeBlob(digestOfLayer(here.content), Buffer.alloc(chart.length));
    const changed = await verify(here, `${host}/charts/hashtest:1.2.3`, '-o', 'json');
    expect([changed.status, codes(changed)]).toEqual([2, ['oci-digest-mismatch']]);
  });

  test('is told of too many layers', async () => {
    const here = stage();
    const layer = here.content.blob('x', 'application/vnd.oci.image.layer.v1.tar+gzip');
    const config = here.content.blob('{}', 'application/vnd.oci.image.config.v1+json');
    const layers = Array.from({ length: 10_001 }, () => layer);
    here.content.push('charts/hashtest', { schemaVersion: 2, mediaType: MANIFEST, config, layers }, 'many');
    const { host } = await here.content.serve();
    const said = await verify(here, `${host}/charts/hashtest:many`, '-o', 'json');
    expect([said.status, codes(said)]).toEqual([2, ['oci-too-many-layers']]);
  });

  test('is told of a wrong password, and never repeats it', async () => {
    const here = stage();
    const { host } = await here.content.serve({ login: 'robot:secret' });
    const by = ['--key', join(here.folder, 'release.pub'), '--insecure-ignore-tlog', '--plain-http'];
    const args = ['verify', 'oci', `${host}/charts/hashtest:1.2.3`, ...by];
    const login = ['--username', 'robot', '--password-stdin'];
    expect((await cli([...args, ...login], 'secret')).status).toBe(0);
    for (const [given, stdin] of [
      [login, 'guess'],
      [[], ''],
    ] as const) {
      const { status, out } = await cli([...args, ...given], stdin);
      expect([status, out]).toEqual([2, containing('fetch-unauthorized')]);
      expect(out).not.toContain('guess');
    }
  });

  test('ends with --timeout', async () => {
    const port = await tcpServer(() => undefined);
    const { status } = await verify({ folder: keyFolder() }, `127.0.0.1:${port}/a/b:1`, '--timeout', '150ms');
    expect(status).toBe(2);
  });
});

describe('a registry is asked by https', () => {
  const pem = (name: string): string => fileURLToPath(new URL(`../fetch/certificates/${name}`, import.meta.url));
  const serving = { cert: readFileSync(pem('server.pem')), key: readFileSync(pem('server.key')) };

  test('unless --plain-http is given', async () => {
    const here = stage();
    const { host, requests } = await here.content.serve();
    const by = ['--key', join(here.folder, 'release.pub'), '--insecure-ignore-tlog'];
    const { status } = await cli(['verify', 'oci', `${host}/charts/hashtest:1.2.3`, ...by]);
    expect([status, requests.length]).toEqual([2, 0]);
  });

  test('with the authorities of --ca-file in place of the system’s', async () => {
    const { port } = await httpsServer(serving, (_, response) => response.end());
    const by = ['--key', join(keyFolder(), 'release.pub'), '--insecure-ignore-tlog', '-o', 'json'];
    const args = ['verify', 'oci', `localhost:${port}/charts/hashtest:1.2.3`, ...by];
    // The server's certificate is for another name: only whoever trusts its authority gets as far as that.
    expect(causeOf(await cli(args))).toBe('untrusted');
    expect(causeOf(await cli([...args, '--ca-file', pem('authority.pem')]))).toBe('wrong-host');
  });

  function causeOf({ out }: Said): unknown {
    const observation = Observation.parse(JSON.parse(out));
    return 'problems' in observation ? observation.problems[0].params['cause'] : null;
  }
});

test('no one but the registry is asked, whatever root is needed', async () => {
  const here = stage();
  const { host, requests } = await here.content.serve();
  const args = ['verify', 'oci', `${host}/charts/hashtest:1.2.3`, '--plain-http', '-o', 'json'];
  const logged = await cli([...args, '--key', join(here.folder, 'release.pub')]);
  expect([logged.status, codes(logged)]).toEqual([1, ['log-entry-missing']]);
  const identity = ['--certificate-identity', 'a@b.test', '--certificate-oidc-issuer', 'https://issuer.test'];
  const keyless = await cli([...args, ...identity]);
  expect([keyless.status, codes(keyless)]).toEqual([1, ['signed-by-key']]);
  expect(requests.length).toBeGreaterThan(0);
});

describe('wrong usage', () => {
  const REF = 'registry.example.com/charts/hashtest:1.2.3';
  const key = ['--key', cosignVector('keys/p256.pub')];
  const identity = ['--certificate-identity', 'a@b.test'];
  const issuer = ['--certificate-oidc-issuer', 'https://issuer.test'];

  test.each<[string[], string]>([
    [[REF], '--key is needed, or --certificate-identity'],
    [[REF, '--trusted-root', 'x'], '--key is needed'],
    [[REF, ...RING], '--key is needed'],
    [[REF, ...key, ...identity, ...issuer], 'exclude each other'],
    [[REF, ...identity], '--certificate-identity needs --certificate-oidc-issuer'],
    [[REF, ...issuer], '--certificate-oidc-issuer needs --certificate-identity'],
    [[REF, ...identity, ...issuer, '--certificate-identity-regexp', '.*'], 'exclude each other'],
    [[REF, ...identity, ...identity, ...issuer], '--certificate-identity takes one value, and got 2'],
    [[REF, ...issuer, '--certificate-identity-regexp', '(?=a)'], 'is not an RE2 expression'],
    [[REF, ...issuer, '--certificate-identity-regexp', '('], 'is not an RE2 expression'],
    [[REF, ...issuer, '--certificate-identity', ''], 'has an empty subject'],
    [[REF, ...key, '--rekor-url', 'x'], "Unknown option '--rekor-url'."],
    [[REF, ...key, '--signature-digest-algorithm', 'md5'], '--signature-digest-algorithm takes sha256 or sha384'],
    [[REF, ...key, '--annotations', 'env'], '--annotations takes claims such as env=prod'],
    [[REF, ...key, '--annotations', '=prod'], '--annotations takes claims such as env=prod'],
    [[REF, ...key, '--annotations', 'a=1', '--annotations', 'a=2'], '--annotations wants two values of "a"'],
    [[REF, ...key, '--keys', '0'.repeat(40)], '--keys needs --keyring'],
    [[REF, ...key, '--username', 'robot'], 'belong together'],
    [[REF, ...key, '--signature-repository', REF], 'takes a repository without a tag or digest'],
    [[REF, ...key, '--signature-repository', 'sigs'], '--signature-repository: The reference "sigs" names no registry'],
    [[REF, ...key, '--strict-rules', 'maybe'], '--strict-rules takes on or off'],
    [[...key], '<ref> is missing'],
    [['registry.example.com/charts/hashtest', ...key], 'names neither a tag nor a digest'],
    [['nginx:latest', ...key], 'names no registry and repository'],
    [['registry.example.com/Charts:1', ...key], 'names a repository that cannot be'],
    [['registry.example.com/charts@sha256:12', ...key], 'has a digest that is none'],
  ])('%j is told', async (args, sentence) => {
    const { status, out, err } = await cli(['verify', 'oci', ...args]);
    expect([status, out]).toEqual([64, '']);
    expect(err).toContain(sentence);
    expect(err).toContain('Usage: source-integrity verify oci');
  });

  test('is a private key or a certificate where a public key belongs', async () => {
    const folder = keyFolder();
    const encrypted =
      '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n';
    const others = folderOf({ 'cosign.key': encrypted });
    const certificate = fileURLToPath(new URL('../fetch/certificates/authority.pem', import.meta.url));
    for (const [path, sentence] of [
      [join(folder, 'release.key'), 'is a private key'],
      [join(others, 'cosign.key'), 'is a private key'],
      [certificate, 'is a certificate'],
    ] as const) {
      const { status, out, err } = await cli(['verify', 'oci', REF, '--key', path]);
      expect([status, out]).toEqual([64, '']);
      expect(err).toContain(`The key ${JSON.stringify(path)} ${sentence}`);
      expect(err).not.toContain('AAAA');
    }
  });
});

describe('files that cannot be used', () => {
  test.each<[string, string[], string]>([
    ['a key that is not there', ['--key', '/none.pub'], 'The key "/none.pub" does not exist.'],
    ['a key that is none', ['--key', vector('expected.tsv')], 'is not PEM. Give one public key in PEM'],
    [
      'a trust root that is not there',
      ['--key', cosignVector('keys/p256.pub'), '--trusted-root', '/none.json'],
      'The trust root "/none.json" does not exist.',
    ],
    [
      'a trust root that is none',
      ['--key', cosignVector('keys/p256.pub'), '--trusted-root', cosignVector('cases.tsv')],
      "Give a trusted_root.json of Sigstore's format.",
    ],
    ['a folder of keys', ['--key', cosignVector('keys')], 'cannot be read: it is a folder'],
  ])('are told: %s', async (_, args, sentence) => {
    const { status, out, err } = await cli(['verify', 'oci', 'registry.example.com/a/b:1', ...args]);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
  });
});

test('--help says that expressions match the whole text', async () => {
  const { out } = await cli(['verify', 'oci', '--help']);
  expect(out.replaceAll(/\s+/g, ' ')).toContain("have to match the whole text, where cosign's match any part of it");
});

/** The chart's own layer. */
function digestOfLayer(content: RegistryContent): string {
  return content.blob(readFileSync(vector('hashtest-1.2.3.tgz')), '').digest;
}
