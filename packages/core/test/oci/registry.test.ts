import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OCI_LIMITS } from '../../src/oci/limits.ts';
import { parseManifest } from '../../src/oci/manifest.ts';
import { RegistryRepository } from '../../src/oci/registry.ts';
import { Digest } from '../../src/verdict/verdict.ts';
import { digestOf, FakeRegistry, image, index, OCI_INDEX, OCI_MANIFEST, REGISTRY } from './registry-fake.ts';
import type { FakeOptions } from './registry-fake.ts';

const EMPTY = 'application/vnd.oci.empty.v1+json';
const OTHER = digestOf('something else');

function setUp(options: FakeOptions = {}) {
  const registry = new FakeRegistry(options);
  const config = registry.blob('{}', EMPTY);
  const pushed = registry.push('acme/app', image(config, []), '1.0.0');
  const repository = new RegistryRepository({ registry: REGISTRY, name: 'acme/app' }, registry.access());
  return { registry, config, pushed, repository };
}

describe('a manifest', () => {
  it('is had by tag and by digest, with the digest of its bytes', async () => {
    const { repository, pushed } = setUp();
    for (const reference of ['1.0.0', pushed.digest]) {
      expect(await repository.manifest(reference)).toMatchObject({
        received: { digest: pushed.digest, content: { manifest: { kind: 'image', artifactType: EMPTY } } },
      });
    }
  });

  it('is asked for by its types', async () => {
    const { repository, registry } = setUp();
    await repository.manifest('1.0.0');
    expect(registry.requests[0]?.headers?.accept).toContain(OCI_MANIFEST);
    expect(registry.requests[0]?.headers?.accept).toContain(OCI_INDEX);
  });

  it('by SHA-512 is compared by SHA-512', async () => {
    const { repository, registry } = setUp({
      instead: () => ({ body: '{}', contentType: OCI_MANIFEST }),
    });
    const digest = Digest.parse(`sha512:${createHash('sha512').update('{}').digest('hex')}`);
    expect(await repository.manifest(digest)).toMatchObject({ received: { digest } });
    const other = Digest.parse(`sha512:${'0'.repeat(128)}`);
    expect(await repository.manifest(other)).toMatchObject({ problem: { code: 'oci-digest-mismatch' } });
    expect(registry.requests).toHaveLength(2);
  });

  it('that is not of the digest that was asked for is a failure', async () => {
    const { repository } = setUp({ instead: () => ({ body: '{}', contentType: OCI_MANIFEST }) });
    expect(await repository.manifest(OTHER)).toMatchObject({
      problem: { code: 'oci-digest-mismatch', params: { expected: OTHER, actual: digestOf('{}') } },
    });
  });

  it.each([
    ['another digest', OTHER],
    ['no digest', 'sha256:xyz'],
    ['another digest by another algorithm', `sha512:${'0'.repeat(128)}`],
  ])('whose header gives %s is a problem of its own', async (_, header) => {
    const { repository } = setUp({
      instead: () => ({ body: '{}', contentType: OCI_MANIFEST, headers: { 'docker-content-digest': header } }),
    });
    expect(await repository.manifest('1.0.0')).toMatchObject({
      problem: { code: 'oci-digest-header-mismatch', params: { expected: header } },
    });
  });

  it('may have its right digest by another algorithm in the header', async () => {
    const header = `sha512:${createHash('sha512').update('{}').digest('hex')}`;
    const { repository } = setUp({
      instead: () => ({ body: '{}', contentType: OCI_MANIFEST, headers: { 'docker-content-digest': header } }),
    });
    expect(await repository.manifest('1.0.0')).toHaveProperty('received');
  });

  it('of more than 4 MiB is not read', async () => {
    const { repository } = setUp({ instead: () => ({ body: ' '.repeat(OCI_LIMITS.manifestBytes + 1) }) });
    expect(await repository.manifest('1.0.0')).toMatchObject({ problem: { code: 'fetch-too-large' } });
  });

  it.each([404, 410])('that is not there is absent (%i)', async (status) => {
    const { repository } = setUp({ instead: () => ({ status }) });
    expect(await repository.manifest('1.0.0')).toEqual({ absent: status });
  });

  it.each([
    [403, 'fetch-unauthorized'],
    [500, 'fetch-status'],
    [503, 'fetch-status'],
    [204, 'fetch-status'],
  ])('that could not be looked at is a problem (%i)', async (status, code) => {
    const { repository } = setUp({ instead: () => ({ status }) });
    expect(await repository.manifest('1.0.0')).toMatchObject({ problem: { code } });
  });
});

