import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createAdmission } from './argocd/admission.ts';
import { openCluster } from './argocd/cluster-folder.ts';
import { createRevisionResolver } from './argocd/revision.ts';
import { createSyncs } from './argocd/sync.ts';
import { buildHostPage } from './argocd-host/bundle.ts';
import { createArgocdServer } from './argocd-server.ts';
import { createChartRepository } from './chart-repository.ts';
import { closed, freePort, listen } from './ports.ts';
import { createRegistry } from './registry.ts';
import { startServer } from './server-process.ts';
import { createTampering } from './tampering.ts';
import { claimFolder, makeWorkingFolder, type WorkingFolder } from './working-folder.ts';

export interface DemoOptions {
  /** Port of the page; the next free one if it is in use, any if 0. Default 8080. */
  readonly port?: number;
  /** Port of the chart repositories, likewise. Default 8879. */
  readonly repositoryPort?: number;
  /** Port of the registry, likewise. Default 5001. */
  readonly registryPort?: number;
  /** Where the working copies go; made anew. Default `apps/e2e/.demo`. */
  readonly folder?: string;
  /** What each request to the chart repositories waits for. Default: nothing. */
  readonly beforeCharts?: () => Promise<void>;
}

export interface Demo {
  /** The page's address. */
  readonly address: URL;
  readonly repository: URL;
  readonly registry: URL;
  /** The server's listeners, for those who want to look behind the page. */
  readonly server: { readonly api: URL; readonly admission: URL; readonly operations: URL; readonly pid: number };
  readonly folder: WorkingFolder;
  /** Settles if the server ends by itself, with what it said last. */
  readonly serverEnded: Promise<string>;
  /** Ends the server alone, so that the page meets a dead backend. */
  stopServer(): Promise<void>;
  stop(): Promise<void>;
  /** Ends the server at once, for those who can't wait. */
  kill(): void;
}

/** Starts the chart repositories, the registry, the real server and the page. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const closing: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) await close();
  };
  try {
    const served = { charts: '', registry: '' };
    const repositoryServer = createChartRepository(() => served.charts, options.beforeCharts);
    const repositoryPort = await listen(repositoryServer, options.repositoryPort ?? 8879);
    closing.push(() => closed(repositoryServer));
    const registryServer = createRegistry(() => served.registry);
    const registryPort = await listen(registryServer, options.registryPort ?? 5001);
    closing.push(() => closed(registryServer));
    const claim = await claimFolder(options.folder ?? fileURLToPath(new URL('../.demo', import.meta.url)));
    closing.push(() => claim.free());
    const folder = await makeWorkingFolder(claim.at, { charts: repositoryPort, registry: registryPort });
    served.charts = folder.charts;
    served.registry = folder.registry;

    const ports = { api: await freePort(), admission: await freePort(), operations: await freePort() };
    const token = randomBytes(32).toString('base64url');
    const page = await buildHostPage();
    const server = await startServer(folder, ports, token);
    closing.push(() => server.stop());

    const cluster = openCluster(folder.cluster, 'argocd');
    const resolve = createRevisionResolver(cluster);
    const syncs = createSyncs(cluster, createAdmission(loopback(ports.admission, '/admission/gate')), resolve);
    const repository = loopback(repositoryPort);
    const argocd = createArgocdServer({
      cluster,
      syncs,
      page,
      folder,
      backend: { address: loopback(ports.api), token },
      tampering: createTampering(folder, repository, resolve),
    });
    const port = await listen(argocd, options.port ?? 8080);
    closing.push(
      () => closed(argocd),
      async () => syncs.stop(),
    );

    return {
      address: loopback(port),
      repository,
      registry: loopback(registryPort),
      server: {
        api: loopback(ports.api),
        admission: loopback(ports.admission),
        operations: loopback(ports.operations),
        pid: server.pid,
      },
      folder,
      serverEnded: server.ended,
      stopServer: () => server.stop(),
      stop,
      kill: () => server.kill(),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function loopback(port: number, path = '/'): URL {
  return new URL(`http://127.0.0.1:${port}${path}`);
}
