/**
 * The warm gate against a webhook that does nothing: one request to each in turn, so that whatever else the machine
 * does hits both, and what each process has spent of the processors. The gate's objects come over watches, as in a
 * cluster. `node gate.bench.ts <bin>` measures another build of the server than the one in the tree.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { Agent, request } from 'node:https';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { admissionReview } from '../demo/argocd/admission.ts';
import { openCluster } from '../demo/argocd/cluster-folder.ts';
import { startDemo } from '../demo/start.ts';
import { startBenchedServer } from './benched-server.ts';
import { setFreshness } from './freshness.ts';
import { note, report, timed } from './timing.ts';

const NOOP = fileURLToPath(new URL('noop-webhook.ts', import.meta.url));
const APPLICATIONS = { 'Helm over HTTP': 'payments', 'plain OCI by key': 'dns-zones' } as const;
const WARMING = 500;
const REQUESTS = 3000;
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

const work = mkdtempSync(join(tmpdir(), 'gate-bench-'));
const demo = await startDemo({ port: 0, repositoryPort: 0, registryPort: 0, folder: join(work, 'demo') });
try {
  note(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
  const { cluster } = demo.folder;
  setFreshness(cluster, '1h');
  const server = await startBenchedServer(cluster, work, process.argv[2]);
  const noop = spawn(process.execPath, [NOOP, server.tls.cert, server.tls.key], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const nothing = `https://127.0.0.1:${await firstLine(noop.stdout)}/`;
    const gate = new URL('/admission/gate', server.admission).href;
    for (const [kind, name] of Object.entries(APPLICATIONS)) {
      const review = await reviewOf(cluster, name);
      const ask = (url: string) => () => allowed(url, review);
      for (const url of [gate, nothing]) await timed(WARMING, ask(url));
      const [ours, theirs]: [number[], number[]] = [[], []];
      const before = [cpuOf(server.pid), cpuOf(noop.pid)];
      for (let round = 0; round < REQUESTS; round += 1) {
        ours.push(...(await timed(1, ask(gate))));
        theirs.push(...(await timed(1, ask(nothing))));
      }
      const [spent = 0, none = 0] = [cpuOf(server.pid), cpuOf(noop.pid)].map(
        (after, each) => (after - (before[each] ?? 0)) / REQUESTS,
      );
      report(`webhook that does nothing`, theirs);
      report(`warm gate, ${kind}`, ours, theirs);
      note(
        `  CPU time of a request: ${spent.toFixed(2)} ms and ${none.toFixed(2)} ms, ratio ${(spent / none).toFixed(2)}`,
      );
    }
  } finally {
    noop.kill();
    await server.stop();
  }
} finally {
  await demo.stop();
  rmSync(work, { recursive: true });
}

async function reviewOf(cluster: string, name: string): Promise<string> {
  const application = await openCluster(cluster, 'argocd').get('argocd', name);
  if (application === null) throw new Error('the demo has no such Application');
  const { source } = application.spec;
  if (source === undefined) throw new Error('it has one source');
  const revision = source.repoURL.startsWith('oci://') ? await digestOf(source) : (source.targetRevision ?? '');
  const operation = { initiatedBy: { username: 'bench' }, retry: {}, sync: { source, revision } };
  return JSON.stringify(admissionReview('bench', application, { ...application, operation }));
}

async function digestOf({ repoURL, targetRevision }: { repoURL: string; targetRevision?: string }): Promise<string> {
  const { host, pathname } = new URL(repoURL.replace('oci:', 'http:'));
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const url = `http://${host}/v2${pathname}/manifests/${targetRevision}`;
  const response = await fetch(url, { method: 'HEAD', headers: { accept } });
  return response.headers.get('docker-content-digest') ?? '';
}

/** Milliseconds that a process has spent on the processors. */
function cpuOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  // User and system time, in hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function firstLine(stream: Readable): Promise<string> {
  const data: unknown = (await once(stream, 'data')).at(0);
  return String(data).trim();
}

/** As kube-apiserver asks: over TLS, on connections that stay. */
function allowed(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (text.includes('"allowed":true')) resolve();
        else reject(new Error(`not allowed: ${text}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
