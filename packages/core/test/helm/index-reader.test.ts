import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIndex } from '../../src/helm/index-reader.ts';
import { findInIndexText } from '../../src/helm/index-text.ts';
import { createIndexThread, type IndexThread } from '../../src/helm/index-thread.ts';
import type { IndexLookup, IndexRefusal } from '../../src/helm/index-document.ts';

/** As `helm repo index` 4.3.1 writes it. */
const GENUINE = `apiVersion: v1
entries:
  cart:
  - apiVersion: v2
    created: "2026-10-01T12:00:00.123456789Z"
    digest: 4f2ab9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9012345
    name: cart
    urls:
    - cart-0.1.0.tgz
    version: 0.1.0
  payments:
  - annotations:
      artifacthub.io/changes: |
        - kind: changed
          description: "Quote: all"

        - kind: fixed
      category: Finance
    apiVersion: v2
    appVersion: "1.10"
    created: "2026-10-02T12:00:00.5+02:00"
    dependencies:
    - alias: store
      condition: redis.enabled
      import-values:
      - data
      name: redis
      repository: https://charts.example.com
      tags:
      - storage
      version: '>=17.0.0'
    deprecated: true
    description: Payments for everybody, in a text that is so long that the writer
      folded it into a second line
    digest: aaaab9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9012345
    keywords:
    - money
    maintainers:
    - email: team@example.com
      name: Team, The
    name: payments
    sources: []
    type: application
    urls:
    - https://charts.example.com/payments-1.10.0.tgz
    - https://mirror.example.com/payments-1.10.0.tgz
    version: 1.10.0
  - apiVersion: v2
    created: "2026-10-01T12:00:00Z"
    description: "several \\"escapes\\" \\
      and a fold"
    name: payments
    urls:
    - payments-1.2.0.tgz
    version: 1.2.0
  - apiVersion: v2
    created: "2026-10-03T12:00:00Z"
    name: payments
    urls:
    - payments-2.0.0-rc.1.tgz
    version: 2.0.0-rc.1
generated: "2026-11-01T12:00:00.1Z"
`;

const never: IndexThread = {
  find: () => Promise.reject(new Error('not to be needed')),
};
/** What the thread would answer, without one. */
const inline: IndexThread = { find: (blocks, chart) => Promise.resolve(findInIndexText(blocks, chart)) };

async function* chunksOf(text: string | Uint8Array, size = 97): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  await Promise.resolve();
}

function find(text: string | Uint8Array, chart = 'payments', thread = inline): Promise<IndexLookup | IndexRefusal> {
  return readIndex(chunksOf(text), chart, thread);
}

async function codeOf(text: string | Uint8Array, chart = 'payments'): Promise<string> {
  const found = await find(text, chart);
  return 'problem' in found ? found.problem.code : 'none';
}

function replaced(from: string, to: string): string {
  expect(GENUINE).toContain(from);
  return GENUINE.replace(from, () => to);
}

