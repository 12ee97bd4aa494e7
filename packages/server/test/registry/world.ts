import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { sigstore } from '../../../core/test/cosign/world.ts';
import { KEYS, PGP_FINGERPRINT, Shop } from '../../../core/test/verify-artifact-source/shop.ts';
import { listen } from '../fetch/local.ts';
import { startWorld, type World, type WorldOptions } from '../server/fixture.ts';
import { application, configMap, type Manifest, repositorySecret } from '../server/manifests.ts';

export interface RegistryWorld extends World {
  readonly shop: Shop;
  /** Host and port. */
  readonly host: string;
  /** Paths in the order in which they were asked for. */
  readonly requests: string[];
  /** Stands before the registry; answers whether it took the request. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Puts an Application with this source, and answers it. */
  readonly deploys: (source: object, more?: { readonly name: string }) => Manifest;
  /** What project `shop` asks: entries for artifacts and for charts below the registry. */
  readonly asks: (entries: { readonly cosign?: object; readonly provenance?: boolean }) => void;
}

/** The real server, and a registry with plain HTTP on loopback: acme/config and charts/payments are there. */
export async function startRegistryWorld(options: WorldOptions = {}): Promise<RegistryWorld> {
  const shop = new Shop();
  const requests: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    requests.push(path);
    if (world.intercept(request, response)) return;
    const outcome = await shop.registry.fetch({
      url: `http://registry.test${path}`,
      access: { identity: 'nobody' },
      credentials: 'withhold',
      maxBytes: 1_000_000_000,
    });
    if ('problem' in outcome) throw new Error(outcome.problem.code);
    const { status, contentType, headers, body } = outcome.response;
    response.writeHead(status, {
      ...(contentType === null ? {} : { 'content-type': contentType }),
      ...Object.fromEntries(headers ?? []),
    });
    for await (const piece of body) response.write(piece);
    response.end();
  };
  const server = createServer((request, response) => void answer(request, response));
  const port = await listen(server);
  const host = `localhost:${port}`;

  const started = await startWorld(options);
  const { cluster } = started;
  const plain = { insecureOCIForceHttp: 'true' };
  cluster.put(
    'registry',
    repositorySecret('artifacts', { type: 'oci', url: `oci://${host}/acme/config`, ...plain }),
    repositorySecret('plain-charts', { type: 'oci', url: `oci://${host}/charts/payments`, ...plain }),
    repositorySecret('signatures', { type: 'oci', url: `oci://${host}/acme/signatures`, ...plain }),
    repositorySecret('charts', { type: 'helm', url: `${host}/charts`, enableOCI: 'true', ...plain }),
  );
  const entries = 'entries' in KEYS ? Object.fromEntries(KEYS.entries) : {};
  cluster.put('cosign-keys', configMap('argocd-cosign-keys-cm', entries));
  const roots = { acme: JSON.stringify(sigstore.trustedRoot()) };
  cluster.put('trust-roots', configMap('argocd-sigstore-trusted-root-cm', roots));
  const world: RegistryWorld = {
    ...started,
    shop,
    host,
    requests,
    intercept: () => false,
    deploys(source, { name = 'payments' } = { name: 'payments' }) {
      const made = application({ name, spec: { source } });
      cluster.put(name, made);
      return made;
    },
    asks({ cosign, provenance = false }) {
      const repos = [{ url: `oci://${host}/*` }];
      const oci = cosign === undefined ? [] : [{ repos, cosign: { mode: 'signature', ...cosign } }];
      const gpg = { mode: 'provenance', keys: [PGP_FINGERPRINT] };
      const helm = provenance ? [{ repos: [...repos, { url: `${host}/*` }], gpg }] : [];
      started.policy({ 'project.shop': JSON.stringify({ oci: { policies: oci }, helm: { policies: helm } }) });
    },
  };
  return world;
}

export const BY_KEY = { keys: ['release'], transparencyLog: 'optional' };
export const KEYLESS = {
  identities: [{ issuer: 'https://issuer.test', subject: 'release@acme.test' }],
  trustRoot: 'acme',
};

export function artifactSource({ host }: RegistryWorld, targetRevision = '1.0.0'): object {
  return { repoURL: `oci://${host}/acme/config`, path: '.', targetRevision };
}

export function chartSource({ host }: RegistryWorld, targetRevision = '1.0.0'): object {
  return { repoURL: `${host}/charts`, chart: 'payments', targetRevision };
}