describe('the text of a manifest', () => {
  const descriptor = { mediaType: 'a/b', digest: OTHER, size: 3 };
  const read = (content: unknown, contentType: string | null = OCI_MANIFEST) =>
    parseManifest(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), contentType, 'url');

  it.each([
    ['not JSON', '<html>'],
    ['a list', []],
    ['a manifest and an index', { ...image(descriptor, []), manifests: [] }],
    ['an index with layers', { ...index([]), layers: [descriptor] }],
    ['called otherwise by its header', index([])],
    ['without a configuration', { schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [] }],
    ['with layers twice', `{"schemaVersion":2,"layers":[],"layers":[]}`],
    ['with Layers', { ...image(descriptor, []), Layers: [] }],
    ['with a Digest', { ...image(descriptor, []), config: { ...descriptor, Digest: OTHER } }],
    [
      'with a digest in upper case',
      { ...image(descriptor, []), layers: [{ ...descriptor, digest: OTHER.toUpperCase() }] },
    ],
    ['with a negative size', image({ ...descriptor, size: -1 }, [])],
    ['with half a byte', image({ ...descriptor, size: 0.5 }, [])],
    ['with layers that are none', { ...image(descriptor, []), layers: 'x' }],
    [
      'with annotations that are no texts',
      { ...image(descriptor, []), config: { ...descriptor, annotations: { a: 1 } } },
    ],
  ])('%s cannot be read', (_, content) => {
    expect(read(content)).toMatchObject({ problem: { code: 'oci-manifest-unreadable' } });
  });

  it.each([
    ['Docker, schema 1', { schemaVersion: 1, name: 'x' }],
    ['of another type', { schemaVersion: 2, mediaType: 'application/vnd.oci.artifact.manifest.v1+json' }],
  ])('%s is of another form', (_, content) => {
    expect(read(content, null)).toMatchObject({ manifest: { kind: 'other' } });
  });

  it.each([
    ['its own type', image(descriptor, []), null, 'image'],
    ['its header', { schemaVersion: 2, config: descriptor }, `${OCI_MANIFEST}; charset=utf-8`, 'image'],
    ['what it holds', { schemaVersion: 2, manifests: [] }, 'application/json', 'index'],
    [
      'its own type, of Docker',
      { schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json', manifests: null },
      null,
      'index',
    ],
  ])('is known by %s', (_, content, contentType, kind) => {
    expect(read(content, contentType)).toMatchObject({ manifest: { kind } });
  });

  it('with 10,001 layers is not looked at', () => {
    const layers = Array.from({ length: 10_001 }, () => descriptor);
    expect(read(image(descriptor, layers))).toEqual({
      problem: { code: 'oci-too-many-layers', params: { layers: 10_001, limit: 1000 } },
    });
    expect(read(image(descriptor, layers.slice(0, 1000)))).toHaveProperty('manifest');
  });

  it('keeps annotations with any name from the prototype', () => {
    const content = `{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"${OTHER}","size":1,"annotations":{"__proto__":"x","constructor":"y"}}}`;
    const outcome = read(content);
    if (!('manifest' in outcome) || outcome.manifest.kind !== 'image') throw new Error('not read');
    const { annotations } = outcome.manifest.config;
    expect(Object.entries(annotations)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(annotations)).toBe(Object.prototype);
  });

  it('of any kind is an answer', () => {
    const json = fc.jsonValue().map((value) => JSON.stringify(value));
    const nearly = fc
      .record(
        {
          schemaVersion: fc.constantFrom(1, 2, '2'),
          mediaType: fc.constantFrom(OCI_MANIFEST, OCI_INDEX, 'x', 3),
          config: fc.oneof(fc.constant(descriptor), fc.jsonValue()),
          layers: fc.array(fc.oneof(fc.constant(descriptor), fc.jsonValue()), { maxLength: 3 }),
          manifests: fc.array(fc.oneof(fc.constant(descriptor), fc.jsonValue()), { maxLength: 3 }),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value));
    const text = fc.oneof(json, nearly, fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, fc.constantFrom(null, OCI_MANIFEST, OCI_INDEX, 'text/html'), (content, contentType) => {
        const outcome = read(content, contentType);
        expect('manifest' in outcome || outcome.problem.code.startsWith('oci-')).toBe(true);
      }),
    );
  });
});

describe('a blob', () => {
  const bytes = Buffer.from('x'.repeat(5000));
  const descriptor = { digest: digestOf(bytes), size: bytes.length };
  const serving = (body: Uint8Array, more: object = {}) => setUp({ instead: () => ({ body, ...more }) }).repository;

  it('is what its descriptor describes', async () => {
    expect(await serving(bytes).blob(descriptor, 10_000)).toEqual({ bytes });
  });

  it('that was changed is a failure', async () => {
    const changed = Buffer.from(bytes);
    changed[77] = 0;
    expect(await serving(changed).blob(descriptor, 10_000)).toMatchObject({ problem: { code: 'oci-digest-mismatch' } });
  });

  it.each([
    ['cut short', bytes.subarray(1), 4999],
    ['empty', Buffer.alloc(0), 0],
    ['longer than that', Buffer.concat([bytes, bytes]), null],
  ])('that is %s is a problem', async (_, body, actual) => {
    expect(await serving(body).blob(descriptor, 10_000)).toMatchObject({
      problem: { code: 'oci-blob-size', params: { expected: 5000, actual } },
    });
  });

  it('over the limit is not asked for', async () => {
    const { registry, repository } = setUp();
    expect(await repository.blob({ ...descriptor, size: 200 * 1024 * 1024 }, 1024)).toMatchObject({
      problem: { code: 'oci-blob-too-large', params: { bytes: 209_715_200, limit: 1024 } },
    });
    expect(registry.requests).toHaveLength(0);
  });

  it('that is not there is a problem', async () => {
    expect(await serving(bytes, { status: 404 }).blob(descriptor, 10_000)).toMatchObject({
      problem: { code: 'oci-blob-missing', params: { status: 404 } },
    });
  });
});