describe('an index as helm repo index writes it', () => {
  it('is read without a thread', async () => {
    const found = await find(GENUINE, 'payments', never);
    expect(found).toEqual({
      entries: [
        {
          name: 'payments',
          version: '2.0.0-rc.1',
          digest: null,
          urls: ['payments-2.0.0-rc.1.tgz'],
          appVersion: null,
          created: '2026-10-03T12:00:00Z',
        },
        {
          name: 'payments',
          version: '1.10.0',
          digest: 'aaaab9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9012345',
          urls: ['https://charts.example.com/payments-1.10.0.tgz', 'https://mirror.example.com/payments-1.10.0.tgz'],
          appVersion: '1.10',
          created: '2026-10-02T12:00:00.5+02:00',
        },
        {
          name: 'payments',
          version: '1.2.0',
          digest: null,
          urls: ['payments-1.2.0.tgz'],
          appVersion: null,
          created: '2026-10-01T12:00:00Z',
        },
      ],
      versions: ['1.10.0', '1.2.0', '2.0.0-rc.1'],
    });
    expect(found).toEqual(findInIndexText([Buffer.from(GENUINE)], 'payments'));
  });

  it('names charts like the one that it does not have', async () => {
    expect(await find(GENUINE, 'payment', never)).toEqual({
      problem: { code: 'chart-not-in-index', params: { chart: 'payment', similar: ['payments'] } },
    });
    expect(await find(GENUINE, 'zebra', inline)).toMatchObject({ problem: { params: { similar: [] } } });
  });

  it.each([
    ['a comment', GENUINE.replace('entries:', '# all charts\nentries:')],
    ['another indentation', GENUINE.replace('  cart:\n', '    cart:\n')],
    ['Windows line ends', GENUINE.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${GENUINE}`],
    ['no line end at the end', GENUINE.trimEnd()],
    ['a start marker', `---\n${GENUINE}`],
    ['a tab in a text', replaced('- money', '- mo\tney')],
    ['a quoted key', replaced('  cart:', '  "cart":')],
    ['a reordered entry', replaced('    name: cart\n    urls:', '    urls:\n    name: cart')],
  ])('is left to the thread if it has %s', async (_what, text) => {
    await expect(find(text, 'payments', never)).rejects.toThrow('not to be needed');
  });
});

describe('an unquoted digest', () => {
  it.each([
    ['with one e between digits is text, since no number is so large', `${'1'.repeat(31)}e${'2'.repeat(32)}`, 'none'],
    ['of digits alone is a number, which has lost digits', '1'.repeat(64), 'index-invalid'],
  ])('%s', async (_what, text, code) => {
    const digest = '4f2ab9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9012345';
    expect(await codeOf(replaced(digest, text))).toBe(code);
  });
});

describe('an index of another shape', () => {
  it('is read all the same: as YAML', async () => {
    const yaml = '# mine\napiVersion: v1\nentries: {payments: [{name: payments, version: 1.2.3, urls: [a.tgz]}]}\n';
    expect(await find(yaml)).toMatchObject({ entries: [{ version: '1.2.3', urls: ['a.tgz'] }], versions: ['1.2.3'] });
  });

  it('and as JSON, with fields that Helm does not know', async () => {
    const json = JSON.stringify({
      apiVersion: 'v1',
      entries: { payments: [{ name: 'payments', version: '1.2.3', urls: ['a.tgz'], size: 12 }, null] },
      made: 'by hand',
    });
    expect(await find(json)).toMatchObject({ entries: [{ version: '1.2.3' }], versions: ['1.2.3', ''] });
    expect(await find(`${json} `)).toMatchObject({ entries: [{ version: '1.2.3' }] });
  });

  it('may share parts by aliases, but not for ever', async () => {
    const shared =
      'apiVersion: v1\nentries:\n  payments:\n  - {name: payments, version: 1.0.0, urls: &u [a]}\n  - {name: payments, version: 1.1.0, urls: *u}\n';
    expect(await find(shared)).toMatchObject({ entries: [{ urls: ['a'] }, { urls: ['a'] }] });
    const bomb = `a: &a x\nb:\n${'- *a\n'.repeat(101)}`;
    expect(await codeOf(bomb)).toBe('index-unreadable');
  });

  it('is answered by a thread of its own', async () => {
    const thread = createIndexThread();
    const text = `# mine\n${GENUINE}`;
    const found = await Promise.all([find(text, 'payments', thread), find(text, 'cart', thread)]);
    expect(found).toEqual([
      findInIndexText([Buffer.from(GENUINE)], 'payments'),
      expect.objectContaining({ versions: ['0.1.0'] }),
    ]);
  });

  it('is given up when the thread needs too much time or memory, fails, or nobody waits', async () => {
    const text = `# mine\n${GENUINE}`;
    expect(await find(text, 'payments', createIndexThread({ timeoutMs: 1 }))).toMatchObject({
      problem: { code: 'index-too-slow' },
    });
    const large = `[${'[1],'.repeat(400_000)}1]`;
    expect(await find(large, 'payments', createIndexThread({ memoryMiB: 8 }))).toMatchObject({
      problem: { code: 'index-too-complex', params: { limitMiB: 8 } },
    });
    const missing = createIndexThread({ workerUrl: new URL('./no-such-worker.ts', import.meta.url) });
    expect(await find(text, 'payments', missing)).toMatchObject({ problem: { code: 'index-reader-failed' } });
    const aborted = readIndex(chunksOf(text), 'payments', createIndexThread(), { signal: AbortSignal.timeout(5) });
    await expect(aborted).rejects.toThrow(/abort/i);
  });
});

describe('what makes Helm reject an index', () => {
  it.each([
    ['an unquoted number for a version', replaced('version: 0.1.0', 'version: 1.10'), 'index-invalid', 10],
    [
      'a field that it does not know',
      replaced('    name: cart', '    colour: red\n    name: cart'),
      'index-invalid',
      7,
    ],
    ['a field twice', replaced('    name: cart', '    name: cart\n    name: cart'), 'index-unreadable', 8],
    ['a list where a text should be', replaced('name: cart', 'name: [cart]'), 'index-invalid', 7],
    ['a wrong time', replaced('2026-10-01T12:00:00.123456789Z', 'yesterday'), 'index-invalid', 5],
    ['a number as the value of an annotation', replaced('category: Finance', 'category: 5'), 'index-invalid', 18],
    ['no apiVersion', replaced('apiVersion: v1\n', ''), 'index-invalid', null],
    ['bad YAML', replaced('  payments:', ' payments:'), 'index-unreadable', 11],
  ])('is %s, and we name the line', async (_what, text, code, line) => {
    expect(await find(text)).toMatchObject({ problem: { code, params: { line } } });
  });

  it('is no content, and other things than an index', async () => {
    expect(await codeOf('')).toBe('index-empty');
    expect(await codeOf(' \n')).toBe('index-empty');
    expect(await codeOf('<!DOCTYPE html>\n<html></html>')).toBe('index-html');
    expect(await codeOf('just text')).toBe('index-invalid');
    expect(await codeOf(Buffer.from([0x61, 0xff, 0xfe]))).toBe('index-unreadable');
  });
});

describe('what Helm skips', () => {
  it.each([
    ['no version', '{name: payments, urls: [a]}', ''],
    ['a version that is none', '{name: payments, version: "1.2.3-01", urls: [a]}', '1.2.3-01'],
    ['no name', '{version: 1.0.0}', '1.0.0'],
    ['a name with a slash', '{name: a/b, version: 1.0.0}', '1.0.0'],
    ['an unknown type', '{name: payments, version: 1.0.0, type: thing}', '1.0.0'],
    [
      'an alias of other characters',
      '{name: payments, version: 1.0.0, dependencies: [{name: x, alias: a b}]}',
      '1.0.0',
    ],
    ['nothing', 'null', ''],
  ])('is an entry with %s, which still counts for Argo CD', async (_what, entry, version) => {
    const text = `apiVersion: v1\nentries:\n  payments:\n  - ${entry}\n  - {name: payments, version: 0.9.0, urls: [b]}\n`;
    expect(await find(text)).toMatchObject({ entries: [{ version: '0.9.0' }], versions: [version, '0.9.0'] });
  });
});

describe('what readers understand differently', () => {
  it.each([
    ['a field in another case', replaced('    version: 0.1.0', '    Version: 0.1.0')],
    [
      'a field with a letter that Unicode folds',
      JSON.stringify({ apiVersion: 'v1', entries: { a: [{ verſion: '1' }] } }),
    ],
    [
      'null in JSON, under which a duplicate may lie',
      JSON.stringify({ apiVersion: 'v1', entries: { a: [{ version: null }] } }),
    ],
    ['a line separator', replaced('- money', '- mo\u2028ney')],
    ['half a character', JSON.stringify({ apiVersion: 'v1', entries: { a: [{ name: '\ud800' }] } })],
  ])('is refused: %s', async (_what, text) => expect(await codeOf(text)).toBe('index-ambiguous'));

  it('is refused: merge keys, and several documents', async () => {
    expect(await codeOf('apiVersion: v1\nentries:\n  <<: {payments: []}\n')).toBe('index-unreadable');
    expect(await codeOf(`${GENUINE}---\n${GENUINE}`)).toBe('index-unreadable');
  });
});

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('apiVersion: v1\n');
  await Promise.resolve();
  throw new Error('connection lost');
}

