import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { TrustRoot } from '../../src/cosign/trust-root.ts';
import { readTrustRoot } from '../../src/cosign/trust-root.ts';
import { collectChart } from '../../src/helm/collect-chart.ts';
import { findInIndexText } from '../../src/helm/index-text.ts';
import { readKeyring } from '../../src/pgp/keyring.ts';
import type { SourceReport } from '../../src/report/report.ts';
import type { TrustEntries } from '../../src/signature-requirement.ts';
import type { Judgement } from '../../src/judgement.ts';
import { archiveOf, chartYaml } from '../helm/chart-archives.ts';
import { RegistryContent } from '../oci/registry-content.ts';
import { CHART, Shop } from '../verify-artifact-source/shop.ts';

const folder = new URL('../vectors/well-known-charts/', import.meta.url);
const content = new RegistryContent(new URL('registry.json', folder));
/** Long after the certificates that signed have expired. */
const NOW = new Date('2030-01-01T00:00:00Z');

/** A chart, as an Application asks for it. */
export interface Published {
  readonly section: string;
  readonly repoURL: string;
  readonly chart: string;
  readonly version: string;
  /** Whose PGP key signed; null: none did. */
  readonly pgp: string | null;
  /** What the signers of the verdict are. */
  readonly signers: readonly ('pgp' | 'cosign-key' | 'keyless')[];
}

const pgpFiles = readdirSync(new URL('keys', folder)).filter((file) => file.endsWith('.asc'));
const keyring = readKeyring(
  pgpFiles.map((file) => ({ name: file, bytes: readFileSync(new URL(`keys/${file}`, folder)) })),
  'files',
);
const cosignKeys: TrustEntries = {
  entries: new Map([['cert-manager-2021-09-20', readFileSync(new URL('keys/cert-manager.pem', folder), 'utf8')]]),
};

/** In the place of the public-good root. */
function trustRoot(): TrustRoot {
  const read = readTrustRoot('public-good', readFileSync(new URL('trusted_root.json', folder)), NOW);
  if ('problem' in read) throw new Error(read.problem.code);
  return read.trustRoot;
}

/** The fingerprint of the key in the place of a maintainer's. */
async function fingerprintOf(maintainer: string): Promise<string> {
  const { keys } = await readKeyring(
    [{ name: maintainer, bytes: readFileSync(new URL(`keys/${maintainer}.asc`, folder)) }],
    'files',
  );
  const [key, ...others] = keys;
  if (key === undefined || others.length > 0) throw new Error(`one key of ${maintainer} is expected`);
  return key.primary.fingerprint;
}

/** The policies of one section of docs/well-known-charts.md, each the data of argocd-source-integrity-cm. */
export function policiesOf(section: string): Readonly<Record<string, string>>[] {
  const page = readFileSync(new URL('../../../../docs/well-known-charts.md', import.meta.url), 'utf8');
  const [, text = ''] = new RegExp(`^## ${section}\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(page) ?? [];
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => {
    const data: unknown = parse(yaml);
    return Object.fromEntries(Object.entries(Object.assign({}, data)).map(([key, value]) => [key, String(value)]));
  });
}

/** The policy with the fixture's fingerprint in the place of the only one in it; an ID of a key stays an ID. */
export async function withOwnKey(
  data: Readonly<Record<string, string>>,
  { pgp }: Published,
): Promise<Readonly<Record<string, string>>> {
  if (pgp === null) return data;
  const fingerprint = await fingerprintOf(pgp);
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [
      key,
      text.replace(/"([0-9A-F]{16,40})"/, (_, written: string) => `"${fingerprint.slice(-written.length)}"`),
    ]),
  );
}

type Bytes = (url: URL) => Uint8Array | null;

/** Looks at the chart as it was published, or with other bytes in its archive. */
export async function look(
  published: Published,
  data: Readonly<Record<string, string>>,
  archive: 'as published' | 'changed' = 'as published',
): Promise<SourceReport> {
  const projectEntry = Object.keys(data).find((key) => key.startsWith('project.'));
  const asked = {
    repoURL: published.repoURL,
    chart: published.chart,
    targetRevision: published.version,
    keyring,
    keys: cosignKeys,
    root: trustRoot(),
    now: NOW,
    project: projectEntry?.replace('project.', '') ?? 'default',
  };
  const other = archive === 'changed' ? await lookAlike(published) : null;
  if (published.repoURL.startsWith('https://')) {
    const shop = new Shop();
    return shop.verifyUnder({ ...asked, collectChart: overHttp(published, filesWith(published, other)) }, data);
  }
  return registryWith(published, other).verifyUnder(asked, data);
}

/** A chart of the same name and version that nobody signed. */
function lookAlike({ chart, version }: Published): Promise<Buffer> {
  return archiveOf([
    [`${chart}/Chart.yaml`, chartYaml(chart, version)],
    [`${chart}/templates/job.yaml`, 'kind: Job\n'],
  ]);
}

/** The repository serves it in the place of the archive, and promises its digest no longer. */
function filesWith({ chart, version }: Published, other: Buffer | null): Bytes {
  return ({ host, pathname }) => {
    const file = new URL(`http/${host}${pathname}`, folder);
    if (!existsSync(file)) return null;
    if (other !== null && pathname.endsWith(`/${chart}-${version}.tgz`)) return other;
    const bytes = readFileSync(file);
    if (other === null || !pathname.endsWith('/index.yaml')) return bytes;
    return Buffer.from(bytes.toString().replaceAll(/^ *digest: .*\n/gm, ''));
  };
}

function overHttp({ repoURL, chart, version }: Published, bytesAt: Bytes): Judgement['collectChart'] {
  return () =>
    collectChart({
      repoURL,
      chart,
      targetRevision: version,
      access: { identity: 'anonymous' },
      passCredentials: false,
      fetch: ({ url }) => {
        const bytes = bytesAt(new URL(url));
        const status = bytes === null ? 404 : 200;
        return Promise.resolve({ response: { status, url, contentType: null, body: inOne(bytes ?? Buffer.of()) } });
      },
      indexThread: { find: (blocks, name) => Promise.resolve(findInIndexText(blocks, name)) },
      now: NOW,
    });
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

/** The registries answer at their own names only; the chart's signatures are carried over to its new digest. */
function registryWith({ repoURL, chart, version }: Published, other: Buffer | null): Shop {
  const host = repoURL.split('/')[0];
  const shop = new Shop({ instead: (url) => (url.host === host ? undefined : { status: 404 }) });
  const { registry } = shop;
  content.serve(registry);
  if (other === null) return shop;
  const name = `${repoURL.split('/').slice(1).join('/')}/${chart}`;
  const signed = content.digest(name, version);
  const manifest: unknown = JSON.parse(content.manifestText(name, version) ?? '');
  const layers: unknown = Reflect.get(Object(manifest), 'layers');
  const changed = (Array.isArray(layers) ? layers : []).map((layer: unknown) =>
    Reflect.get(Object(layer), 'mediaType') === CHART ? registry.blob(other, CHART) : layer,
  );
  const { digest } = registry.push(name, { ...Object.assign({}, manifest), layers: changed }, version);
  for (const { tags } of content.names.map((each) => registry.repository(each))) {
    for (const [tag, at] of tags) {
      if (tag.startsWith(signed.replace(':', '-'))) {
        tags.set(tag.replace(signed.replace(':', '-'), digest.replace(':', '-')), at);
      }
    }
  }
  return shop;
}
