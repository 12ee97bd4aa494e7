import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { isObject, type JsonObject, textAt } from '../argocd/json.ts';
import { listen } from '../demo/ports.ts';

/** Where nothing changes: every list is answered from these objects, and no watch ever says anything. */
export async function startStillApiServer(manifests: readonly unknown[]): Promise<{ url: string; close(): void }> {
  const stored = manifests.map(asStored);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (searchParams.get('watch') === 'true') {
      response.flushHeaders();
      setTimeout(() => response.end(), Number(searchParams.get('timeoutSeconds')) * 1000).unref();
      return;
    }
    const [, namespace, plural] = /\/namespaces\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
    const [, name] = /^metadata\.name=(.+)$/.exec(searchParams.get('fieldSelector') ?? '') ?? [];
    const items = stored.filter(
      (each) =>
        `${textAt(each, 'kind').toLowerCase()}s` === plural &&
        textAt(each, 'metadata', 'namespace') === namespace &&
        (name === undefined || textAt(each, 'metadata', 'name') === name),
    );
    response.end(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items }));
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

/** With the version and the UID that everything has, and a Secret's texts encoded. */
function asStored(manifest: unknown): JsonObject {
  const { metadata, stringData, ...object } = isObject(manifest) ? manifest : {};
  const texts = isObject(stringData) ? Object.entries(stringData) : [];
  const encoded = texts.map(([key, text]): [string, string] => {
    return [key, Buffer.from(typeof text === 'string' ? text : '').toString('base64')];
  });
  return {
    ...object,
    metadata: { namespace: 'argocd', resourceVersion: '1', uid: randomUUID(), ...(isObject(metadata) ? metadata : {}) },
    ...(encoded.length === 0 ? {} : { data: Object.fromEntries<string>(encoded) }),
  };
}
