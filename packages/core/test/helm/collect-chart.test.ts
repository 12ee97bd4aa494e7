import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { COLLECT_LIMITS, collectChart, type Collected, type CollectRequest } from '../../src/helm/collect-chart.ts';
import { findInIndexText } from '../../src/helm/index-text.ts';
import { FetchFault, type FetchRequest } from '../../src/ports.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import { archiveOf, chartYaml } from './chart-archives.ts';

const repoURL = 'https://charts.example.com/stable';
const chartBytes = await archiveOf([['payments/Chart.yaml', chartYaml('payments', '1.4.2')]]);
const digest = createHash('sha256').update(chartBytes).digest('hex');
const prov = Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\n…');

type Answer = number | string | Uint8Array | FetchFault;

/** A repository in memory, which records what it is asked. */
class Repository {
  readonly asked: FetchRequest[] = [];
  readonly files: Record<string, Answer>;

  constructor(files: Record<string, Answer> = {}) {
    this.files = {
      'index.yaml': indexOf(['1.4.2', 'payments-1.4.2.tgz', digest]),
      'payments-1.4.2.tgz': chartBytes,
      'payments-1.4.2.tgz.prov': prov,
      ...files,
    };
  }

  readonly fetch: CollectRequest['fetch'] = (request) => {
    this.asked.push(request);
    const path = request.url.replace(`${repoURL}/`, '');
    const answer = this.files[path] ?? 404;
    if (answer instanceof FetchFault && path === 'index.yaml') return Promise.resolve({ problem: answer.problem });
    const status = typeof answer === 'number' ? answer : 200;
    return Promise.resolve({ response: { status, url: request.url, contentType: null, body: bodyOf(answer) } });
  };

  get paths(): string[] {
    return this.asked.map(({ url }) => url.replace(`${repoURL}/`, ''));
  }
}

async function* bodyOf(answer: Answer): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  if (answer instanceof FetchFault) throw answer;
  yield typeof answer === 'number' ? Buffer.from('an error page') : Buffer.from(answer);
}

function indexOf(...entries: readonly (readonly [version: string, url: string, digest: string])[]): string {
  const list = entries.map(([version, url, sha]) => ({ name: 'payments', version, urls: [url], digest: sha }));
  return JSON.stringify({ apiVersion: 'v1', entries: { payments: list } });
}

function collect(repository: Repository, more: Partial<CollectRequest> = {}): Promise<Collected> {
  return collectChart({
    repoURL,
    chart: 'payments',
    targetRevision: '1.4.2',
    access: { identity: 'anonymous' },
    passCredentials: false,
    fetch: repository.fetch,
    indexThread: { find: (blocks, chart) => Promise.resolve(findInIndexText(blocks, chart)) },
    now: new Date('2026-11-22T12:00:00Z'),
    ...more,
  });
}

async function evidenceOf(repository: Repository, more: Partial<CollectRequest> = {}) {
  const collected = await collect(repository, more);
  if ('problem' in collected) throw new Error(collected.problem.code);
  return collected.evidence;
}

