import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { run } from '../../src/cli/run.ts';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process; `stdin` is what somebody pipes into it. */
export async function cli(args: readonly string[], stdin = ''): Promise<Said> {
  let out = '';
  let err = '';
  const status = await run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: async () => stdin,
  });
  return { status, out, err };
}

const VECTORS = new URL('../../../core/test/vectors/helm-provenance/', import.meta.url);

/** A file of the provenance vectors. */
export function vector(name: string): string {
  return fileURLToPath(new URL(name, VECTORS));
}

export const CHART = vector('hashtest-1.2.3.tgz');

/** The key that signs `rsa2048.prov`, and one that does not. */
export const RSA = '0FD6A72FB3082A43EA0515E14DFD3B6F62F4D26D';
export const ED25519 = '853464064486DA681ABC1E50AD24D37BCE76DAA7';

/** A new folder with these files, gone after the test. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Within an object that is expected: text with this in it. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
