import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sourceKind } from '../../src/application/source.ts';
import { compileGlob, isGlobFault } from '../../src/policy/glob.ts';
import { urlSpellingFault } from '../../src/policy/glob-spelling.ts';
import { lintPolicy } from '../../src/policy/lint.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { selectRequirements } from '../../src/policy/requirements.ts';

function read(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
}

type Data = Record<string, string>;

/** The data of argocd-source-integrity-cm in the YAML of a page: whole ConfigMaps, and entries alone. */
function policiesOf(text: string): Data[] {
  return [...text.matchAll(/^( *)```yaml\n(.*?)^\1```$/gms)].flatMap(([, , yaml = '']) => {
    const value: unknown = parse(yaml);
    if (typeof value !== 'object' || value === null) return [];
    const isConfigMap = 'kind' in value && value.kind === 'ConfigMap';
    const data: unknown = isConfigMap && 'data' in value ? value.data : value;
    return isPolicy(data) ? [data] : [];
  });
}

function isPolicy(data: unknown): data is Data {
  return (
    typeof data === 'object' &&
    data !== null &&
    Object.keys(data).some((key) => /^(?:project\.|all-projects$)/.test(key))
  );
}

/** Cells of the rows of the tables in a section, without backticks. */
function tableRows(section: string): string[][] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `') && !line.startsWith('| `repoURL`'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

const page = read('docs/policies.md');

const KEYLESS = 'docs/how-to/sign-with-cosign-keyless.md';

describe.each(['docs/policies.md', 'docs/well-known-charts.md', KEYLESS])('the policies of %s', (path) => {
  it.each(policiesOf(read(path)).map((data, index) => [index + 1, data] as const))('have no error: %d', (_, data) => {
    const { errors, warnings } = lintPolicy(data, new Date('2026-11-01T00:00:00Z'));
    expect(errors).toEqual([]);
    // One example names a key by the ID that people know, and says so.
    expect(warnings.map(({ code }) => code).filter((code) => code !== 'policy-key-short')).toEqual([]);
  });
});

it('there are as many policies as are looked for', () => {
  expect(policiesOf(page)).toHaveLength(5);
  expect(policiesOf(read('docs/well-known-charts.md'))).toHaveLength(12);
  expect(policiesOf(read(KEYLESS))).toHaveLength(1);
});

describe('what is matched', () => {
  const section = page.slice(page.indexOf('## What is matched'), page.indexOf('## Globs'));
  const [data = {}] = policiesOf(section);

  it.each(
    tableRows(section.slice(section.indexOf('these are the outcomes'))).map(
      ([repoURL = '', chart = '', outcome = '']) => ({ repoURL, chart, outcome }),
    ),
  )('$repoURL, chart $chart: $outcome', ({ repoURL, chart, outcome }) => {
    const kind = sourceKind({ repoURL, chart, path: '', ref: '' }, () => false);
    const source = { kind, repoURL, chart: kind === 'oci' ? null : chart };
    const { explanation } = selectRequirements(parsePolicy(data), 'payments', source);
    const [requirement] = explanation.requirements;
    const [problem] = explanation.problems;
    const actual =
      problem?.code ??
      (requirement === undefined
        ? `not matched (${explanation.notMatched[0]?.because})`
        : `matched (${requirement.matched.form})`);
    expect(actual).toBe(outcome);
  });
});

describe('globs that are errors', () => {
  const section = page.slice(page.indexOf('## Globs'), page.indexOf('## Freshness'));

  it.each(
    tableRows(section).flatMap(([code = '', examples = '']) =>
      examples.split(', ').map((glob) => [code, glob] as const),
    ),
  )('%s: %s', (code, glob) => {
    const compiled = compileGlob(glob);
    if (isGlobFault(compiled)) {
      expect(code).toBe(`glob-${compiled.fault}`);
      return;
    }
    const fault = urlSpellingFault(compiled);
    expect(fault === null ? null : 'nothing' in fault ? 'glob-matches-nothing' : 'glob-not-normal').toBe(code);
  });
});
