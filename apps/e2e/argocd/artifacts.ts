import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, parse } from 'yaml';
import { isObject, type Json, type JsonObject, textAt } from './json.ts';
import { readDump, type Registry } from './registry.ts';

const run = promisify(execFile);
const DEMO = new URL('../demo/', import.meta.url);

export const KINDS = ['Helm over HTTP', 'Helm in OCI', 'plain OCI by key', 'plain OCI keyless'] as const;
export type Kind = (typeof KINDS)[number];
export const BAD = ['tampered', 'unsigned', 'wrong signer'] as const;
export type Condition = 'good' | (typeof BAD)[number];

/** Where the repositories are. */
export interface Places {
  /** `http://127.0.0.1:…` of the chart repository; charts are in its `/charts`. */
  readonly charts: string;
  /** `127.0.0.1:…` of the registry. */
  readonly registry: string;
}

/**
 * The demo's charts: by the real Helm, signed by keys that nobody has any more. `payments` is as it should be,
 * `checkout` was changed after signing, `notifications` is not signed, `search` is signed by a key of the ring that
 * the policy doesn't list.
 */
const CHARTS: Readonly<Record<Condition, { readonly chart: string; readonly version: string }>> = {
  good: { chart: 'payments', version: '1.4.2' },
  tampered: { chart: 'checkout', version: '2.3.1' },
  unsigned: { chart: 'notifications', version: '0.4.2' },
  'wrong signer': { chart: 'search', version: '0.9.7' },
};

/** Versions of one chart, all good. */
const VERSIONS = { chart: 'recommendations', all: ['1.2.0', '1.2.6', '1.10.2', '2.0.0'] } as const;

/** The last part of the repositories of plain artifacts; their tag is 1.0.0. */
const REPOSITORIES: Readonly<Record<Condition, string>> = {
  good: 'good',
  tampered: 'tampered',
  unsigned: 'unsigned',
  'wrong signer': 'wrong-signer',
};

/** An Application's source for an artifact of that kind, in that condition. */
export function sourceOf(places: Places, kind: Kind, condition: Condition): JsonObject {
  const { chart, version } = CHARTS[condition];
  switch (kind) {
    case 'Helm over HTTP':
      return { repoURL: `${places.charts}/charts`, chart, targetRevision: version };
    case 'Helm in OCI':
      return { repoURL: `${places.registry}/charts`, chart, targetRevision: version };
    case 'plain OCI by key':
      return plainSource(places, 'keyed', condition);
    case 'plain OCI keyless':
      return plainSource(places, 'keyless', condition);
  }
}

function plainSource(places: Places, folder: string, condition: Condition): JsonObject {
  const repoURL = `oci://${places.registry}/${folder}/${REPOSITORIES[condition]}`;
  return { repoURL, path: '.', targetRevision: '1.0.0' };
}

/** The chart repository's folder: the demo's charts, but without an index, which is then served of what is there. */
export async function layOutCharts(folder: string): Promise<void> {
  const charts = join(folder, 'charts');
  await mkdir(charts, { recursive: true });
  const versions = VERSIONS.all.slice(0, 2).map((version) => ({ chart: VERSIONS.chart, version }));
  for (const { chart, version } of [...Object.values(CHARTS), ...versions]) {
    await publishChart(folder, chart, version);
  }
}

/** Puts a chart of the demo into the chart repository's folder. */
export async function publishChart(folder: string, chart: string, version: string): Promise<void> {
  for (const name of [`${chart}-${version}.tgz.prov`, `${chart}-${version}.tgz`]) {
    await copyFile(new URL(`charts/storefront/${name}`, DEMO), join(folder, 'charts', name)).catch((error: unknown) => {
      if (!name.endsWith('.prov')) throw error;
    });
  }
}

/** Fills the registry with the charts, by `helm push`, and with plain artifacts. */
export async function fillRegistry(registry: Registry, address: string, charts: string, helm: string): Promise<void> {
  for (const { chart, version } of Object.values(CHARTS)) {
    const archive = join(charts, 'charts', `${chart}-${version}.tgz`);
    await run(helm, ['push', archive, `oci://${address}/charts`, '--plain-http'], { env: { HOME: charts } });
  }
  const dump = await readDump(new URL('registry.json', DEMO));
  const version: Readonly<Record<string, string>> = {
    'edge/dns-zones': '3.7.0',
    'edge/telemetry': '1.9.0',
    'edge/geo-blocks': '2026.11.3',
    'edge/proxy-config': '5.2.1',
    'edge/certificates': '1.4.0',
  };
  const put = (from: string, to: string): Promise<void> =>
    registry.restore(dump, from, to, { [version[from] ?? '']: '1.0.0' });
  await put('edge/dns-zones', 'keyed/good');
  await put('edge/geo-blocks', 'keyed/unsigned');
  await put('edge/proxy-config', 'keyed/wrong-signer');
  await put('edge/dns-zones', 'keyed/tampered');
  await put('edge/telemetry', 'keyless/good');
  await put('edge/geo-blocks', 'keyless/unsigned');
  await put('edge/certificates', 'keyless/wrong-signer');
  await put('edge/telemetry', 'keyless/tampered');
  for (const folder of ['keyed', 'keyless']) await tamper(registry, `${folder}/tampered`);
}

