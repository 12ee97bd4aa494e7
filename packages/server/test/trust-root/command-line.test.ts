import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { change, FakeSigstore, type Json } from '../../../core/test/cosign/fake-sigstore.ts';
import { PublicGoodTrustRoot } from '../../src/trust-root/public-good.ts';
import { TrustRootCache } from '../../src/trust-root/trust-root-cache.ts';
import { cli, containing, folderOf } from '../cli/command-line.ts';
import { accessTo, fetcher } from '../fetch/local.ts';
import { TufMirror } from './tuf-mirror.ts';

const NOW = ['--now', '2026-11-22T10:00:00Z'];
const sigstore = new FakeSigstore();
const GOOD = JSON.stringify(sigstore.trustedRoot());

function without(list: string): string {
  return JSON.stringify(
    sigstore.trustedRoot((root: Json) => {
      change(root, [list], []);
    }),
  );
}

function configMap(
  data: Readonly<Record<string, string>>,
  labels: object = { 'app.kubernetes.io/part-of': 'argocd' },
): string {
  const metadata = { name: 'argocd-sigstore-trusted-root-cm', namespace: 'argocd', labels };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

/** A mirror, its `root.json` in a file, and a folder to write to. */
async function startMirror(): Promise<{
  readonly mirror: TufMirror;
  readonly asked: readonly string[];
  readonly folder: string;
}> {
  const mirror = await new TufMirror().start();
  mirror.publish(GOOD);
  const folder = folderOf({ 'root.json': mirror.root(1) });
  return { mirror, folder, asked: ['--mirror', mirror.url, '--root', join(folder, 'root.json')] };
}

describe('trust-root show', () => {
  test('lists the authorities and logs of a file', async () => {
    const folder = folderOf({ 'trusted_root.json': GOOD });
    const { status, out } = await cli(['trust-root', 'show', join(folder, 'trusted_root.json'), ...NOW]);
    expect(status).toBe(0);
    expect(out.replaceAll(folder, '').replaceAll(/[0-9a-f]{64}/g, '…')).toMatchInlineSnapshot(`
      "Trust root /trusted_root.json, sha256:…

                             URL                 KEY          FROM        UNTIL  STATE  SHA-256
      certificate authority  https://ca.test     ECDSA P-256  2026-01-01  open   valid  …
      log of certificates    https://ctlog.test  ECDSA P-256  2026-01-01  open   valid  …
      transparency log       https://log.test    ECDSA P-256  2026-01-01  open   valid  …
      timestamp authority    https://tsa.test    ECDSA P-256  2026-01-01  open   valid  …
      "
    `);
  });

  test('lists those of every entry of the ConfigMap, and what cannot be read', async () => {
    const folder = folderOf({ 'cm.yaml': configMap({ acme: GOOD, broken: '{' }) });
    const { status, out } = await cli(['trust-root', 'show', join(folder, 'cm.yaml'), '-o', 'json', ...NOW]);
    expect(status).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      roots: [{ name: 'acme', parts: [{ kind: 'certificate-authority', state: 'valid', unusable: null }, {}, {}, {}] }],
      problems: [{ code: 'trust-root-unreadable', params: { name: 'broken' } }],
      checkedAt: null,
    });
  });

  test('shows the public-good root of this version where no server has a newer one', async () => {
    const { status, out } = await cli(['trust-root', 'show', '--data-dir', folderOf({})]);
    expect(status).toBe(0);
    expect(out).toContain('as it came with this version');
    expect(out).toMatch(/^transparency log .* ECDSA P-256 /m);
  });

  test('shows what the mirror has vouched for, and asks nobody', async () => {
    const { mirror, asked } = await startMirror();
    const data = mkdtempSync(join(tmpdir(), 'source-integrity-data-'));
    onTestFinished(() => rmSync(data, { recursive: true }));
    const anchor = Buffer.from(mirror.root(1));
    const server = new PublicGoodTrustRoot({
      tuf: { mirror: mirror.url, anchor, cache: new TrustRootCache(data, mirror.url, anchor) },
      fetch: fetcher().fetch,
      accessTo: async (url) => ({ access: accessTo(url) }),
      isNeeded: async () => true,
      now: () => new Date('2026-11-22T09:00:00Z'),
    });
    await server.refreshIfDue();
    const requests = mirror.paths.length;
    const { status, out } = await cli(['trust-root', 'show', '--data-dir', data, ...asked, ...NOW]);
    expect(out).toContain('vouched for by its TUF mirror at 2026-11-22T09:00:00.000Z');
    expect(out).toContain('https://log.test');
    expect(status).toBe(0);
    expect(mirror.paths).toHaveLength(requests);
  });
});

