import { join } from 'node:path';
import { PolicyExplanation } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { cli, containing, ED25519, folderOf, RSA, type Said } from './command-line.ts';

const HEAD = `# The policies of everybody.
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-source-integrity-cm
  namespace: argocd
  labels:
    app.kubernetes.io/part-of: argocd
data:
`;

const POLICY = `  enforcement: enforce
  all-projects: |
    unmatched: deny
  project.team: |
    helm:
      policies:
        - repos: [{url: "https://charts.example.com/*"}]
          charts: ["payments"]
          gpg: {mode: provenance, keys: ["${RSA}"]}
        - repos: [{url: "https://charts.example.com/*"}]
          gpg: {mode: provenance, keys: ["${ED25519}"]}
        - repos: [{url: "https://charts.example.com/labs"}]
          gpg: {mode: none}
`;

describe('policy lint', () => {
  function lint(text: string, ...args: string[]): Promise<Said & { readonly file: string }> {
    const file = join(folderOf({ 'policy.yaml': text }), 'policy.yaml');
    return cli(['policy', 'lint', file, ...args]).then((said) => ({ ...said, file }));
  }

  test('passes a policy without errors, and shows its warnings', async () => {
    const { status, out, file } = await lint(HEAD + POLICY);
    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`^${file} has no errors and 1 warning\\.`));
    expect(out).toContain(`${file}:21:11: warning`);
    expect(out).toContain('policy-entry-shadowed');
    expect((await lint(`${HEAD}  enforcement: warn\n`)).out).toMatch(/has no errors\.\n$/);
  });

  test('names line and column in the file, and what to write', async () => {
    const { status, out, file } = await lint(HEAD + POLICY.replace('mode: none', 'mode: nune'));
    expect(status).toBe(1);
    const line = (HEAD + POLICY).split('\n').findIndex((text) => text.includes('mode: none')) + 1;
    const column = (HEAD + POLICY).split('\n')[line - 1]?.indexOf('none') ?? -1;
    expect(out).toContain(`${file}:${line}:${column + 1}: error\n  A source of project team cannot be judged`);
    expect(out).toContain('Did you mean none?');
  });

  test('finds the place in every way of writing the entry, or names it within the entry', async () => {
    const value = (out: string): string | undefined => / *\S+policy\.yaml:? ?(.*): error\n/.exec(out)?.[1];
    expect(value((await lint(`${HEAD}  enforcement:   never\n`)).out)).toBe('10:18');
    expect(value((await lint(`${HEAD}  project.a: "{helm: {polices: []}}"\n`)).out)).toBe('10:23');
    expect(value((await lint(`${HEAD}  project.a: |2-\n\n    helm: {polices: []}\n`)).out)).toBe('12:12');
    expect(value((await lint(`${HEAD}  project.a: "helm:\\n  polices: []"\n`)).out)).toBe(
      'project.a, line 2, column 3',
    );
    expect(value((await lint(`${HEAD}  project.a: |\n    helm: {polices: []}\n`.replaceAll('\n', '\r\n'))).out)).toBe(
      '11:12',
    );
  });

  test('finds the ConfigMap among other documents and in lists', async () => {
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: argocd}\ndata: {}\n---\n';
    const wrong = `${HEAD}  project.a: |\n    helm: {polices: []}\n`;
    expect((await lint(other + wrong)).out).toMatch(/policy\.yaml:16:12: error/);
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${HEAD.replace(/^#.*\n/, '').replaceAll('\n', '\n  ')}  project.a: |\n      helm: {polices: []}\n`;
    expect((await lint(list)).out).toMatch(/policy\.yaml:13:14: error/);
  });

  test('has the rules of a cluster', async () => {
    expect(await lint(`${HEAD}  "project/a": "{}"\n`)).toMatchObject({
      status: 1,
      out: containing(':10: error'),
    });
    expect(await lint(`${HEAD}  enforcement: off\n`)).toMatchObject({
      status: 1,
      out: containing('put it in quotes'),
    });
    expect((await lint(HEAD.replace('part-of: argocd', 'part-of: others') + POLICY)).out).toContain('lacks the label');
    expect((await lint(`${HEAD}  project.a: "{}"\n  project.a: "{}"\n`)).status).toBe(1);
  });

  test('answers errors and warnings as JSON', async () => {
    const { status, out } = await lint(HEAD + POLICY.replace('mode: none', 'mode: nune'), '--output', 'json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ errors: [{ code: 'policy-value-invalid' }] });
  });

  test('cannot check what is not there', async () => {
    expect(await lint('')).toMatchObject({ status: 2, err: containing('it is empty') });
    expect(await lint('apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n')).toMatchObject({
      status: 2,
      err: containing('it holds Namespace x'),
    });
    expect((await lint(`${HEAD}  {}\n---\n${HEAD}  {}\n`)).err).toContain('more than once: at lines');
    expect((await cli(['policy', 'lint', '/nowhere.yaml'])).status).toBe(2);
  });
});

