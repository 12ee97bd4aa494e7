import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const pages = readdirSync(new URL('docs/', root)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []));

/** As GitHub names headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('names only files of ours that there are', () => {
    const named = [...text.matchAll(/`((?:packages|apps)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    const built = named.filter((path) => !path.includes('/dist/'));
    expect(built.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it('links only to pages and headings that there are', () => {
    const broken = [...text.matchAll(/\]\((?![a-z]+:)([^)#]*)(?:#([^)]+))?\)/g)].filter(([, path = '', anchor]) => {
      const target = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

it('the threat model shows each of its claims by a test', () => {
  const rows = read('docs/threat-model.md')
    .split('\n## What is not covered')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:What stands|-)/.test(line));
  expect(rows?.length).toBeGreaterThan(20);
  expect(rows?.filter((row) => !/`[\w./-]+\.test\.ts`/.test(row))).toEqual([]);
});
