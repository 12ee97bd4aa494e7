import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Digest, parsePolicy } from '@source-integrity/core';
import { reproduceWithHelm, reproduceWithHelmFromRegistry } from '../../../packages/core/src/report/reproduce.ts';
import { reproduceWithCosign } from '../../../packages/core/src/report/reproduce-cosign.ts';
import { closed, listen } from '../demo/ports.ts';
import { PERSON, type SignedByCosign, signWithCosign } from './cosign/signed-by-cosign.ts';
import { World } from './cosign/world.ts';
import { type Chart, chartOf, provenanceText, sha256Hex, SignedCharts } from './helm/signed-charts.ts';
import { PushedRepository } from './pushed-repository.ts';
import { Chance } from './seed.ts';
import { toolPath } from './tools.ts';

/**
 * The commands under "check it yourself", run as they are printed with the real tools: each exits with 0 for what is
 * verified, and with another status once it was tampered with.
 */
let world: World;
let gpg: SignedCharts;
const folder = mkdtempSync(join(tmpdir(), 'source-integrity-reproduction-'));
const bin = join(folder, 'bin');
const served = new Map<string, Buffer>();
const server = createServer(({ url = '' }, response) => {
  const content = served.get(url);
  response.statusCode = content === undefined ? 404 : 200;
  response.end(content ?? '');
});
let repository = '';

