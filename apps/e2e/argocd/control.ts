import { createServer, type Server } from 'node:http';
import { listen } from '../demo/ports.ts';
import { at, isObject, textAt } from './json.ts';
import type { Controls } from './stack.ts';

/** Lets the proofs, which run in other processes, control the stack: `POST {call, argument}`. */
export async function serveControls(controls: Controls): Promise<{ readonly url: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      dispatch(controls, JSON.parse(Buffer.concat(chunks).toString('utf8')))
        .then((result) => ({ result }))
        .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
        .then((answer) => response.end(JSON.stringify(answer)))
        .catch(() => response.destroy());
    });
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function dispatch(controls: Controls, call: unknown): Promise<unknown> {
  const name = textAt(call, 'call');
  const given = at(call, 'given');
  const method: unknown = Object.hasOwn(controls, name) ? Reflect.get(controls, name) : undefined;
  if (typeof method !== 'function' || !Array.isArray(given)) throw new Error(`there is no control ${name}`);
  const result: unknown = await Reflect.apply(method, controls, given);
  return result;
}

/** The controls of a stack in another process. */
export function remoteControls(url: string): Controls {
  const call = async (name: keyof Controls, ...given: readonly unknown[]): Promise<unknown> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ call: name, given }) });
    const answer: unknown = await response.json();
    if (isObject(answer) && typeof answer['error'] === 'string') throw new Error(answer['error']);
    return at(answer, 'result');
  };
  const done = async (name: keyof Controls, ...given: readonly unknown[]): Promise<void> => {
    await call(name, ...given);
  };
  return {
    startServer: (options) => done('startServer', options ?? {}),
    ensureServer: () => done('ensureServer'),
    stopServer: () => done('stopServer'),
    killServer: () => done('killServer'),
    freezeServer: () => done('freezeServer'),
    thawServer: () => done('thawServer'),
    deleteStore: () => done('deleteStore'),
    restartComponent: (component, environment) => done('restartComponent', component, environment),
    stopComponent: (component) => done('stopComponent', component),
    disturb: (which, conditions) => done('disturb', which, conditions),
    async passed(which) {
      const all = await call('passed', which);
      if (!Array.isArray(all)) return [];
      return all.map((each: unknown) => ({
        method: textAt(each, 'method'),
        path: textAt(each, 'path'),
        from: textAt(each, 'from') === 'argocd' ? 'argocd' : 'source-integrity',
      }));
    },
  };
}