describe('a list', () => {
  it('of tags is read to its end', async () => {
    const { registry, repository, pushed } = setUp({ pageSize: 2 });
    for (const tag of ['a', 'b', 'c', 'd']) registry.repository('acme/app').tags.set(tag, pushed.digest);
    expect(await repository.tags()).toEqual({ tags: ['1.0.0', 'a', 'b', 'c', 'd'] });
    expect(registry.requests).toHaveLength(3);
  });

  it('of tags of a repository that is not there is absent', async () => {
    const { registry } = setUp();
    const other = new RegistryRepository({ registry: REGISTRY, name: 'acme/none' }, registry.access());
    expect(await other.tags()).toEqual({ absent: 404 });
  });

  it.each([
    ['at another host', '<https://evil.example.net/v2/acme/app/tags/list>; rel="next"'],
    ['of another repository', '</v2/acme/other/tags/list>; rel="next"'],
    ['at the same place again', '</v2/acme/app/tags/list?n=1000>; rel="next"'],
  ])('that continues %s is not read on', async (_, link) => {
    const { registry, repository } = setUp({ instead: () => ({ body: '{"tags":["a"]}', headers: { link } }) });
    expect(await repository.tags()).toMatchObject({ problem: { code: 'oci-list-unreadable' } });
    expect(registry.requests).toHaveLength(1);
  });

  it('without end has one', async () => {
    const { registry, repository } = setUp({
      instead: (_, __, count) => ({
        body: '{"tags":["a"]}',
        headers: { link: `</v2/acme/app/tags/list?last=${count}>; rel="next"` },
      }),
    });
    expect(await repository.tags()).toMatchObject({ problem: { code: 'oci-list-unreadable' } });
    expect(registry.requests).toHaveLength(OCI_LIMITS.pages);
  });

  it('that breaks off after its first page is not taken for the whole', async () => {
    const { repository } = setUp({
      instead: (url) =>
        url.searchParams.has('last')
          ? { status: 404 }
          : { body: '{"tags":["a"]}', headers: { link: '<?last=a>; rel="next"' } },
    });
    expect(await repository.tags()).toMatchObject({ problem: { code: 'oci-list-unreadable' } });
  });

  it.each(['<html>', '[]', '{"tags":{}}', '{"tags":[1]}', `{"tags":["${'a'.repeat(300)}"]}`])(
    '%s is none of tags',
    async (body) => {
      const { repository } = setUp({ instead: () => ({ body }) });
      expect(await repository.tags()).toMatchObject({ problem: { code: 'oci-list-unreadable' } });
    },
  );

  it('of referrers is read to its end', async () => {
    const { registry, repository, pushed } = setUp({ referrersApi: true, pageSize: 1 });
    const referring = ['a', 'b'].map((text) =>
      registry.push('acme/app', image(registry.blob(text, EMPTY), [], { subject: pushed })),
    );
    registry.push('acme/app', index(referring), pushed.digest.replace(':', '-'), OCI_INDEX);
    const answer = await repository.referrers(pushed.digest);
    expect('referrers' in answer && answer.referrers.map(({ digest }) => digest)).toEqual(
      referring.map(({ digest }) => digest),
    );
  });

  it.each([404, 400, 406])('of referrers is unavailable where the registry says %i', async (status) => {
    const { repository, pushed } = setUp({ instead: () => ({ status }) });
    expect(await repository.referrers(pushed.digest)).toEqual({ unavailable: `HTTP status ${status}` });
  });

  it('of referrers is unavailable where something else answers', async () => {
    const { repository, pushed } = setUp({ instead: () => ({ body: '<html>', contentType: 'text/html' }) });
    expect(await repository.referrers(pushed.digest)).toEqual({ unavailable: 'an answer of type "text/html"' });
  });

  it.each([403, 500, 502])('of referrers that cannot be looked at is a problem (%i)', async (status) => {
    const { repository, pushed } = setUp({ instead: () => ({ status }) });
    expect(await repository.referrers(pushed.digest)).toHaveProperty('problem');
  });
});
