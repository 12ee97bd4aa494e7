import { join } from 'node:path';
import type { Descriptor, PushedRepository } from '../pushed-repository.ts';
import type { KeyKind } from './keys.ts';
import { pulledBundles, pulledLegacy } from './pulled-signatures.ts';
import type { LegacySignature } from './signatures.ts';
import type { World } from './world.ts';

export const PERSON = 'release@acme.test';
export const WORKFLOW = 'https://github.com/acme/charts/.github/workflows/release.yaml@refs/heads/main';

/** What the real cosign has written, as it lies in the registry, and to be taken apart. */
export interface SignedByCosign {
  readonly reference: string;
  readonly subject: Descriptor;
  readonly bundles: readonly Buffer[];
  readonly legacy: readonly LegacySignature[];
}

export type SignOptions = {
  readonly legacy?: boolean;
  readonly extra?: readonly string[];
  readonly other?: boolean;
} & ({ readonly key: KeyKind; readonly log?: boolean } | { readonly token: string });

/** Signs the artifact, or another one, somewhere new. */
export async function signWithCosign(
  world: World,
  options: SignOptions,
  { elsewhere, attest = false }: { readonly elsewhere?: PushedRepository; readonly attest?: boolean } = {},
): Promise<SignedByCosign> {
  const repository = world.repository();
  const subject = options.other === true ? await world.otherArtifact(repository) : await world.artifact(repository);
  const reference = `${repository.path}@${subject.digest}`;
  const command = attest
    ? ['attest', '--type', 'https://acme.test/scan/v1', '--predicate', world.file('scan.json', {})]
    : ['sign'];
  await world.runCosign(
    [
      ...command,
      ...(await signer(world, options)),
      ...(options.extra ?? []),
      '--allow-http-registry',
      '--yes',
      reference,
    ],
    elsewhere === undefined ? {} : { COSIGN_REPOSITORY: elsewhere.path },
  );
  const place = elsewhere ?? repository;
  const { digest } = subject;
  const [bundles, legacy] = [await pulledBundles(place, digest), await pulledLegacy(place, digest)];
  return { reference, subject, bundles, legacy };
}

async function signer(world: World, options: SignOptions): Promise<string[]> {
  const { sigstore } = world;
  const whole = ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot];
  const alone = ['--use-signing-config=false', '--tlog-upload=false'];
  const old = options.legacy === true ? ['--new-bundle-format=false'] : [];
  if ('key' in options) {
    return ['--key', await cosignKey(world, options.key), ...(options.log === true ? whole : alone), ...old];
  }
  const token = ['--identity-token', options.token];
  if (options.legacy !== true) return [...token, ...whole];
  const authorities = ['--fulcio-url', sigstore.fulcio, '--timestamp-server-url', sigstore.timestampAuthority];
  return [...token, ...authorities, ...alone, ...old, '--insecure-skip-verify'];
}

const imported = new WeakMap<World, Map<KeyKind, string>>();

/** cosign signs with keys in a form of its own. */
async function cosignKey(world: World, kind: KeyKind): Promise<string> {
  const known = imported.get(world) ?? new Map<KeyKind, string>();
  imported.set(world, known);
  const prefix = join(world.folder, `cosign-${kind}`);
  if (!known.has(kind)) {
    const { privatePath } = world.key(kind);
    await world.runCosign(['import-key-pair', '--key', privatePath, '--output-key-prefix', prefix, '--yes']);
    known.set(kind, `${prefix}.key`);
  }
  return `${prefix}.key`;
}
