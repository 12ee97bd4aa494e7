import { createServer } from 'node:http';
import type { SourceReport } from '@source-integrity/core';
import express from 'express';
import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { createContext, type ServerContext } from '../../src/context.ts';
import type { Callers } from '../../src/guard/callers.ts';
import { guardRoute } from '../../src/guard/guard-route.ts';
import { GuardAnswer, type GuardedCall } from '../../src/guard/wire.ts';
import { errorHandler } from '../../src/http/api-error.ts';
import { createLogger } from '../../src/logger.ts';
import { startWorld, type World } from '../server/fixture.ts';

export const OTHER_DIGEST = `sha256:${'ab'.repeat(32)}`;

export interface Guarded {
  /** What the tab says of payments; looked at anew where that is said. */
  readonly source: (refresh?: boolean) => Promise<SourceReport>;
  readonly pullOf: () => Promise<SourceReport['pull']>;
  readonly world: World;
  readonly context: ServerContext;
  /** Of the route. */
  readonly url: string;
  /** What the guard is answered. */
  readonly ask: (call: GuardedCall, policy?: string | null) => Promise<GuardAnswer>;
  /** A pull of payments 1.4.2 that got these bytes. */
  readonly pull: (digest: string, more?: Partial<Extract<GuardedCall, { kind: 'pull' }>>) => Promise<GuardAnswer>;
}

const REPO_SERVER: Callers = {
  identify: () => Promise.resolve({ account: 'system:serviceaccount:argocd:argocd-repo-server' }),
};

/** A server that the guard of a repo-server asks, over a world with the Application payments. */
export async function startGuarded(callers: Callers = REPO_SERVER, more: Partial<Config> = {}): Promise<Guarded> {
  const world = await startWorld();
  return { world, ...(await startServer(world, callers, more)) };
}

/** Another one over the same world. */
export async function startServer(
  world: World,
  callers: Callers = REPO_SERVER,
  more: Partial<Config> = {},
): Promise<Omit<Guarded, 'world'>> {
  const lines: string[] = [];
  const logger = createLogger('silent', { write: (line) => void lines.push(line) });
  const config = { ...world.config, dataDir: ':memory:', ...more };
  const context = createContext(config, logger, () => new Date(world.clock.now));
  const app = express();
  app.post('/guard/v1/pulls', guardRoute(context, callers));
  app.use(errorHandler(logger));
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    server.close();
    await context.close();
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const url = `http://127.0.0.1:${port}/guard/v1/pulls`;
  const ask: Guarded['ask'] = async (call, policy = null) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ guard: 'test', policy, call }),
    });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return GuardAnswer.parse(await response.json());
  };
  const pull: Guarded['pull'] = (digest, more) =>
    ask({
      kind: 'pull',
      repository: world.repository.url,
      registry: false,
      chart: 'payments',
      version: '1.4.2',
      passCredentials: false,
      digest,
      ...more,
    });
  const source: Guarded['source'] = async (refresh = false) => {
    const view = await context.cluster.view();
    const found = view.application('argocd', 'payments');
    if (found.status !== 'found') throw new Error('payments is there');
    const ask = { waitMs: 10_000, interactive: true, refresh };
    const request = { trigger: 'opened' as const, runningJob: null, ask, enter: () => undefined };
    const [first] = (await context.verifier.verifySpec(view, found.value, request)).sources;
    if (first === undefined) throw new Error('payments has a source');
    return first;
  };
  const pullOf: Guarded['pullOf'] = async () => (await source()).pull;
  return { ask, pull, source, pullOf, context, url };
}

export function published(world: World, signer: World['release'] | null, values = ''): Promise<string> {
  return world.repository
    .publish({ name: 'payments', version: '1.4.2', signer, values })
    .then((digest) => (digest.startsWith('sha256:') ? digest : `sha256:${digest}`));
}
