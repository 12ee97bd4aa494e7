import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyChart } from '../../src/helm/verify-provenance.ts';
import { chartQuestion, collectOciChart, type OciChartEvidence } from '../../src/oci/chart.ts';
import { readKeyring } from '../../src/pgp/keyring.ts';
import type { Problem } from '../../src/verdict/problem.ts';
import { DEFAULT_STRICT_RULES, type StrictRules } from '../../src/verdict/strict-rules.ts';
import { archiveOf, chartYaml } from '../helm/chart-archives.ts';
import { type Descriptor, digestOf, FakeRegistry, image, index, OCI_INDEX, REGISTRY } from './registry-fake.ts';

const CONFIG = 'application/vnd.cncf.helm.config.v1+json';
const CHART = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const LEGACY = 'application/tar+gzip';
const PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';
const NOW = new Date('2026-11-01T00:00:00Z');

const folder = new URL('../vectors/helm-provenance/', import.meta.url);
const signedChart = readFileSync(new URL('hashtest-1.2.3.tgz', folder));
const provenance = readFileSync(new URL('rsa2048.prov', folder));
const ring = readFileSync(new URL('rsa2048.gpg', folder));
const config = JSON.stringify({ apiVersion: 'v2', name: 'hashtest', version: '1.2.3' });
let otherChart: Buffer;

beforeAll(async () => {
  otherChart = await archiveOf([['hashtest/Chart.yaml', chartYaml('hashtest', '1.2.3')]]);
});

interface Content {
  readonly config?: string;
  readonly configType?: string;
  readonly layers?: (registry: FakeRegistry) => readonly Descriptor[];
  readonly more?: object;
  readonly tag?: string;
}

function serve(content: Content = {}): FakeRegistry {
  const registry = new FakeRegistry();
  const layers = content.layers?.(registry) ?? [
    registry.blob(signedChart, CHART),
    registry.blob(provenance, PROVENANCE),
  ];
  const described = registry.blob(content.config ?? config, content.configType ?? CONFIG);
  registry.push('charts/hashtest', image(described, layers, content.more), content.tag ?? '1.2.3');
  return registry;
}

async function collect(registry: FakeRegistry, targetRevision = '1.2.3') {
  const requested = { repoURL: `${REGISTRY}/charts`, chart: 'hashtest', targetRevision };
  return collectOciChart({ ...requested, registry: registry.access(), now: NOW });
}

async function evidenceOf(registry: FakeRegistry, targetRevision?: string): Promise<OciChartEvidence> {
  const collected = await collect(registry, targetRevision);
  if ('problem' in collected) throw new Error(JSON.stringify(collected.problem));
  return collected.evidence;
}

async function problemOf(registry: FakeRegistry): Promise<Problem> {
  const collected = await collect(registry);
  if ('evidence' in collected) throw new Error('collected');
  return collected.problem;
}

async function verdict(registry: FakeRegistry, targetRevision?: string, rules: StrictRules = DEFAULT_STRICT_RULES) {
  const evidence = await evidenceOf(registry, targetRevision);
  const keyring = await readKeyring([{ name: 'ring', bytes: ring }], 'files');
  const by = { keyring, trust: 'any-key', rules, now: NOW } as const;
  const { observation } = await verifyChart(chartQuestion(evidence, by));
  const problems = 'problems' in observation ? observation.problems : [];
  const warnings = 'warnings' in observation ? observation.warnings : [];
  return {
    status: observation.status,
    problems: problems.map(({ code }) => code),
    warnings: warnings.map(({ code }) => code),
  };
}

const VERIFIED = { status: 'verified', problems: [], warnings: [] };

