import { describe, expect, it } from 'vitest';
import { collectArtifact } from '../../src/oci/collect-artifact.ts';
import { archiveOf, chartYaml } from '../helm/chart-archives.ts';
import { type Descriptor, digestOf, FakeRegistry, image, index, OCI_INDEX, REGISTRY } from './registry-fake.ts';

const EMPTY = 'application/vnd.oci.empty.v1+json';
const TAR = 'application/vnd.oci.image.layer.v1.tar';
const TGZ = 'application/vnd.oci.image.layer.v1.tar+gzip';
const HELM_CONFIG = 'application/vnd.cncf.helm.config.v1+json';
const CHART = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const LEGACY_CHART = 'application/tar+gzip';

async function collect(
  layers: (registry: FakeRegistry) => readonly Descriptor[],
  { more = {}, config = EMPTY, layerTypes }: { more?: object; config?: string; layerTypes?: readonly string[] } = {},
) {
  const registry = new FakeRegistry();
  registry.push('acme/config', image(registry.blob('{}', config), layers(registry), more), '1.0.0');
  const request = { repoURL: `oci://${REGISTRY}/acme/config`, targetRevision: '1.0.0', now: new Date(0) };
  const types = layerTypes === undefined ? {} : { layerTypes };
  return { collected: await collectArtifact({ ...request, ...types, registry: registry.access() }), registry };
}

function codeOf({ collected }: Awaited<ReturnType<typeof collect>>): string {
  return 'problem' in collected ? collected.problem.code : 'collected';
}

describe('an artifact that Argo CD deploys', () => {
  it.each([TAR, TGZ])('has one layer of type %s, which is not fetched', async (type) => {
    const { collected, registry } = await collect((registry) => [registry.blob('x', type)]);
    expect(collected).toMatchObject({
      evidence: {
        repository: { registry: REGISTRY, name: 'acme/config' },
        tag: '1.0.0',
        content: { mediaType: type, digest: digestOf('x') },
        chart: null,
      },
    });
    expect(registry.paths).toEqual(['/v2/acme/config/manifests/1.0.0']);
  });

  it('may have layers that are no archives', async () => {
    const layers = (registry: FakeRegistry) => [registry.blob('a', 'text/plain'), registry.blob('x', TGZ)];
    expect(codeOf(await collect(layers))).toBe('collected');
  });

  it('may be of a type that is allowed here', async () => {
    const type = 'application/vnd.acme.tar+gzip';
    const layers = (registry: FakeRegistry) => [registry.blob('x', type)];
    expect(codeOf(await collect(layers))).toBe('oci-layer-type');
    expect(codeOf(await collect(layers, { layerTypes: [type] }))).toBe('collected');
  });

  it('that is a chart is read, for its name and version', async () => {
    const archive = await archiveOf([['payments/Chart.yaml', chartYaml('payments', '1.0.0')]]);
    const layers = (registry: FakeRegistry) => [registry.blob('prov', 'x/prov'), registry.blob(archive, CHART)];
    const { collected } = await collect(layers, { config: HELM_CONFIG });
    expect(collected).toMatchObject({
      evidence: { chart: { archive: { metadata: { name: 'payments', version: '1.0.0' } } } },
    });
  });

  it('that is a chart which cannot be read says so', async () => {
    const { collected } = await collect((registry) => [registry.blob('no archive', CHART)], { config: HELM_CONFIG });
    expect(collected).toMatchObject({ evidence: { chart: { problem: { code: 'archive-not-gzip' } } } });
  });
});

describe('what Argo CD refuses', () => {
  it.each<[string, (registry: FakeRegistry) => readonly Descriptor[], string, { more?: object; config?: string }?]>([
    ['no content', (registry) => [registry.blob('x', 'text/plain')], 'oci-content-layers'],
    ['two contents', (registry) => [registry.blob('x', TGZ), registry.blob('y', TAR)], 'oci-content-layers'],
    ['the same content twice', (registry) => [registry.blob('x', TGZ), registry.blob('x', TGZ)], 'oci-content-layers'],
    [
      'a layer of Docker',
      (registry) => [registry.blob('x', 'application/vnd.docker.image.rootfs.diff.tar.gzip')],
      'oci-layer-type',
    ],
    [
      'a chart of the legacy type',
      (registry) => [registry.blob('x', LEGACY_CHART)],
      'oci-content-layers',
      { config: HELM_CONFIG },
    ],
    [
      '11 layers',
      (registry) => [registry.blob('x', TGZ), ...Array.from({ length: 10 }, () => registry.blob('a', 'text/plain'))],
      'oci-artifact-layers',
    ],
    [
      'a subject',
      (registry) => [registry.blob('x', TGZ)],
      'oci-artifact-subject',
      { more: { subject: { mediaType: 'a/b', digest: digestOf('s'), size: 1 } } },
    ],
    [
      'a manifest of Docker',
      (registry) => [registry.blob('x', TGZ)],
      'oci-manifest-unreadable',
      { more: { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' } },
    ],
  ])('%s', async (_, layers, code, more) => {
    expect(codeOf(await collect(layers, more))).toBe(code);
  });

  it('10 layers are not too many', async () => {
    const layers = (registry: FakeRegistry) => [
      registry.blob('x', TGZ),
      ...Array.from({ length: 9 }, () => registry.blob('a', 'text/plain')),
    ];
    expect(codeOf(await collect(layers))).toBe('collected');
  });

  it('an index', async () => {
    const registry = new FakeRegistry();
    const one = registry.push('acme/config', image(registry.blob('{}', EMPTY), [registry.blob('x', TGZ)]));
    registry.push('acme/config', index([one, one]), '1.0.0', OCI_INDEX);
    const request = { repoURL: `oci://${REGISTRY}/acme/config`, targetRevision: '1.0.0', now: new Date(0) };
    expect(await collectArtifact({ ...request, registry: registry.access() })).toEqual({
      problem: { code: 'oci-index', params: { manifests: 2 } },
    });
  });

  it('a manifest of Docker that its header calls one', async () => {
    const registry = new FakeRegistry();
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    const manifest = image(registry.blob('{}', EMPTY), [registry.blob('x', TGZ)], { mediaType: type });
    registry.push('acme/config', manifest, '1.0.0', type);
    const request = { repoURL: `oci://${REGISTRY}/acme/config`, targetRevision: '1.0.0', now: new Date(0) };
    expect(await collectArtifact({ ...request, registry: registry.access() })).toMatchObject({
      problem: { code: 'oci-manifest-unsupported' },
    });
  });
});
