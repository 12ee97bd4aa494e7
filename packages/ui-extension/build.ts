/** Builds the extension and checks its size. `--size` only measures the one that is there. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.ts';

const LIMIT_BYTES = 60_000;
const outfile = fileURLToPath(new URL('./dist/extension-source-integrity.js', import.meta.url));

if (!process.argv.includes('--size')) await bundle(outfile);
const bytes = gzipSync(await readFile(outfile), { level: 9 }).length;
process.stdout.write(`extension-source-integrity.js: ${bytes} of ${LIMIT_BYTES} bytes, gzip\n`);
if (bytes > LIMIT_BYTES) process.exitCode = 1;
