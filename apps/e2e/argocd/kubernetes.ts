import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { at, isObject, type Json, type JsonObject, listAt, textAt } from './json.ts';

/** How to reach an API server, as somebody. */
export interface Access {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** What kubectl shows beside the answer; empty where there is none. */
  readonly warning: string;
}

/** What the API server refused, with its own words. */
export class Refused extends Error {
  readonly status: number;

  constructor(what: string, { status, body }: Pick<Answer, 'status' | 'body'>) {
    super(textAt(body, 'message') || `${what}: ${status} ${JSON.stringify(body).slice(0, 300)}`);
    this.status = status;
  }
}

const CONTENT = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A client of the Kubernetes API that knows nothing of its kinds: an object is found by its path. */
export class Kubernetes {
  readonly #access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.ca, maxSockets: 64 });
  }

  /** The same API server, as somebody else. */
  as(token: string): Kubernetes {
    return new Kubernetes({ ...this.#access, token });
  }

  /** Null where there is none. */
  async get(path: string): Promise<JsonObject | null> {
    const answer = await this.ask('GET', path);
    if (answer.status === 404) return null;
    return objectOf(`GET ${path}`, answer);
  }

  async list(path: string): Promise<readonly unknown[]> {
    return listAt(objectOf(`GET ${path}`, await this.ask('GET', path)), 'items');
  }

  async create(collection: string, object: JsonObject): Promise<JsonObject> {
    return objectOf(`POST ${collection}`, await this.ask('POST', collection, object));
  }

  async replace(path: string, object: JsonObject): Promise<JsonObject> {
    return objectOf(`PUT ${path}`, await this.ask('PUT', path, object));
  }

  async patch(path: string, body: Json, kind: 'merge' | 'json' = 'merge'): Promise<JsonObject> {
    return objectOf(`PATCH ${path}`, await this.ask('PATCH', path, body, CONTENT[kind]));
  }

  /** Server-side apply, with force. */
  async apply(path: string, object: JsonObject): Promise<JsonObject> {
    const answer = await this.ask('PATCH', `${path}?fieldManager=suite&force=true`, object, CONTENT.apply);
    return objectOf(`apply ${path}`, answer);
  }

  async delete(path: string): Promise<void> {
    const answer = await this.ask('DELETE', path);
    if (answer.status !== 404) objectOf(`DELETE ${path}`, answer);
  }

  /**
   * The first state that an object has after `resourceVersion` for which `seen` answers something: none is missed,
   * however short it lasts.
   */
  async watch<T>(
    path: string,
    resourceVersion: string,
    seen: (object: unknown) => T | null,
    withinMs = 180_000,
  ): Promise<T> {
    const [, collection = '', name = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    const { server, token } = this.#access;
    const url = new URL(collection, server);
    url.search = new URLSearchParams({
      watch: '1',
      resourceVersion,
      fieldSelector: `metadata.name=${name}`,
    }).toString();
    const signal = AbortSignal.timeout(withinMs);
    const asked = request(url, { agent: this.#agent, signal, headers: { authorization: `Bearer ${token}` } });
    try {
      const input = await new Promise<IncomingMessage>((resolve, reject) => {
        asked.once('response', resolve).once('error', reject).end();
      });
      let rest = '';
      for await (const chunk of input.setEncoding('utf8')) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const event of lines.map(parsed)) {
          if (textAt(event, 'type') === 'ERROR') throw new Error(JSON.stringify(event));
          const answer = seen(at(event, 'object'));
          if (answer !== null) return answer;
        }
      }
      throw new Error('it ended');
    } catch (error) {
      throw new Error(`Nothing of what was waited for was seen of ${path}.`, { cause: error });
    } finally {
      asked.destroy();
    }
  }

  /** Whatever the answer is. */
  ask(method: string, path: string, body?: Json, type = 'application/json'): Promise<Answer> {
    const { server, token } = this.#access;
    return new Promise((resolve, reject) => {
      const asked = request(
        new URL(path, server),
        {
          method,
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': type }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const body = parsed(Buffer.concat(chunks).toString('utf8'));
            resolve({ status: response.statusCode ?? 0, body, warning: response.headers['warning'] ?? '' });
          });
        },
      );
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function objectOf(what: string, answer: Answer): JsonObject {
  if (answer.status >= 400 || !isObject(answer.body)) throw new Refused(what, answer);
  return answer.body;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const ARGOCD = '/apis/argoproj.io/v1alpha1/namespaces';

/** Paths of the kinds that the proofs speak of. Without a name: the collection. */
export const path = {
  namespace: (name = ''): string => join('/api/v1/namespaces', name),
  application: (name = '', namespace = 'argocd'): string => join(`${ARGOCD}/${namespace}/applications`, name),
  applicationSet: (name = '', namespace = 'argocd'): string => join(`${ARGOCD}/${namespace}/applicationsets`, name),
  project: (name = ''): string => join(`${ARGOCD}/argocd/appprojects`, name),
  configMap: (name = '', namespace = 'argocd'): string => join(`/api/v1/namespaces/${namespace}/configmaps`, name),
  secret: (name = '', namespace = 'argocd'): string => join(`/api/v1/namespaces/${namespace}/secrets`, name),
  service: (name = '', namespace = 'argocd'): string => join(`/api/v1/namespaces/${namespace}/services`, name),
  deployment: (name = '', namespace = 'argocd'): string =>
    join(`/apis/apps/v1/namespaces/${namespace}/deployments`, name),
} as const;

function join(collection: string, name: string): string {
  return name === '' ? collection : `${collection}/${name}`;
}