describe('policy explain', () => {
  function explain(policy: string, ...args: string[]): Promise<Said> {
    const project = `apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team, namespace: argocd}\nspec: {sourceRepos: ['*']}\n`;
    const folder = folderOf({ 'policy.yaml': policy, 'project.yaml': project });
    return cli(['policy', 'explain', '--cluster-dir', folder, '--project', 'team', '--repo', ...args]);
  }

  test('says which entry applies, by which glob, what it shadows, and why others do not apply', async () => {
    const { status, out } = await explain(HEAD + POLICY, 'https://charts.example.com/labs', '--chart', 'payments');
    expect(status).toBe(0);
    expect(out).toMatch(/^Chart payments has to be signed, as one entry requires\.\n/);
    expect(out).toContain('project.team › helm › 1 applies');
    expect(out).toMatch(/shadows {3}project\.team › helm › 2: it matches too/);
    const other = await explain(HEAD + POLICY, 'https://charts.example.com/labs', '--chart', 'other');
    expect(other.out).toContain('project.team › helm › 2 applies');
    expect(other.out).toMatch(/project\.team › helm › 1 {2}its repos match, but its charts do not/);
  });

  test('answers a PolicyExplanation as JSON', async () => {
    const { out } = await explain(HEAD + POLICY, 'https://charts.example.com/x', '--chart', 'payments', '-o', 'json');
    expect(PolicyExplanation.parse(JSON.parse(out)).requirements).toHaveLength(1);
  });

  test('exits with 1 for a source that is refused outright', async () => {
    const { status, out } = await explain(HEAD + POLICY, 'https://elsewhere.example.com', '--chart', 'payments');
    expect(status).toBe(1);
    expect(out).toMatch(/^Chart payments is refused: no entry matches it/);
  });

  test('exits with 2 where the policy or the URL leaves it open', async () => {
    const wrong = await explain(
      `${HEAD}  project.team: "helm: 1"\n`,
      'https://charts.example.com',
      '--chart',
      'payments',
    );
    expect(wrong.status).toBe(2);
    const unclear = await explain(HEAD + POLICY, 'https://a:b@charts.example.com/x', '--chart', 'payments');
    expect(unclear.status).toBe(2);
    expect(unclear.out).not.toContain('a:b@');
    expect((await explain('', 'https://charts.example.com', '--chart', 'payments')).status).toBe(2);
  });

  test('takes the kind of a source as Argo CD does, and says which', async () => {
    const kinds = {
      'https://git.example.com/x': 'a Git repository',
      'oci://ghcr.io/x': 'an artifact in an OCI registry',
    };
    for (const [url, kind] of Object.entries(kinds)) expect((await explain(HEAD + POLICY, url)).out).toContain(kind);
    const chart = await explain(HEAD + POLICY, 'ghcr.io/acme', '--chart', 'x');
    expect(chart.out).toContain('a Helm chart in an OCI registry');
  });
});
