import {
  type Json,
  simpleSigning,
  statement,
  change,
  type Signing,
  SIGNED,
  minutes,
} from '../../../../packages/core/test/cosign/fake-sigstore.ts';
import type { Issued } from '../../../../packages/core/test/cosign/certificates.ts';
import type { Case, Format } from './case.ts';
import type { DigestName, SigningKey } from './keys.ts';
import type { LegacySignature, Signatures } from './signatures.ts';
import type { World } from './world.ts';

export type { Json };
export { change, minutes, SIGNED };

export const CRAFTED_PERSON = 'release@acme.test';
export const CRAFTED_ISSUER = 'https://issuer.test';

/** What is at a path; undefined: nothing. */
export function at(target: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, step) => Reflect.get(Object(value), step), target);
}

/** A JSON object to be changed. */
export function parsedJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  return Object.fromEntries(Object.entries(typeof value === 'object' && value !== null ? value : {}));
}

/** Makes signatures of the artifact by hand, and the cases around them. */
export class Crafting {
  readonly world: World;
  /** Digest of the artifact that cases are about. */
  readonly digest: string;
  readonly otherDigest: string;
  readonly #trustedRoot: string;

  constructor(world: World, digest: string, otherDigest: string) {
    this.world = world;
    this.digest = digest;
    this.otherDigest = otherDigest;
    this.#trustedRoot = world.file('crafted_root.json', world.crafted.trustedRoot());
  }

  statement(edit: (statement: Json) => void = () => undefined): string {
    return statement((value) => {
      change(value, ['subject', 0, 'digest', 'sha256'], this.digest.slice('sha256:'.length));
      edit(value);
    });
  }

  payload(edit: (payload: Json) => void = () => undefined): string {
    return simpleSigning((value) => {
      change(value, ['critical', 'image', 'docker-manifest-digest'], this.digest);
      edit(value);
    });
  }

  bundle(signing: Signing, edit: (bundle: Json) => void = () => undefined, payload = this.statement()): Buffer {
    const bundle = this.world.crafted.bundle(payload, signing);
    edit(bundle);
    return Buffer.from(JSON.stringify(bundle));
  }

  legacy(signing: Signing, payload = this.payload()): LegacySignature {
    const { content, annotations } = this.world.crafted.legacy(payload, signing);
    return { payload: content, annotations };
  }

  /** A bundle or a legacy signature by a key, in no log. */
  byKey(key: SigningKey, form: 'bundle' | 'legacy', digest: DigestName | null = key.digest): Signatures {
    const signing: Signing = { by: key, log: 'none', digest };
    return form === 'bundle' ? { bundles: [this.bundle(signing)] } : { legacy: [this.legacy(signing)] };
  }

  /** With a log and a timestamp, as both tools accept it. */
  keyless(by: Issued, form: 'bundle' | 'legacy', edit?: (bundle: Json) => void): Signatures {
    return form === 'bundle'
      ? { bundles: [this.bundle({ by, log: 'v2', timestamp: true }, edit)] }
      : { legacy: [this.legacy({ by, log: 'v1' })] };
  }

  case(
    about: Pick<Case, 'class' | 'name' | 'expected' | 'flags'> &
      Partial<Pick<Case, 'row' | 'field' | 'cosignFlags' | 'formats'>>,
    signatures: Signatures,
    place: {
      readonly registry?: 'distribution' | 'crane' | 'referrers';
      readonly elsewhere?: 'and asked there' | 'and not asked there';
    } = {},
  ): Case {
    const registry = this.world.registry(place.registry);
    const found: Format[] = [
      ...((signatures.bundles?.length ?? 0) === 0
        ? []
        : [registry.hasReferrersAPI ? ('bundle by referrers API' as const) : ('bundle by fall-back tag' as const)]),
      ...((signatures.legacy?.length ?? 0) === 0 ? [] : ['legacy' as const]),
    ];
    const { elsewhere } = place;
    return {
      ...about,
      formats: [...(about.formats ?? []), ...found],
      subject: { kind: 'artifact', signatures, registry, ...(elsewhere === undefined ? {} : { elsewhere }) },
    };
  }

  /** Flags that trust a key alone. */
  trusting(key: SigningKey, digest: DigestName = 'sha256'): string[] {
    const algorithm = digest === 'sha256' ? [] : ['--signature-digest-algorithm', digest];
    return ['--key', key.path, '--insecure-ignore-tlog', ...algorithm];
  }

  /** Flags that trust a key whose signatures are in the crafted log. */
  trustingLogged(key: SigningKey, root = this.#trustedRoot): string[] {
    return ['--key', key.path, '--trusted-root', root];
  }

  /** Flags that trust an identity of the crafted Sigstore, all that is needed required. */
  trustingPerson(
    options: {
      readonly subject?: string;
      readonly subjectRegExp?: string;
      readonly issuer?: string;
      readonly issuerRegExp?: string;
      readonly root?: string;
    } = {},
  ): string[] {
    const { subject = CRAFTED_PERSON, issuer = CRAFTED_ISSUER, subjectRegExp, issuerRegExp } = options;
    return [
      ...(subjectRegExp === undefined
        ? ['--certificate-identity', subject]
        : ['--certificate-identity-regexp', subjectRegExp]),
      ...(issuerRegExp === undefined
        ? ['--certificate-oidc-issuer', issuer]
        : ['--certificate-oidc-issuer-regexp', issuerRegExp]),
      '--trusted-root',
      options.root ?? this.#trustedRoot,
    ];
  }

  root(name: string, edit: (root: Json) => void): string {
    return this.world.file(`${name}.json`, this.world.crafted.trustedRoot(edit));
  }
}
