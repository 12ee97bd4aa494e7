/**
 * `npm run test:reference`: builds what is missing of the real tools, runs the suites against them, and says in the
 * last line how many cases passed and failed. `SEED=fresh` chooses other changes than the last time, `SEED=<number>` those
 * of that run; arguments go to vitest.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { COUNTS_VARIABLE, countedIn } from './counts.ts';
import { tools } from './tools.ts';

await tools([
  'helm',
  'cosign',
  'crane',
  'registry-with-referrers',
  'fulcio',
  'timestamp-authority',
  'rekor-server-posix',
]);
const folder = mkdtempSync(join(tmpdir(), 'source-integrity-counts-'));
const file = join(folder, 'counts');
writeFileSync(file, '');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const config = join(import.meta.dirname, 'vitest.config.ts');
const child = spawn(process.execPath, [vitest, 'run', '--config', config, ...process.argv.slice(2)], {
  cwd: join(import.meta.dirname, '..'),
  stdio: 'inherit',
  env: { ...process.env, [COUNTS_VARIABLE]: file },
});
const status = await new Promise<number>((resolve) => {
  child.once('exit', (code) => resolve(code ?? 1));
});
process.stdout.write(`${countedIn(file).join('\n')}\n`);
rmSync(folder, { recursive: true });
process.exitCode = status;
