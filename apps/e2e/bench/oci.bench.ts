/**
 * An artifact in a registry that is signed by a key: the command line against `cosign verify --key`, and a cold
 * verification through the API against the same, side by side in one run, on the demo's registry. Where no cosign is on
 * PATH or built for the reference suite, it says so.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { type Demo, startDemo } from '../demo/start.ts';
import { builtTool } from '../reference/tools.ts';
import { setFreshness } from './freshness.ts';
import { note, report, timed } from './timing.ts';

const BIN = fileURLToPath(new URL('../../../packages/server/bin/source-integrity.js', import.meta.url));
const APPLICATION = { name: 'dns-zones', project: 'edge', reference: 'edge/dns-zones:3.7.0', key: 'edge-release' };
const ROUNDS = 15;

const cosign = spawnSync('cosign', ['version']).status === 0 ? 'cosign' : await builtTool('cosign');
if (cosign === null) note('skipped: cosign is not there');
else await compare(cosign);

async function compare(command: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'oci-bench-'));
  const demo = await startDemo({ port: 0, repositoryPort: 0, registryPort: 0, folder: join(work, 'demo') });
  try {
    const key = writeKey(demo, work);
    const reference = `${demo.registry.host}/${APPLICATION.reference}`;
    const asked = ['--key', key, '--insecure-ignore-tlog'];
    const env = { ...process.env, HOME: work };
    const run = async (tool: string, args: readonly string[]): Promise<void> => {
      await promisify(execFile)(tool, args, { env });
    };
    const theirs = await timed(ROUNDS, () => run(command, ['verify', ...asked, '--allow-http-registry', reference]));
    report('cosign verify --key', theirs);
    const ours = ['verify', 'oci', reference, ...asked, '--plain-http'];
    report('verify oci --key', await timed(ROUNDS, () => run(process.execPath, [BIN, ...ours])), theirs);
    report('cold verification through the API', await timed(ROUNDS, coldReport(demo)), theirs);
  } finally {
    await demo.stop();
    rmSync(work, { recursive: true });
  }
}

/** A report for which manifest, signatures and all are fetched anew. */
function coldReport({ address, folder }: Demo): () => Promise<void> {
  setFreshness(folder.cluster, '0s');
  const url = new URL('/extensions/source-integrity/api/v1/report', address);
  const headers = {
    'Argocd-Application-Name': `argocd:${APPLICATION.name}`,
    'Argocd-Project-Name': APPLICATION.project,
  };
  return async () => {
    const text = await (await fetch(url, { headers })).text();
    if (!text.includes('"status":"verified"')) throw new Error(`not verified: ${text.slice(0, 500)}`);
  };
}

function writeKey({ folder: { cluster } }: Demo, work: string): string {
  const manifest: unknown = parse(readFileSync(join(cluster, 'argocd-cosign-keys-cm.yaml'), 'utf8'));
  const path = join(work, 'key.pub');
  writeFileSync(path, String(Reflect.get(Object(Reflect.get(Object(manifest), 'data')), APPLICATION.key)));
  return path;
}
