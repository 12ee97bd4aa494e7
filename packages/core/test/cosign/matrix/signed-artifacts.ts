import { readdirSync, readFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import type { SourceReport } from '../../../src/report/report.ts';
import type { TrustEntries } from '../../../src/signature-requirement.ts';
import type { Digest } from '../../../src/verdict/verdict.ts';
import { type Layer, RegistryContent } from '../../oci/registry-content.ts';
import { asking, REGISTRY, Shop } from '../../verify-artifact-source/shop.ts';
import type { Json } from '../fake-sigstore.ts';

const folder = new URL('../../vectors/cosign-matrix/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8').trim();
export const content = new RegistryContent(new URL('registry.json', folder));
/** When all of it is asked for: every certificate that signed has long expired. */
const NOW = new Date('2030-01-01T00:00:00Z');
const ISSUER = read('issuer');
const WORKFLOW = 'https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/main';

/** Entries of `argocd-cosign-keys-cm`: the keys that signed, and of each kind one that did not. */
const keys: TrustEntries = {
  entries: new Map([
    ...readdirSync(new URL('keys', folder)).map((file) => [file.replace('.pub', ''), read(`keys/${file}`)] as const),
    ...['P-256', 'P-384', 'P-521'].map((curve) => other(curve.toLowerCase(), { namedCurve: curve })),
    ['other-rsa-2048', rsa()],
    ['other-rsa-4096', rsa()],
    ['other-ed25519', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  ]),
};

function other(name: string, options: { readonly namedCurve: string }): readonly [string, string] {
  return [
    `other-${name}`,
    generateKeyPairSync('ec', options).publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ];
}

function rsa(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();
}

const roots: TrustEntries = {
  entries: new Map([
    ['private', read('trusted_root.json')],
    ['with-ctlog', read('trusted_root_with_ctlog.json')],
  ]),
};

/** What `cosign sign` was told, and the policy under which it is verified. */
export interface SignedCase {
  /** Its repository: signer, and form of the signature. */
  readonly name: string;
  readonly signer: string;
  readonly form: 'bundle' | 'legacy';
  readonly log: 'none' | 'v1' | 'v2';
  readonly cosign: CosignPolicy;
}

interface CosignPolicy {
  readonly keys?: readonly string[];
  readonly identities?: readonly { readonly issuer: string; readonly subject: string }[];
  readonly transparencyLog: 'optional' | 'required';
  readonly certificateTransparency?: 'optional' | 'required';
  readonly digestAlgorithm?: string;
  readonly trustRoot?: string;
}

const DIGEST_ALGORITHMS: Readonly<Record<string, string>> = { 'p-384': 'sha384', 'p-521': 'sha512' };

function byKey(signer: string, kind: string, form: 'bundle' | 'legacy', log: 'none' | 'v1' | 'v2'): SignedCase {
  const digestAlgorithm = DIGEST_ALGORITHMS[signer];
  const cosign: CosignPolicy = {
    keys: [signer],
    transparencyLog: log === 'none' ? 'optional' : 'required',
    ...(log === 'none' ? {} : { trustRoot: 'private' }),
    ...(digestAlgorithm === undefined ? {} : { digestAlgorithm }),
  };
  return { name: `${signer}/${kind}`, signer, form, log, cosign };
}

function keyless(
  kind: string,
  log: 'none' | 'v1' | 'v2',
  more: Partial<CosignPolicy> = {},
  issuer = ISSUER,
): SignedCase {
  const cosign: CosignPolicy = {
    identities: [{ issuer, subject: WORKFLOW }],
    transparencyLog: log === 'none' ? 'optional' : 'required',
    certificateTransparency: 'optional',
    trustRoot: 'private',
    ...more,
  };
  return {
    name: `keyless/${kind}`,
    signer: 'keyless',
    form: kind.startsWith('bundle') ? 'bundle' : 'legacy',
    log,
    cosign,
  };
}

export const BY_KEY: readonly SignedCase[] = [
  ...['rsa-2048', 'rsa-4096', 'p-256', 'p-384', 'p-521'].flatMap((signer) => [
    byKey(signer, 'bundle', 'bundle', 'none'),
    byKey(signer, 'legacy', 'legacy', 'none'),
    byKey(signer, 'bundle-rekor-v2', 'bundle', 'v2'),
  ]),
  byKey('p-256', 'legacy-rekor-v1', 'legacy', 'v1'),
];

export const KEYLESS: readonly SignedCase[] = [
  keyless('bundle-rekor-v2-tsa', 'v2'),
  keyless('legacy-tsa', 'none'),
  keyless('legacy-rekor-v1', 'v1'),
  keyless(
    'legacy-rekor-v1-sct',
    'v1',
    { certificateTransparency: 'required', trustRoot: 'with-ctlog' },
    'https://token.actions.githubusercontent.com',
  ),
];

/** cosign signs so, and its own signature verifies nowhere. */
export const BY_ED25519: readonly SignedCase[] = [
  byKey('ed25519', 'bundle', 'bundle', 'none'),
  byKey('ed25519', 'legacy', 'legacy', 'none'),
];

/** Neither log entry nor timestamp: nothing says that the certificate was valid when it signed. */
export const TIMELESS: SignedCase = keyless('legacy-timeless', 'none');

export type Signature =
  | { readonly form: 'bundle'; readonly bundle: Json }
  | { readonly form: 'legacy'; readonly payload: Buffer; readonly annotations: Readonly<Record<string, string>> };

/** The layer of the one signature beside an artifact, as cosign wrote it. */
export function signatureLayer({ name, form }: SignedCase, tag = '1.2.3'): Layer {
  const beside = content.digest(name, tag).replace(':', '-');
  const manifest = form === 'legacy' ? `${beside}.sig` : one(content.manifest(name, beside)?.manifests ?? []).digest;
  return one(content.manifest(name, manifest)?.layers ?? []);
}

export function signatureOf(signed: SignedCase, tag?: string): Signature {
  const { digest, annotations = {} } = signatureLayer(signed, tag);
  if (signed.form === 'legacy') return { form: 'legacy', payload: content.blob(digest), annotations };
  const bundle: unknown = JSON.parse(content.blob(digest).toString());
  return { form: 'bundle', bundle: Object.assign({}, bundle) };
}

function one<T>(list: readonly T[]): T {
  const [first, ...others] = list;
  if (first === undefined || others.length > 0) throw new Error(`one is expected, there are ${list.length}`);
  return first;
}

/** Serves the artifact of `signed` with `signature` beside it, and nothing else. */
export function shopWith({ name }: SignedCase, signature: Signature, referrersApi: boolean, tag = '1.2.3'): Shop {
  const shop = new Shop({ referrersApi });
  const manifest = content.manifestText(name, tag) ?? '';
  const { digest } = shop.registry.push(name, manifest, '1.2.3');
  putBeside(shop, name, digest, signature);
  return shop;
}

function putBeside(shop: Shop, name: string, digest: Digest, signature: Signature): void {
  if (signature.form === 'bundle') {
    shop.bundle(name, digest, signature.bundle);
    return;
  }
  const place = { kind: 'signature-tag', location: '' } as const;
  shop.legacy(name, digest, {
    format: 'legacy',
    place,
    content: signature.payload,
    annotations: signature.annotations,
  });
}

/** Everything that cosign signed. */
export function shopOfAll(referrersApi: boolean): Shop {
  const shop = new Shop({ referrersApi });
  content.serve(shop.registry);
  return shop;
}

export function ask(shop: Shop, { name, cosign }: SignedCase, changes: object = {}): Promise<SourceReport> {
  return shop.verify(
    { repoURL: `oci://${REGISTRY}/${name}`, targetRevision: '1.2.3', keys, roots, root: 'none', now: NOW },
    [asking({ ...cosign, ...changes })],
  );
}
