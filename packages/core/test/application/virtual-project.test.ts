import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/application/project.ts';
import { parseGlobalProjects, virtualProject } from '../../src/application/virtual-project.ts';

function project(name: string, sourceRepos: readonly string[], labels: Record<string, string> = {}): Project {
  return { namespace: 'argocd', name, labels: new Map(Object.entries(labels)), sourceRepos, sourceNamespaces: [] };
}

const team = project('team', ['https://own'], { tier: 'prod' });
const common = project('common', ['https://common', '!https://own/secret']);

function permitted(globalProjects: string, of = team) {
  return virtualProject(of, {
    repositories: ['https://scoped'],
    globalProjects: parseGlobalProjects(globalProjects),
    projects: new Map([team, common].map((one) => [one.name, one])),
  }).sourceRepos;
}

const own = ['https://own', 'https://scoped'];

describe('the project that Argo CD judges by', () => {
  it('permits its own repositories beside those that it lists', () => {
    expect(permitted('')).toEqual(own);
  });

  it.each([
    '{matchLabels: {tier: prod}}',
    '{matchExpressions: [{key: tier, operator: In, values: [prod, test]}]}',
    '{matchExpressions: [{key: tier, operator: NotIn, values: [test]}]}',
    '{matchExpressions: [{key: tier, operator: Exists}, {key: x, operator: DoesNotExist}]}',
    '{}',
  ])('inherits from a global project that selects it by %s', (selector) => {
    expect(permitted(`[{projectName: common, labelSelector: ${selector}}]`)).toEqual([...own, ...common.sourceRepos]);
  });

  it.each([
    '{matchLabels: {tier: test}}',
    '{matchLabels: {tier: prod, x: y}}',
    '{matchExpressions: [{key: tier, operator: In, values: [test]}]}',
    '{matchExpressions: [{key: tier, operator: NotIn, values: [prod]}]}',
    '{matchExpressions: [{key: tier, operator: DoesNotExist}]}',
    '{matchExpressions: [{key: x, operator: Exists}]}',
    '{matchExpressions: [{key: tier, operator: Near}]}',
  ])('does not inherit from one that does not select it by %s', (selector) => {
    expect(permitted(`[{projectName: common, labelSelector: ${selector}}]`)).toEqual(own);
  });

  it('never inherits from itself, and stops at a global project that does not exist', () => {
    expect(permitted('[{projectName: team}]')).toEqual(own);
    expect(permitted('[{projectName: gone}, {projectName: common}]')).toEqual(own);
  });

  it.each(['[', 'text', '{a: b}', '[1]', '&a [*a]'])(
    'inherits nothing by settings that cannot be read: %s',
    (settings) => {
      expect(permitted(settings)).toEqual(own);
    },
  );
});
