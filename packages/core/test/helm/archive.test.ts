import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../src/helm/archive.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../../src/helm/archive-unpack.ts';
import { archiveOf, chartYaml, tarOf, type ArchiveEntry } from './chart-archives.ts';

const chart: ArchiveEntry = ['payments/Chart.yaml', chartYaml('payments', '1.4.2')];

async function codeOf(bytes: Uint8Array, limits: Partial<ArchiveLimits> = {}): Promise<string> {
  const read = await readArchive(bytes, { ...ARCHIVE_LIMITS, ...limits });
  return 'problem' in read ? read.problem.code : 'none';
}

describe('a chart archive', () => {
  it('is read for its metadata, its files and its size', async () => {
    const read = await readArchive(await archiveOf([chart, ['payments/templates/deployment.yaml', 'kind: x']]));
    expect(read).toEqual({
      archive: {
        metadata: { name: 'payments', version: '1.4.2', appVersion: null, dependencies: [] },
        dependencies: [],
        fileCount: 2,
        unpackedBytes: 3072,
      },
    });
  });

  it('made by helm package is read', async () => {
    const bytes = readFileSync(new URL('../vectors/helm-provenance/hashtest-1.2.3.tgz', import.meta.url));
    expect(await readArchive(bytes)).toMatchObject({ archive: { metadata: { name: 'hashtest', version: '1.2.3' } } });
  });

  it('lists dependencies, and which of them it brings along', async () => {
    const declared =
      'dependencies:\n- {name: redis, version: ^17, repository: https://r.example}\n- {name: kafka, version: 1.x, repository: https://k.example}\n- {name: common, version: 2.x.x, repository: https://c.example}\n';
    const bytes = await archiveOf([
      ['payments/Chart.yaml', chartYaml('payments', '1.4.2', declared)],
      ['payments/Chart.lock', 'dependencies:\n- {name: kafka, version: 1.9.0, repository: https://k.example}\n'],
      ['payments/charts/redis/Chart.yaml', chartYaml('redis', '17.1.0')],
      ['payments/charts/redis/charts/inner/Chart.yaml', chartYaml('inner', '0.1.0')],
      ['payments/charts/stray/Chart.yaml', chartYaml('stray', '0.0.1')],
      ['payments/charts/_hidden/Chart.yaml', 'not: [yaml'],
    ]);
    expect(await readArchive(bytes)).toMatchObject({
      archive: {
        dependencies: [
          { name: 'redis', version: '17.1.0', repository: 'https://r.example', vendored: true },
          { name: 'kafka', version: '1.9.0', repository: 'https://k.example', vendored: false },
          { name: 'common', version: '2.x.x', repository: 'https://c.example', vendored: false },
          { name: 'stray', version: '0.0.1', repository: '', vendored: true },
        ],
      },
    });
  });

  it('may bring a dependency along as an archive', async () => {
    const inner = await archiveOf([['common/Chart.yaml', chartYaml('common', '2.4.0')]]);
    const read = await readArchive(await archiveOf([chart, ['payments/charts/common-2.4.0.tgz', inner]]));
    expect(read).toMatchObject({ archive: { dependencies: [{ name: 'common', version: '2.4.0', vendored: true }] } });
    expect(await codeOf(await archiveOf([chart, ['payments/charts/common-2.4.0.tgz', 'junk']]))).toBe(
      'archive-file-unreadable',
    );
  });

  it('of API version v1 declares dependencies in requirements.yaml', async () => {
    const read = await readArchive(
      await archiveOf([chart, ['payments/requirements.yaml', 'dependencies:\n- {name: redis, version: 1.0.0}\n']]),
    );
    expect(read).toMatchObject({ archive: { dependencies: [{ name: 'redis', version: '1.0.0', vendored: false }] } });
    expect(await codeOf(await archiveOf([chart, ['payments/requirements.yaml', 'dependencies: text']]))).toBe(
      'archive-file-unreadable',
    );
  });
});