describe('trust-root lint', () => {
  test('passes what is as it should be, alone and in the ConfigMap', async () => {
    const folder = folderOf({ 'trusted_root.json': GOOD, 'cm.yaml': configMap({ acme: GOOD, other: GOOD }) });
    const one = await cli(['trust-root', 'lint', join(folder, 'trusted_root.json'), ...NOW]);
    expect(one).toMatchObject({ status: 0, out: containing('holds 1 trust root with no errors.\n') });
    const two = await cli(['trust-root', 'lint', join(folder, 'cm.yaml'), ...NOW]);
    expect(two).toMatchObject({ status: 0, out: containing('holds 2 trust roots with no errors.\n') });
  });

  test('tells what is probably not meant, and passes', async () => {
    const folder = folderOf({ 'trusted_root.json': without('timestampAuthorities') });
    const { status, out } = await cli(['trust-root', 'lint', join(folder, 'trusted_root.json'), ...NOW]);
    expect(status).toBe(0);
    expect(out).toContain('with no errors and 1 warning.');
    expect(out).toContain('has no timestampAuthorities: signatures with a timestamp instead of a logged time');
    expect(out).toMatch(/^ {4}code +trust-root-list-empty$/m);
  });

  test.each<[string, string, string]>([
    ['a file that is broken', '{"mediaType": ', 'trust-root-unreadable'],
    ['an entry that is broken', configMap({ acme: GOOD, broken: 'x' }), 'trust-root-unreadable'],
    ['a ConfigMap that Argo CD does not see', configMap({ acme: GOOD }, {}), 'trust-root-unreadable'],
    ['a name that a cluster refuses', configMap({ 'a/b': GOOD }), 'trust-root-unreadable'],
  ])('fails for %s', async (_, text, code) => {
    const folder = folderOf({ file: text });
    const { status, out } = await cli(['trust-root', 'lint', join(folder, 'file'), '-o', 'json', ...NOW]);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ errors: [{ code }] });
  });

  test.each([
    ['something else', 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: other}\n', 'neither a trusted_root.json nor'],
    ['two of it', `${configMap({})}\n---\n${configMap({})}`, 'more than once: at lines 1 and 3'],
  ])('cannot check a file with %s', async (_, text, says) => {
    const folder = folderOf({ file: text });
    expect(await cli(['trust-root', 'lint', join(folder, 'file')])).toMatchObject({ status: 2, err: containing(says) });
  });

  test('needs a file', async () => {
    expect((await cli(['trust-root', 'lint'])).status).toBe(64);
  });
});

describe('trust-root fetch', () => {
  test('prints what the mirror serves', async () => {
    const { asked } = await startMirror();
    expect(await cli(['trust-root', 'fetch', ...asked])).toEqual({ status: 0, out: `${GOOD}\n`, err: '' });
  });

  test('prints it as an entry of the ConfigMap, which lint passes', async () => {
    const { asked } = await startMirror();
    const { out } = await cli(['trust-root', 'fetch', ...asked, '--as-configmap', 'acme', '--namespace', 'gitops']);
    expect(parse(out)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'argocd-sigstore-trusted-root-cm',
        namespace: 'gitops',
        labels: { 'app.kubernetes.io/part-of': 'argocd' },
      },
      data: { acme: GOOD },
    });
    const folder = folderOf({ 'cm.yaml': out });
    expect((await cli(['trust-root', 'lint', join(folder, 'cm.yaml'), ...NOW])).status).toBe(0);
  });

  test('writes it to a file, and says what is in it', async () => {
    const { asked, folder } = await startMirror();
    const path = join(folder, 'trusted_root.json');
    const { status, out } = await cli(['trust-root', 'fetch', ...asked, '--write', path]);
    expect(status).toBe(0);
    expect(out).toContain('https://log.test');
    expect(readFileSync(path, 'utf8')).toBe(GOOD);
  });

  test('writes nothing where the mirror cannot be relied on', async () => {
    const { mirror, asked, folder } = await startMirror();
    mirror.expiresInDays = -1;
    mirror.publishTimestamp();
    const path = join(folder, 'trusted_root.json');
    const { status, err } = await cli(['trust-root', 'fetch', ...asked, '--write', path]);
    expect(status).toBe(2);
    expect(err).toContain('the TUF mirror cannot be relied on: Final timestamp.json is expired.');
    expect(() => readFileSync(path)).toThrow();
  });

  test('follows the root keys from the given root on', async () => {
    const { mirror, asked } = await startMirror();
    mirror.rotateRootKey();
    mirror.publish(GOOD);
    expect((await cli(['trust-root', 'fetch', ...asked])).status).toBe(0);
    const other = folderOf({ 'root.json': (await startMirror()).mirror.root(1) });
    const strange = ['--mirror', mirror.url, '--root', join(other, 'root.json')];
    expect((await cli(['trust-root', 'fetch', ...strange])).status).toBe(2);
  });

  test.each<[string, readonly string[], number]>([
    ['a mirror without its root', ['--mirror', 'https://tuf.example.com'], 64],
    ['a mirror that is no URL', ['--mirror', 'tuf.example.com'], 64],
    ['a root that is none', ['--root', new URL(import.meta.url).pathname], 2],
    ['a name that no ConfigMap takes', ['--as-configmap', 'a b'], 64],
    ['JSON of what is JSON', ['--output', 'json'], 64],
  ])('does not take %s', async (_, args, status) => {
    expect((await cli(['trust-root', 'fetch', ...args])).status).toBe(status);
  });
});
