import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { closed, listen } from '../demo/ports.ts';

/** How a link treats requests: as they are, cut, left without an answer, or answered late. */
type Weather =
  | { readonly kind: 'fair' }
  | { readonly kind: 'down' }
  | { readonly kind: 'hanging'; readonly for?: Passed['from'] }
  | { readonly kind: 'slow'; readonly ms: number };

/** Another path's bytes for a path, for some of those who ask: a server that shows different clients different things. */
export interface Lie {
  readonly path: string;
  readonly instead: string;
  readonly to: 'argocd' | 'source-integrity' | 'everybody';
}

export interface Conditions {
  readonly weather: Weather;
  readonly lies: readonly Lie[];
}

export const FAIR: Conditions = { weather: { kind: 'fair' }, lies: [] };

/** One request that came over a link. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly from: 'argocd' | 'source-integrity';
}

export interface Link {
  readonly port: number;
  /** Ends what was left without an answer, as a server does that is started again. */
  set(conditions: Conditions): void;
  /** What came since the last call. */
  passed(): readonly Passed[];
  close(): Promise<void>;
}

/** The way to the HTTP server at `target`, on a port of its own. */
export async function createLink(target: () => number): Promise<Link> {
  let conditions = FAIR;
  let passed: Passed[] = [];
  let hanging: ServerResponse[] = [];
  const server: Server = createServer((incoming, response) => {
    const from = incoming.headers['user-agent']?.startsWith('source-integrity') ? 'source-integrity' : 'argocd';
    passed.push({ method: incoming.method ?? '', path: incoming.url ?? '', from });
    if (passed.length > 20_000) passed = passed.slice(-10_000);
    if (hangs(conditions, from)) hanging.push(response);
    else void treated(conditions, incoming, response, from, target());
  });
  const port = await listen(server, 0);
  return {
    port,
    set(next) {
      conditions = next;
      for (const response of hanging) response.destroy();
      hanging = [];
    },
    passed() {
      const all = passed;
      passed = [];
      return all;
    },
    close: () => closed(server),
  };
}

function hangs({ weather }: Conditions, from: Passed['from']): boolean {
  return weather.kind === 'hanging' && (weather.for ?? from) === from;
}

async function treated(
  { weather, lies }: Conditions,
  incoming: IncomingMessage,
  response: ServerResponse,
  from: Passed['from'],
  port: number,
): Promise<void> {
  switch (weather.kind) {
    case 'down':
      incoming.socket.destroy();
      return;
    case 'slow':
      await sleep(weather.ms);
      break;
    case 'hanging':
    case 'fair':
      break;
  }
  const lie = lies.find(({ path, to }) => path === incoming.url && (to === 'everybody' || to === from));
  const outgoing = request(
    {
      host: '127.0.0.1',
      port,
      method: incoming.method,
      path: lie?.instead ?? incoming.url,
      headers: incoming.headers,
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}
