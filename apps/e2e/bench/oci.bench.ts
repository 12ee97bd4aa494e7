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
import { coldReport, startBenchedServer } from './benched-server.ts';
import { setFreshness } from './freshness.ts';
import { note, reportInTurns, timed } from './timing.ts';

const BIN = fileURLToPath(new URL('../../../packages/server/bin/source-integrity.js', import.meta.url));
const APPLICATION = { name: 'dns-zones', project: 'edge', reference: 'edge/dns-zones:3.7.0', key: 'edge-release' };
const ROUNDS = 15;
const WARMING = 100;

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
    const ours = ['verify', 'oci', reference, ...asked, '--plain-http'];
    setFreshness(demo.folder.cluster, '0s');
    const server = await startBenchedServer(demo.folder.cluster, work);
    try {
      const each = {
        'cosign verify --key': () => run(command, ['verify', ...asked, '--allow-http-registry', reference]),
        'verify oci --key': () => run(process.execPath, [BIN, ...ours]),
        'cold verification through the API': coldReport(server, APPLICATION),
      };
      await reportInTurns(ROUNDS, each);
      // By then what is asked for again and again is compiled.
      await timed(WARMING, each['cold verification through the API']);
      note(`after ${WARMING} more`);
      await reportInTurns(ROUNDS, each);
    } finally {
      await server.stop();
    }
  } finally {
    await demo.stop();
    rmSync(work, { recursive: true });
  }
}

function writeKey({ folder: { cluster } }: Demo, work: string): string {
  const manifest: unknown = parse(readFileSync(join(cluster, 'argocd-cosign-keys-cm.yaml'), 'utf8'));
  const path = join(work, 'key.pub');
  writeFileSync(path, String(Reflect.get(Object(Reflect.get(Object(manifest), 'data')), APPLICATION.key)));
  return path;
}
