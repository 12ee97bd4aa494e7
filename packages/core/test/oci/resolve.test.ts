import { describe, expect, it } from 'vitest';
import { RegistryRepository } from '../../src/oci/registry.ts';
import { resolveArtifact, resolveChart } from '../../src/oci/resolve.ts';
import { digestOf, FakeRegistry, image, REGISTRY, type FakeOptions } from './registry-fake.ts';

function setUp(tags: readonly string[], options: FakeOptions = {}) {
  const registry = new FakeRegistry(options);
  const digests = new Map(
    tags.map((tag) => [tag, registry.push('acme/app', image(registry.blob(tag, 'a/b'), []), tag).digest]),
  );
  const repository = new RegistryRepository({ registry: REGISTRY, name: 'acme/app' }, registry.access());
  return { registry, repository, digests };
}

type Resolution = Awaited<ReturnType<typeof resolveArtifact>>;

function resultOf(answer: Resolution): string {
  return 'problem' in answer ? answer.problem.code : answer.received.digest;
}

const TAGS = ['1.2.0', '1.2.3', '1.3.0-rc.1', '1.2.4_build', 'latest', '1.x', 'v2.0.0', '1.2'];

describe('the target revision of a plain OCI source', () => {
  it.each([
    ['latest', 'latest'],
    ['1.2', '1.2'],
    // A tag of that very name counts before the constraint.
    ['1.x', '1.x'],
    ['~1.2.0-0', undefined],
    ['^2', 'v2.0.0'],
    ['>=1.2.0 <1.2.4', '1.2.3'],
    ['>=1.3.0-0 <1.3.1', '1.3.0-rc.1'],
  ])('%s leads to %s', async (revision, tag) => {
    const { repository, digests } = setUp(TAGS);
    const answer = await resolveArtifact(repository, revision);
    expect(resultOf(answer)).toBe(tag === undefined ? 'oci-version-no-tag' : digests.get(tag));
  });

  it('that is a digest is kept', async () => {
    const { repository, digests, registry } = setUp(['1.2.0', '1.2.3']);
    const digest = digests.get('1.2.0') ?? '';
    for (const revision of [digest, `1.2.3@${digest}`]) {
      const answer = await resolveArtifact(repository, revision);
      expect(answer).toMatchObject({ received: { digest }, tag: null });
    }
    expect(registry.paths).toEqual([`/v2/acme/app/manifests/${digest}`, `/v2/acme/app/manifests/${digest}`]);
  });

  it.each([
    ['', 'revision-empty'],
    ['1.9.9', 'oci-artifact-missing'],
    ['nothing', 'oci-artifact-missing'],
    [digestOf('nothing'), 'oci-artifact-missing'],
    ['^9', 'revision-no-match'],
    ['a b', 'oci-reference-invalid'],
    ['registry.example.com/acme/app:1.2.3', 'oci-reference-invalid'],
    ['../../other/manifests/1.2.3', 'oci-reference-invalid'],
    ['1.2.3?x=y', 'oci-reference-invalid'],
    [`sha256:${'A'.repeat(64)}`, 'oci-reference-invalid'],
  ])('%s leads nowhere', async (revision, code) => {
    expect(resultOf(await resolveArtifact(setUp(TAGS).repository, revision))).toBe(code);
  });

  it('is not taken for a constraint because the tag could not be looked up', async () => {
    const { repository, registry } = setUp(TAGS, {
      instead: ({ pathname }) => (pathname.endsWith('/manifests/1.x') ? { status: 500 } : undefined),
    });
    expect(resultOf(await resolveArtifact(repository, '1.x'))).toBe('fetch-status');
    expect(registry.requests).toHaveLength(1);
  });
});

describe('the target revision of a chart in a registry', () => {
  it.each([
    ['1.2.3', '1.2.3'],
    ['1.2', '1.2'],
    ['v2.0.0', 'v2.0.0'],
    ['1.2.4+build', '1.2.4_build'],
    ['~1.2.4', '1.2.4_build'],
    ['^1', '1.2.4_build'],
    ['*', 'v2.0.0'],
    ['latest', 'latest'],
  ])('%s leads to the tag %s', async (revision, tag) => {
    const { repository, digests } = setUp(TAGS);
    const answer = await resolveChart(repository, revision);
    expect('problem' in answer ? answer.problem.code : answer.received.digest).toBe(digests.get(tag));
    expect(answer).toMatchObject({ tag });
  });

  it('that is a version needs no list', async () => {
    const { repository, registry } = setUp(TAGS);
    await resolveChart(repository, '1.2.3');
    expect(registry.paths).toEqual(['/v2/acme/app/manifests/1.2.3']);
  });

  it.each([
    ['', 'revision-empty'],
    ['2.0.0', 'oci-artifact-missing'],
    ['^9', 'revision-no-match'],
    ['nothing', 'revision-not-understood'],
    [digestOf('x'), 'revision-not-understood'],
    [`1.0.0-${'a'.repeat(200)}`, 'oci-reference-invalid'],
  ])('%s leads nowhere', async (revision, code) => {
    const answer = await resolveChart(setUp(TAGS).repository, revision);
    expect('problem' in answer && answer.problem.code).toBe(code);
  });

  it('of a repository that is not there leads nowhere', async () => {
    const registry = new FakeRegistry();
    const repository = new RegistryRepository({ registry: REGISTRY, name: 'acme/app' }, registry.access());
    expect(await resolveChart(repository, '^1')).toMatchObject({ problem: { code: 'oci-artifact-missing' } });
  });
});
