import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/application/source.ts';
import { namespaceProblem, parseProject, sourceProblem } from '../../src/application/project.ts';

function project(spec: object) {
  const parsed = parseProject({ metadata: { namespace: 'argocd', name: 'team' }, spec }, 'team');
  if ('problem' in parsed) throw new Error(JSON.stringify(parsed.problem));
  return parsed.project;
}

const permits = (sourceRepos: readonly string[], repoURL: string, kind: Source['kind'] = 'helm-oci') =>
  sourceProblem(project({ sourceRepos }), { repoURL, kind })?.code ?? 'permitted';

const admits = (sourceNamespaces: readonly string[], namespace: string) =>
  namespaceProblem(project({ sourceNamespaces }), namespace, 'argocd')?.code ?? 'permitted';

describe('the sources that a project permits', () => {
  it.each([
    [['*'], 'https://git.example.com/a/b/c'],
    [['https://charts.example.com'], 'https://charts.example.com'],
    [['HTTPS://Charts.Example.com/X.git'], 'https://charts.example.com/x'],
    [['https://git.example.com/*/x'], 'https://git.example.com/acme/x'],
    [['https://git.example.com/acme-?/x'], 'https://git.example.com/acme-1/x'],
    [['https://git.example.com/**'], 'https://git.example.com/a/b/c'],
    [['https://git.example.com/**'], 'https://git.example.com/'],
    [['**/c'], 'https://git.example.com/a/b/c'],
    [['https://*.example.com/x'], 'https://git.example.com/x'],
    [['https://git.example.com/[ab]'], 'https://git.example.com/b'],
    [['ghcr.io/acme/*'], 'ghcr.io/acme/charts'],
    [['oci://ghcr.io/acme/*'], 'oci://ghcr.io/acme/charts'],
    [['*'], '10.0.0.5:5000/charts'],
    [['10.0.0.5:5000/*'], '10.0.0.5:5000/charts'],
    [['*'], '10.0.0.5:5000'],
    [['*'], '[fd00::5]:5000/charts'],
    [['git@github.com:acme/*'], 'git@github.com:acme/x.git'],
    [['git@github.com:acme/*'], 'ssh://git@github.com/acme/x'],
    [['!https://git.example.com/secret'], 'https://git.example.com/other'],
    [['*', '!https://git.example.com/secret/*'], 'https://git.example.com/secret/a/b'],
  ])('%j permits %s', (patterns, url) => {
    expect(permits(patterns, url)).toBe('permitted');
  });

  it.each([
    [[], 'https://charts.example.com'],
    [['https://charts.example.com'], 'https://charts.example.com/'],
    [['https://charts.example.com'], 'https://charts.example.com.evil.net'],
    [['https://git.example.com/*'], 'https://git.example.com/a/b'],
    [['https://git.example.com/**'], 'https://git.example.com'],
    [['https://git.example.com/?'], 'https://git.example.com//'],
    [['https://*/x'], 'https://git.example.com/a/x'],
    [['*', '!https://git.example.com/secret'], 'https://git.example.com/SECRET.git'],
    [['!https://git.example.com/secret', '*'], 'https://git.example.com/secret'],
    [['*', '!*'], 'https://git.example.com/x'],
    [['https://git.example.com/{a,b}'], 'https://git.example.com/a'],
    [['10.0.0.5:5000/charts'], '10.0.0.6:5000/charts'],
    [['*', '!10.0.0.5:5000/charts'], '10.0.0.5:5000/charts'],
    [['*'], ''],
    [['*'], 'https://git.example.com/%zz'],
  ])('%j forbids %s', (patterns, url) => {
    expect(permits(patterns, url)).toBe('project-forbids-source');
  });

  it('are none if a pattern that forbids cannot be read, though Argo CD would take it for a permission', () => {
    expect(permits(['*', '!https://git.example.com/[x'], 'https://git.example.com/a')).toBe(
      'project-pattern-unreadable',
    );
    expect(permits(['*', 'https://git.example.com/[x'], 'https://git.example.com/a')).toBe('permitted');
    expect(permits(['https://git.example.com/[x'], 'https://git.example.com/a')).toBe('project-pattern-unreadable');
    expect(permits(['https://git.example.com/a**b*'], 'https://git.example.com/axby')).toBe(
      'project-pattern-unreadable',
    );
  });

  it.each([
    [
      'helm-http',
      '10.0.0.5:5000/charts',
      'oci://10.0.0.5:5000/charts for a registry, https://10.0.0.5:5000/charts otherwise',
    ],
    ['git', '[fd00::5]:5000', 'oci://[fd00::5]:5000 for a registry, https://[fd00::5]:5000 otherwise'],
    ['git', 'https://git.example.com/%zz', ''],
  ] as const)('are none whose URL Argo CD cannot read: %s %s', (kind, repoURL, write) => {
    expect(sourceProblem(project({ sourceRepos: ['*'] }), { repoURL, kind })).toEqual({
      code: 'source-url-unparsable',
      params: { repoURL, write },
    });
  });

  it('are shown without credentials', () => {
    expect(sourceProblem(project({}), { repoURL: 'https://user:secret@git.example.com/x', kind: 'git' })).toMatchObject(
      {
        params: { repoURL: 'https://git.example.com/x' },
      },
    );
  });
});

describe('the namespaces that a project permits', () => {
  it.each([
    [[], 'argocd'],
    [['team-*'], 'team-a'],
    [['team-a', 'team-b'], 'team-b'],
    [['/^team-[a-z]+$/'], 'team-a'],
    [['/team/'], 'my-team-a'],
    [['/^((?!kube-).)*$/'], 'team-a'],
    [['/(/', 'team-a'], 'team-a'],
  ])('%j permits %s', (patterns, namespace) => {
    expect(admits(patterns, namespace)).toBe('permitted');
  });

  it.each([
    [[], 'team-a'],
    [['team-*'], 'other'],
    [['team'], 'team-a'],
    [['/^team-[a-z]+$/'], 'team-1'],
    [['/^((?!kube-).)*$/'], 'kube-system'],
    [['/'], 'team-a'],
  ])('%j forbids %s', (patterns, namespace) => {
    expect(admits(patterns, namespace)).toBe('project-forbids-namespace');
  });

  it.each(['/(/', '[a', '/\\Ateam\\z/', '/^(a+)+$/'])(
    'are not told by %j, which cannot be read or does not end',
    (pattern) => {
      expect(admits([pattern], `${'a'.repeat(60)}-`)).toBe('project-pattern-unreadable');
    },
  );
});

describe('reading an AppProject', () => {
  it('takes absent lists for empty ones', () => {
    expect(project({ sourceRepos: null })).toMatchObject({ name: 'team', sourceRepos: [], sourceNamespaces: [] });
  });

  it.each([
    ['no object', 'x', ''],
    ['no name', { metadata: {} }, 'metadata.name'],
    ['a text for a list', { metadata: { name: 'team' }, spec: { sourceRepos: '*' } }, 'spec.sourceRepos'],
    ['a number for a pattern', { metadata: { name: 'team' }, spec: { sourceRepos: [1] } }, 'spec.sourceRepos.0'],
  ])('names the place of what is wrong: %s', (_, object, path) => {
    expect(parseProject(object, 'team')).toMatchObject({
      problem: { code: 'project-malformed', params: { project: 'team', path } },
    });
  });
});