describe('a chart with its provenance file', () => {
  it('is collected with everything that a verdict rests on', async () => {
    const phases: string[] = [];
    const repository = new Repository();
    expect(await collect(repository, { onPhase: (phase) => phases.push(phase) })).toEqual({
      evidence: {
        requested: { repoURL, chart: 'payments', targetRevision: '1.4.2' },
        resolved: { revision: '1.4.2', kind: 'version' },
        version: '1.4.2',
        partial: null,
        indexEntry: {
          name: 'payments',
          version: '1.4.2',
          digest,
          urls: ['payments-1.4.2.tgz'],
          appVersion: null,
          created: null,
        },
        indexDigest: `sha256:${digest}`,
        chartUrl: `${repoURL}/payments-1.4.2.tgz`,
        chart: { digest: `sha256:${digest}`, size: chartBytes.length, fileName: 'payments-1.4.2.tgz' },
        archive: {
          archive: {
            metadata: { name: 'payments', version: '1.4.2', appVersion: null, dependencies: [] },
            dependencies: [],
            fileCount: 1,
            unpackedBytes: 2048,
          },
        },
        provenance: { state: 'found', location: `${repoURL}/payments-1.4.2.tgz.prov`, bytes: prov },
        observedAt: '2026-11-22T12:00:00.000Z',
      },
    });
    expect(phases).toEqual(['index', 'chart', 'provenance']);
    expect(repository.paths).toEqual(['index.yaml', 'payments-1.4.2.tgz', 'payments-1.4.2.tgz.prov']);
  });

  it('is the one that a range resolves to', async () => {
    const index = indexOf(['1.4.2', 'payments-1.4.2.tgz', digest], ['2.0.0', 'b', ''], ['1.3.0', 'c', '']);
    const evidence = await evidenceOf(new Repository({ 'index.yaml': index }), { targetRevision: '^1.2' });
    expect(evidence).toMatchObject({ resolved: { revision: '1.4.2', kind: 'constraint' }, partial: null });
  });

  it('is the one that Helm takes for a partial version, and the full one to write is named', async () => {
    expect(await evidenceOf(new Repository(), { targetRevision: '1.4' })).toMatchObject({
      resolved: { revision: '1.4', kind: 'version' },
      version: '1.4.2',
      partial: { code: 'revision-partial', params: { revision: '1.4', full: '1.4.2' } },
    });
  });

  it('keeps an archive that cannot be read as evidence', async () => {
    const repository = new Repository({ 'payments-1.4.2.tgz': '<html>' });
    expect(await evidenceOf(repository)).toMatchObject({ archive: { problem: { code: 'archive-not-gzip' } } });
  });

  it('takes a digest of the index in both spellings, and no other text for one', async () => {
    for (const [text, expected] of [
      [digest.toUpperCase(), `sha256:${digest}`],
      [`sha256:${digest}`, `sha256:${digest}`],
      ['md5:abc', null],
      ['', null],
    ] as const) {
      const index = indexOf(['1.4.2', 'payments-1.4.2.tgz', text]);
      expect((await evidenceOf(new Repository({ 'index.yaml': index }))).indexDigest).toBe(expected);
    }
  });
});

describe('a provenance file', () => {
  it.each([404, 410])('is absent when the answer is %d', async (status) => {
    const evidence = await evidenceOf(new Repository({ 'payments-1.4.2.tgz.prov': status }));
    expect(evidence.provenance).toEqual({
      state: 'absent',
      searched: [
        {
          kind: 'provenance-url',
          location: `${repoURL}/payments-1.4.2.tgz.prov`,
          found: `not there (HTTP status ${status})`,
        },
      ],
    });
  });

  it.each([
    [401, 'fetch-unauthorized'],
    [403, 'fetch-unauthorized'],
    [429, 'fetch-status'],
    [500, 'fetch-status'],
    [302, 'fetch-status'],
    [new FetchFault(problem('fetch-too-large', { url: 'x', maxBytes: 1 })), 'fetch-too-large'],
    ['x'.repeat(1024 * 1024 + 1), 'fetch-too-large'],
  ])('could not be looked at when the answer is %o', async (answer, code) => {
    const evidence = await evidenceOf(new Repository({ 'payments-1.4.2.tgz.prov': answer }));
    expect(evidence.provenance).toMatchObject({ state: 'unknown', problem: { code } });
  });

  it('is what the server gives, even a page', async () => {
    const page = Buffer.from('<!DOCTYPE html>');
    const evidence = await evidenceOf(new Repository({ 'payments-1.4.2.tgz.prov': page }));
    expect(evidence.provenance).toMatchObject({ state: 'found', bytes: page });
  });

  describe('of a chart whose URL has a query', () => {
    const index = indexOf(['1.4.2', 'https://charts.example.com/stable/payments.tgz?key=secret', '']);
    const helm = 'payments.tgz?key=secret.prov';
    const kept = 'payments.tgz.prov?key=secret';
    const files = { 'index.yaml': index, 'payments.tgz?key=secret': chartBytes };

    it('is where Helm looks', async () => {
      const repository = new Repository({ ...files, [helm]: prov });
      expect((await evidenceOf(repository)).provenance).toMatchObject({ state: 'found', bytes: prov });
      expect(repository.paths).not.toContain(kept);
    });

    it.each([
      ['nothing', 404],
      ['the chart itself', chartBytes],
      ['a page', '<html>'],
      ['an error', 500],
    ])('is where the query is kept if there is %s where Helm looks', async (_what, answer) => {
      const repository = new Repository({ ...files, [helm]: answer, [kept]: prov });
      expect((await evidenceOf(repository)).provenance).toEqual({
        state: 'found',
        location: `${repoURL}/payments.tgz.prov?key=…`,
        bytes: prov,
      });
    });

    it('is absent only if both places say so', async () => {
      const absent = await evidenceOf(new Repository({ ...files, [helm]: chartBytes }));
      expect(absent.provenance).toMatchObject({ state: 'absent', searched: [{ found: 'the chart itself' }, {}] });
      const unknown = await evidenceOf(new Repository({ ...files, [helm]: 500 }));
      expect(unknown.provenance).toMatchObject({ state: 'unknown', problem: { code: 'fetch-status' } });
      expect(JSON.stringify([absent, unknown].map(({ provenance, chartUrl }) => [provenance, chartUrl]))).not.toContain(
        'secret',
      );
    });
  });
});