beforeAll(async () => {
  world = await World.start(new Chance(1));
  gpg = new SignedCharts(folder);
  repository = `http://127.0.0.1:${await listen(server, 0)}`;
  mkdirSync(bin);
  for (const name of ['helm', 'cosign'] as const) symlinkSync(await toolPath(name), join(bin, name));
  // The one stand-in: a cluster that holds the key of the ConfigMap.
  writeFileSync(join(folder, 'key.asc'), gpg.armored('release'));
  writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\nexec cat '${join(folder, 'key.asc')}'\n`);
  chmodSync(join(bin, 'kubectl'), 0o755);
}, 1_800_000);
afterAll(async () => {
  gpg.close();
  await closed(server);
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the lines as somebody who copies them all; answers what was said, or null where all went well. */
async function ran(lines: readonly string[]): Promise<string | null> {
  expect(lines).not.toEqual([]);
  const cwd = mkdtempSync(join(folder, 'copied-'));
  writeFileSync(join(cwd, 'release.pub'), readFileSync(world.key('P-256').path));
  writeFileSync(join(cwd, 'own.json'), readFileSync(world.sigstore.trustedRoot));
  const env = { ...process.env, ...world.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, GNUPGHOME: cwd };
  return new Promise((resolve) => {
    execFile('bash', ['-e', '-o', 'pipefail', '-c', lines.join('\n')], { cwd, env }, (error, stdout, stderr) => {
      resolve(error === null ? null : `${lines.join('\n')}\n${stdout}${stderr}`);
    });
  });
}

function cosignLines({ reference, subject }: Pick<SignedByCosign, 'reference' | 'subject'>, cosign: string): string[] {
  const text = `unmatched: allow\noci: {policies: [{repos: [{url: "oci://**"}], cosign: {mode: signature, ${cosign}}}]}\n`;
  const [policy] = parsePolicy({ 'all-projects': text }).baseline?.oci ?? [];
  if (policy === undefined) throw new Error(`not a policy: ${text}`);
  const [at = ''] = reference.split('@');
  const artifact = { kind: 'oci' as const, digest: Digest.parse(subject.digest), repository: at, tag: '1.2.3' };
  return reproduceWithCosign(artifact, policy, { plainHttp: true });
}

describe('an artifact in a registry', () => {
  const byKey = 'keys: [release], transparencyLog: optional';

  test.each([false, true])('signed by a key, legacy: %s', async (legacy) => {
    const signed = await signWithCosign(world, { key: 'P-256', legacy });
    expect(await ran(cosignLines(signed, byKey))).toBeNull();
    const other = await signWithCosign(world, { key: 'RSA-2048', legacy });
    expect(await ran(cosignLines(other, byKey))).toMatch(/no matching (?:attestations|signatures)/);
  });

  test('signed by a key, with its claims and in the log', async () => {
    const signed = await signWithCosign(world, { key: 'P-256', log: true, extra: ['--annotations', 'tag=1.2.3'] });
    const wanted = 'keys: [release], trustRoot: own, annotations: {tag: "{tag}"}';
    expect(await ran(cosignLines(signed, wanted))).toBeNull();
    expect(await ran(cosignLines(signed, wanted.replace('{tag}', '{tag}x')))).toMatch(/annotation/);
  });

  test('with its signatures in another repository', async () => {
    const elsewhere = world.repository(world.registry('distribution'));
    const signed = await signWithCosign(world, { key: 'P-256', legacy: true }, { elsewhere });
    expect(await ran(cosignLines(signed, `${byKey}, signatureRepository: "${elsewhere.path}"`))).toBeNull();
    expect(await ran(cosignLines(signed, byKey))).toMatch(/no signatures found/);
  });

  test('signed keyless, by exact words and by expression', async () => {
    const { issuer } = world.sigstore;
    const signed = await signWithCosign(world, { token: issuer.person(PERSON) });
    const entry = (who: string): string =>
      `identities: [{issuer: "${issuer.people}", ${who}}], trustRoot: own, certificateTransparency: optional`;
    expect(await ran(cosignLines(signed, entry(`subject: ${PERSON}`)))).toBeNull();
    expect(await ran(cosignLines(signed, entry(`subjectRegExp: ".*@acme[.]test"`)))).toBeNull();
    // Anchored, or cosign would be content with a part.
    expect(await ran(cosignLines(signed, entry(`subjectRegExp: "acme"`)))).toMatch(/no matching/);
  });

  test('signed keyless, legacy with a timestamp alone: the second of the two lines', async () => {
    const { issuer } = world.sigstore;
    const signed = await signWithCosign(world, { token: issuer.person(PERSON), legacy: true });
    const who = `identities: [{issuer: "${issuer.people}", subject: ${PERSON}}]`;
    const lines = cosignLines(
      signed,
      `${who}, trustRoot: own, certificateTransparency: optional, transparencyLog: optional`,
    );
    expect(lines).toHaveLength(2);
    expect(await ran(lines.slice(1))).toBeNull();
  });
});

describe('a chart', () => {
  const argocdNamespace = 'argocd';

  async function charts(): Promise<{ readonly good: Chart; readonly provenance: Buffer; readonly tampered: Chart }> {
    const good = await chartOf('demo', '1.2.3');
    const provenance = Buffer.from(gpg.sign('release', provenanceText(good)));
    return { good, provenance, tampered: await chartOf('demo', '1.2.3', 'replicas: 99\n') };
  }

  test('over HTTP', async () => {
    const { good, provenance, tampered } = await charts();
    const lines = (place: string, { archive }: Chart): string[] => {
      const digest = sha256Hex(archive);
      const index = {
        apiVersion: 'v1',
        entries: { demo: [{ apiVersion: 'v2', name: 'demo', version: '1.2.3', digest, urls: ['demo-1.2.3.tgz'] }] },
      };
      served.set(`/${place}/index.yaml`, Buffer.from(JSON.stringify(index)));
      served.set(`/${place}/demo-1.2.3.tgz`, archive);
      served.set(`/${place}/demo-1.2.3.tgz.prov`, provenance);
      return reproduceWithHelm({
        argocdNamespace,
        repoURL: `${repository}/${place}`,
        chart: 'demo',
        version: '1.2.3',
        fileName: 'demo-1.2.3.tgz',
        digest: Digest.parse(`sha256:${digest}`),
        credentials: false,
      });
    };
    expect(await ran(lines('good', good))).toBeNull();
    expect(await ran(lines('tampered', tampered))).toMatch(/sha256 sum does not match/);
    const replaced = lines('replaced', good);
    served.set('/replaced/demo-1.2.3.tgz', tampered.archive);
    expect(await ran(replaced)).toMatch(/FAILED/);
  });

  test.each(['distribution', 'crane', 'referrers'] as const)('in the registry %s', async (kind) => {
    const { good, provenance, tampered } = await charts();
    const lines = async (name: string, { archive }: Chart): Promise<string[]> => {
      const pushed = new PushedRepository(world.registry(kind), `${name}/demo`);
      const type = 'application/vnd.cncf.helm';
      const config = Buffer.from(JSON.stringify({ apiVersion: 'v2', name: 'demo', version: '1.2.3' }));
      const { digest } = await pushed.pushManifest(
        {
          config: { mediaType: `${type}.config.v1+json`, content: config },
          layers: [
            { mediaType: `${type}.chart.content.v1.tar+gzip`, content: archive },
            { mediaType: `${type}.chart.provenance.v1.prov`, content: provenance },
          ],
        },
        '1.2.3',
      );
      return reproduceWithHelmFromRegistry({
        argocdNamespace,
        registry: pushed.registry.host,
        repository: pushed.name,
        version: '1.2.3',
        digest: Digest.parse(digest),
        credentials: false,
        plainHttp: true,
      });
    };
    expect(await ran(await lines('good', good))).toBeNull();
    expect(await ran(await lines('tampered', tampered))).toMatch(/sha256 sum does not match/);
  });
});
