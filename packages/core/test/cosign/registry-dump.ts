import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Candidate, SignaturePlace } from '../../src/cosign/candidate.ts';
import { type Identity, readIdentity } from '../../src/cosign/identity.ts';
import { type CosignKey, readPublicKey } from '../../src/cosign/public-key.ts';
import type { CosignRequirement, SignedArtifact } from '../../src/cosign/requirement.ts';
import { readTrustRoot, type TrustRoot } from '../../src/cosign/trust-root.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import { Digest, type Location, type NonEmpty } from '../../src/verdict/verdict.ts';

const FOLDER = new URL('../vectors/cosign/', import.meta.url);
export const NOW = new Date('2026-12-01T00:00:00Z');

const Descriptor = z.object({
  mediaType: z.string(),
  digest: z.string(),
  annotations: z.optional(z.record(z.string(), z.string())),
});
type Descriptor = z.infer<typeof Descriptor>;
const Manifest = z.object({
  manifests: z.optional(z.array(Descriptor)),
  layers: z.optional(z.array(Descriptor)),
  artifactType: z.optional(z.string()),
});
const Dump = z.object({
  repositories: z.record(
    z.string(),
    z.object({
      tags: z.record(z.string(), z.string()),
      manifests: z.record(z.string(), z.object({ content: z.string() })),
    }),
  ),
  blobs: z.record(z.string(), z.string()),
});

export interface Row {
  readonly name: string;
  readonly reference: string;
  readonly flags: string;
  readonly cosign: string;
  readonly ours: string;
}

export function rows(): Row[] {
  const [, ...lines] = readFileSync(new URL('cases.tsv', FOLDER), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [name = '', reference = '', flags = '', cosign = '', ours = ''] = line.split('\t');
    return { name, reference, flags, cosign, ours };
  });
}

const dump = Dump.parse(JSON.parse(readFileSync(new URL('registry.json', FOLDER), 'utf8')));

export function keyFile(file: string): CosignKey {
  const read = readPublicKey(file.replace(/^keys\//, ''), readFileSync(new URL(file, FOLDER), 'utf8'));
  if ('problem' in read) throw new Error(read.problem.code);
  return read.key;
}

function trustRootFile(file = 'trusted_root.json'): TrustRoot {
  const read = readTrustRoot(file, readFileSync(new URL(file, FOLDER)), NOW);
  if ('problem' in read) throw new Error(JSON.stringify(read.problem));
  return read.trustRoot;
}

/** cosign's flags as a requirement. */
export function requirementOf(flags: string): CosignRequirement & { readonly signatureRepository: string | null } {
  const words = flags.split(' ');
  const value = (flag: string): string | undefined => {
    const index = words.indexOf(flag);
    return index < 0 ? undefined : words[index + 1];
  };
  const key = value('--key');
  const trustRoot = value('--trusted-root');
  const digest = value('--signature-digest-algorithm') ?? 'sha256';
  const annotation = value('--annotations')?.split('=') ?? [];
  return {
    keys: key === undefined ? [] : [keyFile(key)],
    identities: identitiesOf(value),
    transparencyLog: words.includes('--insecure-ignore-tlog') ? 'optional' : 'required',
    certificateTransparency: words.includes('--insecure-ignore-sct') ? 'optional' : 'required',
    digestAlgorithm: digest === 'sha384' || digest === 'sha512' ? digest : 'sha256',
    trustRoot: trustRoot === undefined ? null : trustRootFile(trustRoot),
    annotations: annotation[0] === undefined ? {} : { [annotation[0]]: annotation[1] ?? '' },
    signatureRepository: value('--signature-repository')?.replace('REGISTRY/', '') ?? null,
  };
}

function identitiesOf(value: (flag: string) => string | undefined): Identity[] {
  const written = {
    issuer: value('--certificate-oidc-issuer'),
    issuerRegExp: value('--certificate-oidc-issuer-regexp'),
    subject: value('--certificate-identity'),
    subjectRegExp: value('--certificate-identity-regexp'),
  };
  if (Object.values(written).every((text) => text === undefined)) return [];
  const read = readIdentity(written);
  if ('problem' in read) throw new Error(read.problem.code);
  return [read.identity];
}

export function artifactOf(reference: string, tag: string | null = '1.2.3'): SignedArtifact & { readonly kind: 'oci' } {
  const [repository = '', digest] = reference.split('@');
  return { kind: 'oci', digest: Digest.parse(digest), repository: `registry.test/${repository}`, tag };
}

/** Discovery by fall-back tag and legacy tag, as far as these vectors need it. */
export function candidatesOf(
  reference: string,
  signatureRepository: string | null,
): { readonly candidates: Candidate[]; readonly searched: NonEmpty<Location> } {
  const [own = '', digest = ''] = reference.split('@');
  const repository = signatureRepository ?? own;
  const tag = digest.replace(':', '-');
  const bundles = manifestOf(repository, tag)?.manifests ?? [];
  const layers = manifestOf(repository, `${tag}.sig`)?.layers ?? [];
  return {
    candidates: [
      ...bundles.map(({ digest }) => referrer(repository, digest)),
      ...layers.map((layer) => legacy(repository, layer)),
    ],
    searched: [
      { kind: 'fallback-tag', location: `${repository}:${tag}`, found: `${bundles.length} manifests` },
      { kind: 'signature-tag', location: `${repository}:${tag}.sig`, found: `${layers.length} signatures` },
    ],
  };
}

function manifestOf(repository: string, reference: string): z.infer<typeof Manifest> | null {
  const held = dump.repositories[repository];
  const content = held?.manifests[held.tags[reference] ?? reference]?.content;
  return content === undefined ? null : Manifest.parse(JSON.parse(Buffer.from(content, 'base64').toString()));
}

function referrer(repository: string, digest: string): Candidate {
  const place: SignaturePlace = { kind: 'fallback-tag', location: `${repository}@${digest}` };
  const manifest = manifestOf(repository, digest);
  const [layer, ...others] = manifest?.layers ?? [];
  const isBundle = layer?.mediaType.startsWith('application/vnd.dev.sigstore.bundle') === true && others.length === 0;
  if (!isBundle) return { format: 'unknown', place, artifactType: manifest?.artifactType ?? '' };
  return { format: 'bundle', place, content: blob(layer.digest) };
}

function legacy(repository: string, { mediaType, digest, annotations = {} }: Descriptor): Candidate {
  const place: SignaturePlace = { kind: 'signature-tag', location: `${repository}@${digest}` };
  if (mediaType !== 'application/vnd.dev.cosign.simplesigning.v1+json') {
    return {
      format: 'unreadable',
      place,
      problem: problem('legacy-unreadable', { reason: 'is of another media type' }),
    };
  }
  return { format: 'legacy', place, content: blob(digest), annotations };
}

function blob(digest: string): Uint8Array {
  return Buffer.from(dump.blobs[digest] ?? '', 'base64');
}
