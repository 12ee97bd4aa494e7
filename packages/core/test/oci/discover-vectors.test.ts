import { describe, expect, test } from 'vitest';
import { verifyArtifact } from '../../src/cosign/verify-artifact.ts';
import { discoverSignatures } from '../../src/oci/discover-signatures.ts';
import { RegistryRepository } from '../../src/oci/registry.ts';
import { Digest } from '../../src/verdict/verdict.ts';
import { artifactOf, candidatesOf, NOW, requirementOf, rows } from '../cosign/registry-dump.ts';
import { RegistryContent } from './registry-content.ts';
import { FakeRegistry } from './registry-fake.ts';

const content = new RegistryContent(new URL('../vectors/cosign/registry.json', import.meta.url));

function served(options: { readonly referrersApi: boolean }): FakeRegistry {
  const registry = new FakeRegistry(options);
  content.serve(registry);
  return registry;
}

function repositoryOf(registry: FakeRegistry, name: string): RegistryRepository {
  return new RegistryRepository({ registry: 'registry.test', name }, registry.access());
}

describe.each([
  ['by fall-back tag', served({ referrersApi: false })],
  ['by the referrers API', served({ referrersApi: true })],
])('signatures of cosign 3.1.3, found %s', (_, registry) => {
  test.each(rows())('$name is $ours', async ({ reference, flags, ours }) => {
    const { signatureRepository, ...requirement } = requirementOf(flags);
    const [name = '', digest] = reference.split('@');
    const own = repositoryOf(registry, name);
    const others = signatureRepository === null ? [] : [repositoryOf(registry, signatureRepository)];
    const found = await discoverSignatures(Digest.parse(digest), [own, ...others]);
    const artifact = artifactOf(reference);
    const { observation } = verifyArtifact(artifact, found.candidates, found.searched, requirement, NOW);
    if (ours !== 'either') expect(observation.status === 'verified' ? 'OK' : 'FAIL').toBe(ours);

    const known = candidatesOf(reference, signatureRepository);
    const expected = verifyArtifact(artifact, known.candidates, known.searched, requirement, NOW).observation;
    expect(observation.status).toBe(expected.status);
    const codes = (from: typeof observation): string[] =>
      'problems' in from ? from.problems.map(({ code }) => code).toSorted() : [];
    expect(codes(observation)).toEqual(codes(expected));
  });
});