describe('credentials', () => {
  const elsewhere = indexOf(['1.4.2', 'https://cdn.example.net/payments.tgz', '']);
  const files = {
    'index.yaml': elsewhere,
    'https://cdn.example.net/payments.tgz': chartBytes,
    'https://cdn.example.net/payments.tgz.prov': prov,
  };

  it('stay with the repository', async () => {
    const repository = new Repository(files);
    await evidenceOf(repository);
    expect(repository.asked.map(({ credentials }) => credentials)).toEqual(['send', 'withhold', 'withhold']);
  });

  it('go elsewhere where the source says so', async () => {
    const repository = new Repository(files);
    await evidenceOf(repository, { passCredentials: true });
    expect(repository.asked.map(({ credentials }) => credentials)).toEqual(['send', 'send', 'send']);
  });
});

describe('what cannot be collected', () => {
  const timeout = problem('fetch-timeout', { url: 'x', waitedFor: 'headers', limitMs: 1 });
  it.each<[string, Record<string, Answer>, Partial<CollectRequest>, string]>([
    ['an unreachable repository', { 'index.yaml': new FetchFault(timeout) }, {}, 'fetch-timeout'],
    ['an index that is not there', { 'index.yaml': 404 }, {}, 'fetch-status'],
    ['an index that wants credentials', { 'index.yaml': 401 }, {}, 'fetch-unauthorized'],
    ['an index that is a page', { 'index.yaml': '<html>' }, {}, 'index-html'],
    ['another chart', {}, { chart: 'other' }, 'chart-not-in-index'],
    ['another version', {}, { targetRevision: '1.4.3' }, 'version-not-in-index'],
    ['a range without versions', {}, { targetRevision: '^3' }, 'revision-no-match'],
    ['no revision', {}, { targetRevision: '' }, 'revision-empty'],
    ['a version without a URL', { 'index.yaml': indexOf(['1.4.2', '', '']) }, {}, 'version-without-url'],
    [
      'a version with two files',
      { 'index.yaml': indexOf(['1.4.2', 'a.tgz', ''], ['1.4.2', 'b.tgz', '']) },
      {},
      'version-ambiguous',
    ],
    ['a chart in a registry', { 'index.yaml': indexOf(['1.4.2', 'oci://r/x:1.4.2', '']) }, {}, 'chart-url-unsupported'],
    ['a chart that is gone', { 'payments-1.4.2.tgz': 404 }, {}, 'chart-missing'],
    ['a chart behind an error', { 'payments-1.4.2.tgz': 503 }, {}, 'fetch-status'],
    ['a chart that breaks off', { 'payments-1.4.2.tgz': new FetchFault(timeout) }, {}, 'fetch-timeout'],
    ['a chart that is too large', {}, { limits: { ...COLLECT_LIMITS, maxChartBytes: 10 } }, 'fetch-too-large'],
    ['another URL than http', {}, { repoURL: 'oci://charts.example.com' }, 'chart-url-invalid'],
  ])('is %s', async (_what, files, more, code) => {
    expect(await collect(new Repository(files), more)).toMatchObject({ problem: { code } });
  });

  it('names versions near to the one that is not there', async () => {
    const index = indexOf(...['1.4.1', '1.4.2', '1.9.0', '2.0.0'].map((each) => [each, 'a', ''] as const));
    expect(await collect(new Repository({ 'index.yaml': index }), { targetRevision: '1.4.7' })).toEqual({
      problem: { code: 'version-not-in-index', params: { version: '1.4.7', nearest: ['1.4.2', '1.4.1'] } },
    });
  });

  it('accepts the same file listed twice', async () => {
    const index = indexOf(['1.4.2', 'payments-1.4.2.tgz', ''], ['1.4.2', 'payments-1.4.2.tgz', '']);
    expect(await collect(new Repository({ 'index.yaml': index }))).toHaveProperty('evidence');
  });

  it('ends with the signal', async () => {
    await expect(collect(new Repository(), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});
