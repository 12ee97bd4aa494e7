import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/cosign/limits.ts';
import { verifyArtifact } from '../../src/cosign/verify-artifact.ts';
import { discoverSignatures, type Discovered } from '../../src/oci/discover-signatures.ts';
import { OCI_LIMITS } from '../../src/oci/limits.ts';
import { RegistryRepository } from '../../src/oci/registry.ts';
import { Digest } from '../../src/verdict/verdict.ts';
import { artifactOf, requirementOf } from '../cosign/registry-dump.ts';
import { type Descriptor, digestOf, FakeRegistry, image, index, OCI_INDEX, REGISTRY } from './registry-fake.ts';
import type { FakeOptions } from './registry-fake.ts';

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const SIMPLE = 'application/vnd.dev.cosign.simplesigning.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';

class World {
  readonly registry: FakeRegistry;
  readonly artifact: Descriptor;
  readonly #referrers: Descriptor[] = [];

  constructor(options: FakeOptions = {}) {
    this.registry = new FakeRegistry(options);
    this.artifact = this.registry.push('acme/app', image(this.registry.blob('{}', EMPTY), []), '1.0.0');
  }

  get tag(): string {
    return this.artifact.digest.replace(':', '-');
  }

  /** Stores a manifest that refers to the artifact, and lists it in the fall-back index. */
  refer(manifest: object, described: Partial<Descriptor> = {}): Descriptor {
    const pushed = this.registry.push('acme/app', manifest);
    this.#referrers.push({ ...pushed, ...described });
    this.registry.push('acme/app', index(this.#referrers), this.tag, OCI_INDEX);
    return pushed;
  }

  bundle(text: string, described: Partial<Descriptor> = {}): Descriptor {
    const layers = [this.registry.blob(text, BUNDLE)];
    const more = { artifactType: BUNDLE, subject: this.artifact };
    return this.refer(image(this.registry.blob('{}', EMPTY), layers, more), described);
  }

  async discover(...others: readonly string[]): Promise<Discovered> {
    const open = (name: string) => new RegistryRepository({ registry: REGISTRY, name }, this.registry.access());
    return discoverSignatures(this.artifact.digest, [open('acme/app'), ...others.map(open)]);
  }
}

function formsOf({ candidates }: Discovered): string[] {
  return candidates.map((candidate) => {
    switch (candidate.format) {
      case 'unknown':
        return `unknown ${candidate.artifactType}`;
      case 'unreadable':
        return `unreadable ${candidate.problem.code}`;
      case 'attestation':
        return `attestation ${String(candidate.predicateType)}`;
      case 'bundle':
      case 'legacy':
        return `${candidate.format} ${Buffer.from(candidate.content).toString()}`;
    }
  });
}

/** The verdict of anybody who wants a signature. */
function statusOf(world: World, { candidates, searched }: Discovered): string {
  const artifact = { ...artifactOf(`acme/app@${world.artifact.digest}`) };
  const requirement = requirementOf('--key keys/p256.pub --insecure-ignore-tlog');
  return verifyArtifact(artifact, candidates, searched, requirement, new Date()).observation.status;
}

describe('a registry with signatures without end', () => {
  it('is asked for one more than are looked at, whatever its manifests list', async () => {
    const world = new World();
    const empty = { ...world.registry.blob('', SIMPLE), annotations: { 'dev.cosignproject.cosign/signature': 'AA==' } };
    for (const name of ['first', 'second', 'third']) {
      const config = world.registry.blob(name, EMPTY);
      const layers = Array.from({ length: OCI_LIMITS.layers }, () => empty);
      world.refer(image(config, layers, { artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json' }));
    }
    const found = await world.discover();
    expect(found.candidates).toHaveLength(LIMITS.candidates + 1);
    expect(world.registry.paths.filter((path) => path.includes('/blobs/'))).toHaveLength(LIMITS.candidates + 1);
    expect(statusOf(world, found)).toBe('failed');
  });
});

describe('where nothing is', () => {
  it('every place is named, and the artifact is unsigned', async () => {
    const world = new World();
    const found = await world.discover();
    const { tag } = world;
    expect(found).toEqual({
      candidates: [],
      searched: [
        {
          kind: 'referrers',
          location: `${REGISTRY}/acme/app, referrers of ${world.artifact.digest}`,
          found: 'no referrers API (HTTP status 404)',
        },
        { kind: 'fallback-tag', location: `${REGISTRY}/acme/app:${tag}`, found: 'not there (HTTP status 404)' },
        { kind: 'signature-tag', location: `${REGISTRY}/acme/app:${tag}.sig`, found: 'not there (HTTP status 404)' },
        { kind: 'signature-tag', location: `${REGISTRY}/acme/app:${tag}.att`, found: 'not there (HTTP status 404)' },
      ],
    });
    expect(statusOf(world, found)).toBe('unsigned');
  });

  it('an empty list is nothing', async () => {
    const world = new World({ referrersApi: true });
    expect((await world.discover()).searched[0]).toMatchObject({ kind: 'referrers', found: 'nothing' });
  });
});

describe('where it could not be looked', () => {
  it.each([
    ['referrers/', 500],
    ['referrers/', 403],
    ['/manifests/sha256-', 503],
    ['.sig', 401],
  ])('%s (%i), nobody says that it is unsigned', async (part, status) => {
    const world = new World({ instead: ({ pathname }) => (pathname.includes(part) ? { status } : undefined) });
    const found = await world.discover();
    expect(found.candidates.map(({ format }) => format)).toContain('unreadable');
    expect(found.searched).toHaveLength(4);
    expect(statusOf(world, found)).toBe('indeterminate');
  });

  it('for attestations alone, no signature is missed', async () => {
    const world = new World({ instead: ({ pathname }) => (pathname.endsWith('.att') ? { status: 500 } : undefined) });
    const found = await world.discover();
    expect(found.searched[3]?.found).toBe('could not be looked at (fetch-status)');
    expect(statusOf(world, found)).toBe('unsigned');
  });

  it('a lying digest is told', async () => {
    const world = new World({
      instead: ({ pathname }) =>
        pathname.endsWith('.sig') ? { headers: { 'docker-content-digest': 'x' } } : undefined,
    });
    expect(formsOf(await world.discover())).toEqual(['unreadable oci-digest-header-mismatch']);
  });
});

it('of a digest by SHA-512, the fall-back tag is cut as the specification says', async () => {
  const registry = new FakeRegistry();
  const digest = Digest.parse(`sha512:${'ab'.repeat(64)}`);
  await discoverSignatures(digest, [
    new RegistryRepository({ registry: REGISTRY, name: 'acme/app' }, registry.access()),
  ]);
  expect(registry.paths).toEqual([
    `/v2/acme/app/referrers/${digest}`,
    `/v2/acme/app/manifests/sha512-${'ab'.repeat(32)}`,
  ]);
});

describe('referrers', () => {
  it('are opened, whatever their descriptors say, and each once', async () => {
    const world = new World({ referrersApi: true });
    const one = world.bundle('one', { artifactType: EMPTY });
    world.bundle('two', { artifactType: 'application/spdx+json' });
    const found = await world.discover();
    expect(formsOf(found)).toEqual(['bundle one', 'bundle two']);
    expect(found.candidates[0]?.place).toEqual({ kind: 'referrers', location: `${REGISTRY}/acme/app@${one.digest}` });
    const opened = world.registry.paths.filter((path) => path.endsWith(one.digest));
    expect(opened).toHaveLength(1);
  });

  it('of all pages are found', async () => {
    const world = new World({ referrersApi: true, pageSize: 1 });
    for (const text of ['one', 'two', 'three']) world.bundle(text);
    expect(formsOf(await world.discover())).toEqual(['bundle one', 'bundle two', 'bundle three']);
  });

  it('of other kinds are named by their type', async () => {
    const world = new World();
    const { registry } = world;
    const notation = 'application/vnd.cncf.notary.signature';
    world.refer(image(registry.blob('{}', notation), [registry.blob('x', 'application/jose+json')]));
    world.refer(image(registry.blob('{}', EMPTY), [registry.blob('y', 'text/spdx')], { artifactType: 'sbom/spdx' }));
    world.refer(image(registry.blob('{}', EMPTY), []));
    const found = await world.discover();
    expect(formsOf(found)).toEqual([`unknown ${notation}`, 'unknown sbom/spdx', `unknown ${EMPTY}`]);
    expect(statusOf(world, found)).toBe('unsupported');
    expect(world.registry.paths.filter((path) => path.includes('/blobs/'))).toEqual([]);
  });

  it('may hold simple signing and attestations', async () => {
    const world = new World();
    const { registry } = world;
    const layers = [
      registry.blob('payload', SIMPLE, { 'dev.cosignproject.cosign/signature': 'AAAA' }),
      registry.blob('dsse', 'application/vnd.dsse.envelope.v1+json', {
        predicateType: 'https://slsa.dev/provenance/v1',
      }),
    ];
    world.refer(image(registry.blob('{}', 'application/vnd.dev.cosign.artifact.sig.v1+json'), layers));
    expect(formsOf(await world.discover())).toEqual(['legacy payload', 'attestation https://slsa.dev/provenance/v1']);
  });

  it('that are gone, changed or unreadable are told', async () => {
    const world = new World();
    const changed = world.bundle('changed');
    world.registry.storeBlob(digestOf('changed'), Buffer.from('chAnged'));
    world.bundle('cut');
    world.registry.storeBlob(digestOf('cut'), Buffer.from('cu'));
    const gone = world.bundle('gone');
    world.registry.repository('acme/app').manifests.delete(gone.digest);
    world.refer({ schemaVersion: 2, layers: 'x' });
    const found = await world.discover();
    expect(formsOf(found).toSorted()).toEqual([
      'unreadable oci-artifact-missing',
      'unreadable oci-blob-size',
      'unreadable oci-digest-mismatch',
      'unreadable oci-manifest-unreadable',
    ]);
    expect(found.candidates[0]?.place.location).toBe(`${REGISTRY}/acme/app@${changed.digest}`);
    expect(statusOf(world, found)).toBe('indeterminate');
  });

  it('are bounded, the likely ones first, and what was left out is told', async () => {
    const world = new World();
    const { registry } = world;
    for (let i = 0; i < OCI_LIMITS.openedReferrers; i += 1) {
      const config = registry.blob(String(i), EMPTY);
      world.refer(image(config, []), { artifactType: 'application/spdx+json' });
    }
    world.bundle('late', { artifactType: BUNDLE });
    const forms = formsOf(await world.discover());
    expect(forms[0]).toBe('bundle late');
    expect(forms.at(-1)).toBe('unreadable oci-referrers-too-many');
    expect(forms).toHaveLength(OCI_LIMITS.openedReferrers + 1);
  });

  it('of more than 64 MiB are read no further', async () => {
    const world = new World();
    const config = world.registry.blob('{}', EMPTY);
    const filling = 'x'.repeat(OCI_LIMITS.manifestBytes - 4096);
    for (let at = 0; at < 24; at += 1) world.refer(image(config, [], { annotations: { filling, at: String(at) } }));
    const read = await world.discover();
    const forms = formsOf(read);
    expect(forms.filter((form) => form === 'unreadable oci-signatures-too-large').length).toBeGreaterThanOrEqual(4);
    expect(forms.filter((form) => form.startsWith('unknown')).length).toBeGreaterThanOrEqual(16);
    expect(statusOf(world, read)).toBe('indeterminate');
  });

  it('in a fall-back tag that is no index are told', async () => {
    const world = new World();
    world.registry.push('acme/app', image(world.registry.blob('{}', EMPTY), []), world.tag);
    expect(formsOf(await world.discover())).toEqual(['unreadable oci-manifest-unreadable']);
  });
});

describe('a bundle', () => {
  it('that shares its manifest with another layer is none, as cosign sees it', async () => {
    const world = new World();
    const layers = [world.registry.blob('one', BUNDLE), world.registry.blob('two', BUNDLE)];
    world.refer(image(world.registry.blob('{}', EMPTY), layers, { subject: world.artifact }));
    world.bundle('three');
    expect(formsOf(await world.discover()).toSorted()).toEqual([
      'bundle three',
      'unreadable bundle-unreadable',
      'unreadable bundle-unreadable',
    ]);
  });
});

describe('a legacy signature as referrer', () => {
  it('is one in a manifest of its own type alone', async () => {
    const world = new World();
    const { registry, artifact: subject } = world;
    const signature = { 'dev.cosignproject.cosign/signature': 'AAAA' };
    const type = 'application/vnd.dev.cosign.artifact.sig.v1+json';
    world.refer(image(registry.blob('{}', EMPTY), [registry.blob('one', SIMPLE, signature)], { subject }));
    expect(formsOf(await world.discover())).toEqual(['unreadable legacy-unreadable']);
    world.refer(image(registry.blob('{}', type), [registry.blob('two', SIMPLE, signature)], { subject }));
    expect(formsOf(await world.discover())).toContain('legacy two');
  });
});

describe('cosign’s tags', () => {
  const signed = (world: World, texts: readonly string[], name = 'acme/app') => {
    const { registry } = world;
    const annotations = { 'dev.cosignproject.cosign/signature': 'AAAA' };
    const layers = texts.map((text) => registry.blob(text, SIMPLE, annotations));
    registry.push(name, image(registry.blob('{}', EMPTY), layers), `${world.tag}.sig`);
  };

  it('hold a signature in each layer', async () => {
    const world = new World();
    signed(world, ['one', 'two']);
    const { candidates } = await world.discover();
    expect(candidates).toMatchObject([
      {
        format: 'legacy',
        place: { kind: 'signature-tag', location: `${REGISTRY}/acme/app@${digestOf('one')}` },
        annotations: { 'dev.cosignproject.cosign/signature': 'AAAA' },
      },
      { format: 'legacy' },
    ]);
  });

  it('in the repository of signatures count, and not those in others', async () => {
    const world = new World();
    signed(world, ['there'], 'acme/signatures');
    expect(formsOf(await world.discover())).toEqual([]);
    const found = await world.discover('acme/signatures');
    expect(formsOf(found)).toEqual(['legacy there']);
    expect(found.searched).toHaveLength(8);
  });

  it('of attestations hold no signature', async () => {
    const world = new World();
    const { registry } = world;
    const layer = registry.blob('x', 'application/vnd.dsse.envelope.v1+json', { predicateType: 'sbom' });
    registry.push('acme/app', image(registry.blob('{}', EMPTY), [layer]), `${world.tag}.att`);
    const found = await world.discover();
    expect(formsOf(found)).toEqual(['attestation sbom']);
    expect(statusOf(world, found)).toBe('unsigned');
  });

  it('hold no bundle, and that of attestations no signature of any form, as cosign sees it', async () => {
    const world = new World();
    const { registry } = world;
    const config = registry.blob('{}', EMPTY);
    const legacy = registry.blob('one', SIMPLE, { 'dev.cosignproject.cosign/signature': 'AAAA' });
    registry.push('acme/app', image(config, [registry.blob('two', BUNDLE)]), `${world.tag}.sig`);
    registry.push('acme/app', image(config, [registry.blob('three', BUNDLE), legacy]), `${world.tag}.att`);
    expect(formsOf(await world.discover())).toEqual(['unreadable bundle-unreadable']);
  });

  it('with 10,001 layers are not read', async () => {
    const world = new World();
    const layer = world.registry.blob('x', SIMPLE);
    const manifest = image(
      world.registry.blob('{}', EMPTY),
      Array.from({ length: 10_001 }, () => layer),
    );
    world.registry.push('acme/app', manifest, `${world.tag}.sig`);
    expect(formsOf(await world.discover())).toEqual(['unreadable oci-too-many-layers']);
    expect(world.registry.paths.filter((path) => path.includes('/blobs/'))).toEqual([]);
  });

  it('with a payload of 200 MiB are not read', async () => {
    const world = new World();
    const layer = { mediaType: SIMPLE, digest: digestOf('large'), size: 200 * 1024 * 1024 };
    const manifest = image(world.registry.blob('{}', EMPTY), [layer]);
    world.registry.push('acme/app', manifest, `${world.tag}.sig`);
    expect(formsOf(await world.discover())).toEqual(['unreadable oci-blob-too-large']);
    expect(world.registry.paths.filter((path) => path.includes('/blobs/'))).toEqual([]);
  });

  it('with more than 64 MiB of signatures are read no further', async () => {
    const world = new World();
    const large = Buffer.alloc(1024 * 1024, 'x');
    const layer = world.registry.blob(large, SIMPLE);
    const manifest = image(
      world.registry.blob('{}', EMPTY),
      Array.from({ length: 66 }, () => layer),
    );
    world.registry.push('acme/app', manifest, `${world.tag}.sig`);
    const { candidates } = await world.discover();
    expect(candidates.filter(({ format }) => format === 'legacy')).toHaveLength(64);
    expect(candidates.filter(({ format }) => format === 'unreadable')).toHaveLength(2);
  });
});
