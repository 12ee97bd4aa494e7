import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { archiveOf, chartYaml } from '../../../core/test/helm/chart-archives.ts';
import type { Signer } from './signer.ts';

interface Published {
  readonly name: string;
  readonly version: string;
  /** Who signs it; null: it has no provenance file. */
  readonly signer: Signer | null;
  /** What distinguishes these bytes from others of the same version. */
  readonly values?: string;
}

/** A chart repository on loopback whose files a test may change at any time. */
export interface ChartRepository {
  readonly url: string;
  /** Paths in the order in which they were asked for. */
  readonly requests: string[];
  readonly files: Map<string, Buffer>;
  /** Packs, signs and lists a chart; answers the digest of the archive. */
  readonly publish: (chart: Published) => Promise<string>;
  /** Stands before every file; answers whether it took the request. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly apiVersion: 'v2';
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly urls: readonly string[];
}

function indexOf(entries: readonly Entry[]): Buffer {
  const lines: string[] = [];
  for (const [name, versions = []] of Object.entries(Object.groupBy(entries, (entry) => entry.name))) {
    lines.push(`  ${name}:`);
    for (const { apiVersion, version, digest, urls } of versions) {
      lines.push(`  - apiVersion: ${apiVersion}`, '    created: "2025-01-02T00:00:00Z"', `    digest: ${digest}`);
      lines.push(`    name: ${name}`, '    urls:', ...urls.map((url) => `    - ${url}`), `    version: ${version}`);
    }
  }
  return Buffer.from(['apiVersion: v1', 'entries:', ...lines, 'generated: "2025-01-02T00:00:00Z"', ''].join('\n'));
}

export async function startChartRepository(): Promise<ChartRepository> {
  const files = new Map<string, Buffer>();
  const listed = new Map<string, Entry>();
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    if (repository.intercept(request, response)) return;
    const file = files.get(path);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const repository: ChartRepository = {
    url: `http://127.0.0.1:${address.port}/charts`,
    requests,
    files,
    intercept: () => false,
    async publish({ name, version, signer, values = 'replicas: 1\n' }) {
      const metadata = chartYaml(name, version);
      const archive = await archiveOf([
        [`${name}/Chart.yaml`, metadata],
        [`${name}/values.yaml`, values],
      ]);
      const digest = createHash('sha256').update(archive).digest('hex');
      const file = `${name}-${version}.tgz`;
      listed.set(file, { apiVersion: 'v2', name, version, digest, urls: [file] });
      files.set(`/charts/${file}`, archive);
      files.delete(`/charts/${file}.prov`);
      if (signer !== null) {
        files.set(`/charts/${file}.prov`, signer.sign(`${metadata}\n...\nfiles:\n  ${file}: sha256:${digest}\n`));
      }
      files.set('/charts/index.yaml', indexOf([...listed.values()]));
      return `sha256:${digest}`;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return repository;
}
