import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KUSTOMIZE, manifest, manifestsIn } from './manifest-files.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, KUSTOMIZE), 'utf8');
const page = read('docs/troubleshooting.md');

/** First cells of the table in a section, without what is in brackets. */
function messages(heading: string): string[] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`) + 1).split('\n## ', 1)[0] ?? '';
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((row) => row.split('|')[1]?.replace(/\(.*/, '').trim() ?? '');
}

describe('docs/troubleshooting.md', () => {
  it('quotes the tab as it speaks', () => {
    const words = read('packages/ui-extension/src/words.ts');
    const quoted = messages('The tab').filter((message) => message !== 'There is no tab');
    expect(quoted.length).toBeGreaterThan(4);
    expect(quoted.filter((message) => !words.includes(`title: '${message}'`))).toEqual([]);
  });

  it('quotes the policy that guards what is trusted', () => {
    const policy = JSON.stringify(manifest(manifestsIn('base'), 'ValidatingAdmissionPolicy'));
    expect(policy).toContain("' may not change '");
    expect(policy).toContain("', which decides what Argo CD may deploy. '");
    expect(page).toContain('may not change argocd-source-integrity-cm, which decides what Argo CD may deploy.');
  });

  it('quotes the server as it speaks', () => {
    const sources = ['config/fault.ts', 'cli/commands/serve.ts', 'http/operations.ts']
      .map((path) => read(`packages/server/src/${path}`))
      .join('\n');
    for (const sentence of [
      'The settings cannot be used:',
      'The server cannot start:',
      "The policy enforces, but failurePolicy of the gate's webhook is Ignore",
    ]) {
      expect(page).toContain(sentence);
      expect(sources).toContain(sentence);
    }
  });

  it('names problems that there are', () => {
    const problems = read('docs/problems.md');
    const api = read('docs/api.md');
    const named = [...page.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)]
      .map(([, code = '']) => code)
      .filter((code) => /^(?:policy|keyring|cluster|verification|secret)-/.test(code));
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((code) => !problems.includes(`\`${code}\``) && !api.includes(`\`${code}\``))).toEqual([]);
  });
});