/** Puts the good artifact that is signed by key into another repository. */
export async function putGood(registry: Registry, repository: string): Promise<void> {
  const dump = await readDump(new URL('registry.json', DEMO));
  await registry.restore(dump, 'edge/dns-zones', repository, { '3.7.0': '1.0.0' });
}

/** What nobody has signed. */
export const FORGED = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'forged' }, data: { forged: 'yes' } };

/** Moves the tag to other content, and puts the good artifact's signatures beside it. Answers the new digest. */
export async function tamper(registry: Registry, repository: string): Promise<string> {
  const signed = await registry.digest(repository, '1.0.0');
  const forged = await registry.push(repository, '1.0.0', [FORGED]);
  await registry.moveSignatures(repository, signed, forged);
  return forged;
}

/** A chart of any name and version that deploys one ConfigMap `<release>-forged`, signed by nobody. Its archive. */
export async function forgedChart(helm: string, chart: string, version: string): Promise<Buffer> {
  const folder = await mkdtemp('/tmp/forged-chart-');
  try {
    const source = join(folder, chart);
    await mkdir(join(source, 'templates'), { recursive: true });
    await writeFile(join(source, 'Chart.yaml'), `apiVersion: v2\nname: ${chart}\nversion: ${version}\n`);
    await writeFile(
      join(source, 'templates', 'forged.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-forged\ndata:\n  forged: "yes"\n',
    );
    await run(helm, ['package', source, '--destination', folder], { env: { HOME: folder } });
    return await readFile(join(folder, `${chart}-${version}.tgz`));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The demo's ConfigMaps that hold keys and trust roots, as they are. */
export async function trustConfigMaps(): Promise<readonly JsonObject[]> {
  const names = ['argocd-gpg-keys-cm', 'argocd-cosign-keys-cm', 'argocd-sigstore-trusted-root-cm'];
  return Promise.all(
    names.map(async (name) => {
      const [document] = parseAllDocuments(await readFile(new URL(`cluster/${name}.yaml`, DEMO), 'utf8'));
      const object: unknown = document?.toJS();
      if (!isObject(object)) throw new Error(`${name}.yaml of the demo is no object`);
      return object;
    }),
  );
}

/** The fingerprint of the key that the good charts are signed with. */
export async function releaseKey(): Promise<string> {
  const policy: unknown = parse(await readFile(new URL('cluster/argocd-source-integrity-cm.yaml', DEMO), 'utf8'));
  const [key] = /\b[0-9A-F]{40}\b/.exec(textAt(policy, 'data', 'project.storefront')) ?? [];
  if (key === undefined) throw new Error("the demo's policy for storefront names no fingerprint");
  return key;
}

/** `data` of argocd-source-integrity-cm: each repository of the suite by the way its artifacts are signed. */
export function policyData(places: Places, key: string, enforcement: 'enforce' | 'warn' | 'off'): JsonObject {
  const signed = (cosign: Json, folder: string): Json => ({
    repos: [{ url: `oci://${places.registry}/${folder}/*` }],
    cosign,
  });
  const gpg = { mode: 'provenance', keys: [key] };
  const everywhere = {
    unmatched: 'allow',
    helm: {
      policies: [
        { repos: [{ url: `${places.charts}/charts` }], gpg },
        { repos: [{ url: `oci://${places.registry}/charts/*` }], gpg },
      ],
    },
    oci: {
      policies: [
        signed({ mode: 'signature', keys: ['edge-release'], transparencyLog: 'optional' }, 'keyed'),
        signed(
          {
            mode: 'signature',
            identities: [
              {
                issuer: 'http://127.0.0.1:5556',
                subject: 'https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/main',
              },
            ],
            trustRoot: 'acme',
            certificateTransparency: 'optional',
          },
          'keyless',
        ),
      ],
    },
  };
  return { enforcement, 'all-projects': JSON.stringify(everywhere, null, 2) };
}
