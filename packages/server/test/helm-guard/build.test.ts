import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const BUILD = join(import.meta.dirname, '../../build.ts');

test('the build gives the same bytes twice, and nothing in it is for one architecture', () => {
  const built = (): Map<string, string> => {
    const folder = mkdtempSync(join(tmpdir(), 'source-integrity-build-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    execFileSync(process.execPath, [BUILD, folder]);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[a-z]+$/.test(name));
    return new Map(
      files.toSorted().map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
    );
  };
  const once = built();
  expect(built()).toEqual(once);
  expect([...once.keys()]).toContain('helm-guard.cjs');
  expect([...once.keys()].filter((name) => /\.(?:node|so|wasm|exe)$/.test(name))).toEqual([]);
}, 180_000);