describe('not a chart archive', () => {
  it.each([
    ['an HTML page', Buffer.from('<!DOCTYPE html><html>')],
    ['an empty file', Buffer.alloc(0)],
  ])('is %s', async (looksLike, bytes) => {
    expect(await readArchive(bytes)).toEqual({ problem: { code: 'archive-not-gzip', params: { looksLike } } });
  });

  it('is gzip with something else inside', async () => {
    expect(await codeOf(gzipSync(Buffer.from('x'.repeat(2000))))).toBe('archive-damaged');
  });

  it('is a tar without files', async () => {
    expect(await codeOf(gzipSync(Buffer.alloc(1024)))).toBe('archive-empty');
  });

  it('is a tar without Chart.yaml in its top folder', async () => {
    expect(await codeOf(await archiveOf([['payments/values.yaml', 'a: 1']]))).toBe('archive-no-chart-yaml');
    expect(await codeOf(await archiveOf([['payments/sub/Chart.yaml', chartYaml('payments', '1.0.0')]]))).toBe(
      'archive-no-chart-yaml',
    );
  });

  it('is one with an unreadable Chart.yaml', async () => {
    expect(await codeOf(await archiveOf([['payments/Chart.yaml', 'name: [']]))).toBe('chart-metadata-unreadable');
  });
});

describe('an archive that is cut short', () => {
  it('is told from a whole one at every length', async () => {
    const whole = await archiveOf([chart, ['payments/values.yaml', 'replicas: 1\n'.repeat(50)]]);
    for (let length = 3; length < whole.length; length += 7) {
      expect(await codeOf(whole.subarray(0, length))).toBe('archive-truncated');
    }
    const tar = await tarOf([chart]);
    expect(await codeOf(gzipSync(tar.subarray(0, 700)))).toBe('archive-truncated');
  });
});

describe('paths in an archive', () => {
  it.each([
    '/etc/passwd',
    'payments/../../etc/passwd',
    'payments/..',
    '../x',
    'payments\\x',
    'c:/windows',
    'payments/c:/x',
    'payments//x',
    'payments/./x',
    `payments/${'a/'.repeat(70)}x`,
    `payments/${'a'.repeat(1000)}`,
    'payments/\u0001x',
  ])('may not be %j', async (path) => {
    expect(await codeOf(await archiveOf([chart, [path, 'x']]))).toBe('archive-path');
  });

  it('may not lead to a second top folder, to none, or to one file twice', async () => {
    expect(await codeOf(await archiveOf([chart, ['other/Chart.yaml', chartYaml('other', '1.0.0')]]))).toBe(
      'archive-path',
    );
    expect(await codeOf(await archiveOf([['Chart.yaml', chartYaml('payments', '1.0.0')]]))).toBe('archive-path');
    expect(await codeOf(await archiveOf([chart, chart]))).toBe('archive-path');
  });

  it('may be directories', async () => {
    expect(await codeOf(await archiveOf([{ name: 'payments/', type: 'directory' }, chart]))).toBe('none');
  });

  it.each(['symlink', 'link', 'fifo', 'character-device', 'block-device'] as const)('may not be a %s', async (type) => {
    const link = { name: 'payments/values.yaml', type, linkname: 'Chart.yaml' };
    expect(await codeOf(await archiveOf([chart, link]))).toBe('archive-link');
  });
});

describe('limits', () => {
  const filler: ArchiveEntry = ['payments/filler', '0'.repeat(4_000_000)];

  it('end what unpacks to too much', async () => {
    const bytes = await archiveOf([chart, filler]);
    expect(await codeOf(bytes, { maxUnpackedBytes: 1_000_000 })).toBe('archive-too-large');
    expect(await codeOf(bytes)).toBe('archive-too-dense');
    expect(await codeOf(bytes, { maxRatio: 10_000 })).toBe('none');
  });

  it('end what has too many entries, or too large a Chart.yaml', async () => {
    expect(await codeOf(await archiveOf([chart, ['payments/a', ''], ['payments/b', '']]), { maxEntries: 2 })).toBe(
      'archive-too-many-files',
    );
    const large = chartYaml('payments', '1.0.0', `description: ${'x'.repeat(1024 * 1024)}\n`);
    expect(await codeOf(await archiveOf([['payments/Chart.yaml', large]]))).toBe('archive-file-too-large');
  });
});

it('never crashes on changed bytes', async () => {
  const whole = await archiveOf([chart, ['payments/values.yaml', 'a: 1']]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      expect(await codeOf(bytes)).toMatch(/^(?:none|archive-|chart-metadata-)/);
    }),
  );
  const tar = await tarOf([chart, ['payments/values.yaml', 'a: 1']]);
  await fc.assert(
    fc.asyncProperty(fc.nat(tar.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bytes = Buffer.from(tar);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      expect(await codeOf(gzipSync(bytes))).toMatch(/^(?:none|archive-|chart-metadata-)/);
    }),
  );
});