describe('a chart in a registry', () => {
  it('is verified by the layer of its provenance', async () => {
    expect(await verdict(serve())).toEqual(VERIFIED);
  });

  it('is asked for by tag once, and by digest from there on', async () => {
    const registry = serve();
    const evidence = await evidenceOf(registry);
    expect(registry.paths).toEqual([
      '/v2/charts/hashtest/manifests/1.2.3',
      `/v2/charts/hashtest/blobs/${digestOf(signedChart)}`,
      `/v2/charts/hashtest/blobs/${digestOf(config)}`,
      `/v2/charts/hashtest/blobs/${digestOf(provenance)}`,
    ]);
    expect(evidence).toMatchObject({
      version: '1.2.3',
      tag: '1.2.3',
      chart: { digest: digestOf(signedChart), fileName: 'hashtest-1.2.3.tgz' },
      observedAt: '2026-11-01T00:00:00.000Z',
    });
    expect(evidence.manifest.digest).toBe(digestOf(evidence.manifest.bytes));
  });

  it('has its layers in any order', async () => {
    const layers = (registry: FakeRegistry) => [
      registry.blob(provenance, PROVENANCE),
      registry.blob('readme', 'text/plain'),
      registry.blob(signedChart, CHART),
    ];
    expect(await verdict(serve({ layers }))).toEqual(VERIFIED);
  });

  it('may be of the legacy type', async () => {
    const layers = (registry: FakeRegistry) => [
      registry.blob(signedChart, LEGACY),
      registry.blob(provenance, PROVENANCE),
    ];
    expect(await verdict(serve({ layers }))).toEqual(VERIFIED);
  });

  it('with other bytes than were signed fails', async () => {
    const layers = (registry: FakeRegistry) => [
      registry.blob(otherChart, CHART),
      registry.blob(provenance, PROVENANCE),
    ];
    expect(await verdict(serve({ layers }))).toMatchObject({ status: 'failed', problems: ['chart-digest-mismatch'] });
  });

  it('without a layer of provenance is unsigned, and says where was looked', async () => {
    const registry = serve({ layers: (registry) => [registry.blob(signedChart, CHART)] });
    expect(await verdict(registry)).toMatchObject({ status: 'unsigned', problems: ['provenance-missing'] });
    const { provenance: found, manifest } = await evidenceOf(registry);
    const location = `${REGISTRY}/charts/hashtest@${manifest.digest}`;
    expect(found).toMatchObject({ state: 'absent', searched: [{ kind: 'provenance-layer', location }] });
  });

  it('whose provenance cannot be had is not unsigned', async () => {
    const layers = (registry: FakeRegistry) => [
      registry.blob(signedChart, CHART),
      { mediaType: PROVENANCE, digest: digestOf('gone'), size: 4 },
    ];
    expect(await verdict(serve({ layers }))).toMatchObject({ status: 'indeterminate', problems: ['oci-blob-missing'] });
  });

  it('of which the registry changes any byte on the way is never verified', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 }), async (part, at, flip) => {
        const registry = serve();
        const bytes = Buffer.from([signedChart, provenance, Buffer.from(config)][part] ?? '');
        const digest = digestOf(bytes);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ flip;
        registry.storeBlob(digest, bytes);
        const collected = await collect(registry);
        const problem =
          'problem' in collected
            ? collected.problem
            : collected.evidence.provenance.state === 'unknown'
              ? collected.evidence.provenance.problem
              : null;
        expect(problem?.code).toBe('oci-digest-mismatch');
      }),
      { numRuns: 50 },
    );
  });

  it('of which somebody who may push changes any byte is never verified', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(signedChart);
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ flip;
        const layers = (registry: FakeRegistry) => [registry.blob(bytes, CHART), registry.blob(provenance, PROVENANCE)];
        expect((await verdict(serve({ layers }))).status).not.toBe('verified');
      }),
      { numRuns: 50 },
    );
  });

  it('re-tagged as another version fails', async () => {
    expect(await verdict(serve({ tag: '1.2.4' }), '1.2.4')).toMatchObject({
      status: 'failed',
      problems: ['metadata-mismatch'],
    });
  });

  it('of several provenances has the last, with a warning', async () => {
    const layers = (registry: FakeRegistry) => [
      registry.blob(signedChart, CHART),
      registry.blob('nonsense', PROVENANCE),
      registry.blob(provenance, PROVENANCE),
    ];
    expect(await verdict(serve({ layers }))).toEqual({ ...VERIFIED, warnings: ['oci-extra-layers'] });
    const turned = (registry: FakeRegistry) => layers(registry).toReversed();
    expect(await verdict(serve({ layers: turned }))).toMatchObject({
      status: 'failed',
      problems: ['provenance-not-a-provenance-file'],
    });
  });

  it.each([false, true])('beside another chart is nobody knows which (turned: %s)', async (turned) => {
    const layers = (registry: FakeRegistry) => {
      const both = [registry.blob(signedChart, CHART), registry.blob(otherChart, LEGACY)];
      return [...(turned ? both.toReversed() : both), registry.blob(provenance, PROVENANCE)];
    };
    expect((await problemOf(serve({ layers }))).code).toBe('oci-chart-ambiguous');
  });

  it('listed twice is one chart', async () => {
    const layers = (registry: FakeRegistry) => [
      registry.blob(signedChart, CHART),
      registry.blob(signedChart, CHART),
      registry.blob(provenance, PROVENANCE),
    ];
    expect(await verdict(serve({ layers }))).toEqual({ ...VERIFIED, warnings: ['oci-extra-layers'] });
  });

  it('with a subject, whose layers Helm would look at too, is refused', async () => {
    const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('evil'), size: 4 };
    expect((await problemOf(serve({ more: { subject } }))).code).toBe('oci-chart-ambiguous');
  });

  it.each([
    ['name', { name: 'other', version: '1.2.3' }],
    ['version', { name: 'hashtest', version: '1.2.4' }],
    ['appVersion', { name: 'hashtest', version: '1.2.3', appVersion: '7' }],
  ])('whose configuration has another %s fails, unless metadata is not to be compared', async (_, fields) => {
    const registry = serve({ config: JSON.stringify(fields) });
    expect(await verdict(registry)).toMatchObject({ status: 'failed', problems: ['metadata-mismatch'] });
    expect(await verdict(registry, '1.2.3', { ...DEFAULT_STRICT_RULES, metadata: 'accept' })).toEqual({
      ...VERIFIED,
      warnings: ['metadata-mismatch'],
    });
  });

  it('whose configuration cannot be read is not verified', async () => {
    expect(await verdict(serve({ config: '<html>' }))).toMatchObject({ problems: ['chart-metadata-unreadable'] });
  });

  it.each([
    ['has another configuration', { configType: 'application/vnd.oci.image.config.v1+json' }, 'oci-not-a-chart'],
    ['has no layer of a chart', { layers: () => [] }, 'oci-chart-layer-missing'],
  ])('that %s is none', async (_, content, code) => {
    expect((await problemOf(serve(content))).code).toBe(code);
  });

  it('behind an index is not deployed', async () => {
    const registry = new FakeRegistry();
    const chart = registry.push('charts/hashtest', image(registry.blob(config, CONFIG), []));
    registry.push('charts/hashtest', index([chart]), '1.2.3', OCI_INDEX);
    expect((await problemOf(registry)).code).toBe('oci-index');
  });

  it('that is too large is not fetched', async () => {
    const layers = () => [{ mediaType: CHART, digest: digestOf('large'), size: 65 * 1024 * 1024 }];
    const registry = serve({ layers });
    expect((await problemOf(registry)).code).toBe('oci-blob-too-large');
    expect(registry.requests).toHaveLength(1);
  });
});