describe('limits', () => {
  it('end an index that is too large, without waiting for the rest', async () => {
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        taken += 1;
        yield Buffer.from('# a comment without an end\n'.repeat(1000));
        await Promise.resolve();
      }
    }
    expect(await readIndex(endless(), 'payments', never, { limits: { maxBytes: 100_000 } })).toEqual({
      problem: { code: 'index-too-large', params: { maxBytes: 100_000 } },
    });
    expect(taken).toBeLessThan(10);
  });

  it('let what the body throws pass', async () => {
    await expect(readIndex(broken(), 'payments', never)).rejects.toThrow('connection lost');
  });
});

/**
 * The safety of the line scan: whenever it answers, a YAML reader answers the same. Indexes of its shape are changed in
 * the ways in which an adversary would hide a line from the one or the other.
 */
describe('the line scan', () => {
  const lines = GENUINE.split('\n');
  const hostile = fc.constantFrom(
    '    version: 6.6.6',
    '  - version: 6.6.6',
    '  evil:',
    '    urls:',
    '    - evil.tgz',
    '  payments:',
    '  payments: []',

    '"',
    "'",
    '    description: "',
    "    description: '",
    '    home: "a',
    "    home: 'a",
    '    home: |',
    '    home: >-',
    '    home: |2',

    '      text',
    '        text: more',
    '      "',
    "      '",
    '      - item',
    '',
    ' ',
    '      ',
    '# comment',
    '      # comment',
    '    ? x',

    '---',
    '...',
    '    home: &a x',
    '    home: *a',
    '    home: !!str 1',
    '    home: [',
    '    home: {a: b}',
    '    home: a: b',
    '    home: a #b',

    '    home: true',
    '    home: ~',
    '    home: 1.10',
    '    home: 0x1F',
    '    home: 2026-01-01',
    '    home: "\\x41\\',
    "    home: '''",
    '    "home": x',

    '    keywords: []',
    '    keywords:',
    '    maintainers:',
    '    dependencies:',
    '    - name: x',
    '      name: x',
    '      tags:',
    '    annotations:',
    '      a: b',
  );
  const edit = fc.record({
    at: fc.nat(lines.length),
    kind: fc.constantFrom('insert', 'replace', 'remove', 'indent', 'dedent', 'copy', 'append', 'prepend'),
    line: hostile,
    from: fc.nat(lines.length - 1),
  });
  const index = fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    const text = [...lines];
    for (const { at, kind, line, from } of edits) {
      const old = text[at] ?? '';
      if (kind === 'insert') text.splice(at, 0, line);
      if (kind === 'replace') text[at] = line;
      if (kind === 'remove') text.splice(at, 1);
      if (kind === 'indent') text[at] = ` ${old}`;
      if (kind === 'dedent') text[at] = old.replace(/^ {1,2}/, '');
      if (kind === 'copy') text.splice(at, 0, lines[from] ?? '');
      if (kind === 'append') text[at] = old + line.trim();
      if (kind === 'prepend') text[at] = old.replace(/: /, () => `: ${line.trim()}`);
    }
    return text.join('\n');
  });

  it.each([
    ['type', '    type: application', '      - data'],
    ['type', '    type: application', '      and more'],
    ['name', '    name: payments', '      - data'],
  ])('leaves an entry to the thread whose %s goes on in the next line', async (_field, line, more) => {
    const text = GENUINE.replace(`${line}\n`, `${line}\n${more}\n`);
    expect(text).not.toBe(GENUINE);
    let left = false;
    const thread = {
      find: () => {
        left = true;
        return Promise.resolve({ entries: [], versions: [] });
      },
    };
    await find(text, 'payments', thread);
    expect(left).toBe(true);
  });

  it('never sees another index than a YAML reader', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(index, async (text) => {
        let left = false;
        const found = await find(text, 'payments', {
          find: () => {
            left = true;
            return Promise.resolve({ entries: [], versions: [] });
          },
        });
        if (left) return;
        answered += 1;
        expect(found).toEqual(findInIndexText([Buffer.from(text)], 'payments'));
      }),
      { numRuns: 1500 },
    );
    expect(answered).toBeGreaterThan(50);
  });
});
