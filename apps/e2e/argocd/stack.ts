import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChartRepository } from '../demo/chart-repository.ts';
import { closed, listen } from '../demo/ports.ts';
import { type Account, type ArgoCD, OTHER_NAMESPACES, startArgoCD } from './argocd.ts';
import { fillRegistry, layOutCharts, type Places } from './artifacts.ts';
import { type ControlPlane, startControlPlane, type User } from './control-plane.ts';
import { type Conditions, createLink, type Link, type Passed } from './link.ts';
import { ownPort } from './own-port.ts';
import { leftovers, type Program, readyWhen, start } from './process.ts';
import { Registry } from './registry.ts';
import { copyProgram, createServer, type IntegrityServer, type ServerOptions } from './server.ts';
import { suiteTools, type Tools } from './tools.ts';

/** Where everything is; JSON, so that it can be handed to the proofs. */
export interface Addresses {
  readonly folder: string;
  readonly tools: Tools;
  readonly kubernetes: {
    readonly server: string;
    readonly caFile: string;
    readonly tokens: Readonly<Record<User, string>>;
    readonly kubeconfig: string;
  };
  readonly argocd: { readonly url: string; readonly tokens: Readonly<Record<Account, string>> };
  readonly integrity: Pick<IntegrityServer, 'api' | 'operations' | 'admission' | 'token'>;
  /** As Argo CD and the product see them: over links that can be disturbed. */
  readonly places: Places;
  /** The folder that the chart repository serves. */
  readonly charts: string;
  /** The registry itself, not over a link. */
  readonly registry: string;
}

/** What can be done to the stack while it runs. */
export interface Controls {
  startServer(options?: ServerOptions): Promise<void>;
  /** Starts it where it isn't running as it should. */
  ensureServer(): Promise<void>;
  stopServer(): Promise<void>;
  killServer(): Promise<void>;
  freezeServer(): Promise<void>;
  thawServer(): Promise<void>;
  deleteStore(): Promise<void>;
  restartComponent(component: string, environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Until it is restarted. */
  stopComponent(component: string): Promise<void>;
  disturb(which: 'charts' | 'registry', conditions: Conditions): Promise<void>;
  passed(which: 'charts' | 'registry'): Promise<readonly Passed[]>;
}

export interface Stack {
  readonly addresses: Addresses;
  readonly controls: Controls;
  /** Ends all of it; throws where something is left. */
  stop(): Promise<void>;
}

/** Starts everything real that the proofs need, and nothing of the product yet. */
export async function startStack(): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'source-integrity-argocd-'));
  const logs = join(folder, 'logs');
  const charts = join(folder, 'chart-repository');
  await mkdir(logs);
  const cleanUps: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
    const left = await leftovers();
    if (left.length > 0) throw new Error(`The suite left running:\n${left.join('\n')}`);
    if (process.env['KEEP_LOGS'] === undefined) await rm(folder, { recursive: true, force: true });
    else process.stderr.write(`logs: ${logs}\n`);
  };
  try {
    const tools = await suiteTools(folder);
    await layOutCharts(charts);
    const [plane, registry, chartRepository] = await Promise.all([
      startControlPlane(folder, logs, tools, (program) => cleanUps.push(() => program.stop())),
      startRegistry(logs, tools, charts, (program) => cleanUps.push(() => program.stop())),
      startChartRepository(charts, cleanUps),
    ]);
    const links = { charts: await createLink(() => chartRepository), registry: await createLink(() => registry) };
    cleanUps.push(
      () => links.charts.close(),
      () => links.registry.close(),
    );
    const token = 'the-shared-secret-of-the-suite-0123456789';
    await installArgoCD(plane, tools, token);
    await copyProgram(folder);
    const server = await createServer(folder, logs, plane, token, { namespace: 'argocd', program: folder });
    cleanUps.push(() => server.stop());
    const argocd = await startArgoCD(folder, logs, tools, plane, server.api, (program) =>
      cleanUps.push(() => program.stop()),
    );
    const places = {
      charts: `http://127.0.0.1:${links.charts.port}`,
      registry: `127.0.0.1:${links.registry.port}`,
    };
    return {
      addresses: {
        folder,
        tools,
        kubernetes: {
          server: plane.server,
          caFile: plane.caFile,
          tokens: plane.tokens,
          kubeconfig: await plane.kubeconfig('suite', plane.tokens.admin),
        },
        argocd: { url: argocd.url, tokens: argocd.tokens },
        integrity: {
          api: server.api,
          operations: server.operations,
          admission: server.admission,
          token,
        },
        places,
        charts,
        registry: `http://127.0.0.1:${registry}`,
      },
      controls: controls(server, argocd, links),
      stop,
    };
  } catch (error) {
    process.env['KEEP_LOGS'] ??= '1';
    await stop().catch((second: unknown) => process.stderr.write(`${String(second)}\n`));
    throw error;
  }
}

function controls(
  server: IntegrityServer,
  argocd: ArgoCD,
  links: Readonly<Record<'charts' | 'registry', Link>>,
): Controls {
  return {
    startServer: (options) => server.start(options),
    ensureServer: () => server.ensure(),
    stopServer: () => server.stop(),
    killServer: () => server.kill(),
    freezeServer: () => server.freeze(),
    thawServer: () => server.thaw(),
    deleteStore: () => server.deleteStore(),
    restartComponent: (component, environment) => argocd.restart(component, environment),
    stopComponent: (component) => argocd.stop(component),
    disturb: (which, conditions) => Promise.resolve(links[which].set(conditions)),
    passed: (which) => Promise.resolve(links[which].passed()),
  };
}

/** crane's: it is told of referrers by fall-back tags, and its tags can be moved. Answers the port. */
async function startRegistry(
  logs: string,
  tools: Tools,
  charts: string,
  started: (program: Program) => void,
): Promise<number> {
  const port = await ownPort();
  const address = `127.0.0.1:${port}`;
  const args = ['registry', 'serve', '--address', address];
  const program = start(logs, { name: 'registry', file: tools.crane, args });
  started(program);
  await readyWhen(program, () => fetch(`http://${address}/v2/`));
  await fillRegistry(new Registry(`http://${address}`), address, charts, tools.helm);
  return port;
}

async function startChartRepository(charts: string, cleanUps: (() => Promise<void>)[]): Promise<number> {
  const server = createChartRepository(() => charts);
  const port = await listen(server, 0);
  cleanUps.push(() => closed(server));
  return port;
}

async function installArgoCD(plane: ControlPlane, tools: Tools, token: string): Promise<void> {
  for (const namespace of ['argocd', ...OTHER_NAMESPACES]) await plane.kubectl('create', 'namespace', namespace);
  await plane.kubectl('apply', '-n', 'argocd', '--server-side', '-f', tools.installManifest);
  // A definition that was taken is not served yet, and argocd-server ends where its kinds are not.
  await plane.kubectl('wait', '--for=condition=Established', 'customresourcedefinitions', '--all', '--timeout=60s');
  await plane.admin.patch('/api/v1/namespaces/argocd/secrets/argocd-secret', {
    stringData: { 'source-integrity.token': token },
  });
}
