/**
 * A rule that never fires guards nothing. Each file under `types/` breaks the lint rule that it is named after, and
 * each file under `boundaries/` the import rule; this script fails when one of them goes unnoticed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const here = import.meta.dirname;
const bin = (name: string): string => join(here, '..', 'node_modules', '.bin', name);
const unnoticed: string[] = [];

const lint = spawnSync(bin('oxlint'), ['-c', 'oxlint.json', '--format', 'unix', 'types'], {
  cwd: here,
  encoding: 'utf8',
});
const files = readdirSync(join(here, 'types'));
for (const file of files) {
  const rule = basename(file, '.ts');
  const found = lint.stdout.split('\n').some((line) => line.includes(`types/${file}`) && line.includes(rule));
  if (!found) unnoticed.push(`lint rule ${rule} did not refuse lint-fixtures/types/${file}`);
}

interface Cruised {
  readonly summary: { readonly violations: readonly { readonly rule: { readonly name: string } }[] };
}
const isCruised = (value: unknown): value is Cruised =>
  typeof value === 'object' && value !== null && 'summary' in value;

const config: unknown = JSON.parse(
  execFileSync(
    process.execPath,
    ['-p', 'JSON.stringify(require("./.dependency-cruiser.cjs").forbidden.map((r) => r.name))'],
    {
      cwd: join(here, '..'),
      encoding: 'utf8',
    },
  ),
);
const rules = Array.isArray(config) ? config.map(String) : [];
const cruise = spawnSync(
  bin('depcruise'),
  [
    'packages',
    '--config',
    '../../.dependency-cruiser.cjs',
    '--ts-config',
    '../../tsconfig.base.json',
    '--output-type',
    'json',
  ],
  { cwd: join(here, 'boundaries'), encoding: 'utf8' },
);
const cruised: unknown = JSON.parse(cruise.stdout);
const violated = new Set(isCruised(cruised) ? cruised.summary.violations.map((violation) => violation.rule.name) : []);
for (const rule of rules) {
  if (!violated.has(rule)) unnoticed.push(`import rule ${rule} refused nothing under lint-fixtures/boundaries`);
}

process.stdout.write(`${files.length} lint rules and ${rules.length} import rules tried\n`);
if (unnoticed.length > 0) {
  process.stderr.write(`${unnoticed.join('\n')}\n`);
  process.exitCode = 1;
}
