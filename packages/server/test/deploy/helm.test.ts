import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GATE_CONDITION, PIN_CONDITION } from '../../src/admission/match-conditions.ts';
import { variableOf } from '../../src/config/setting.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { KUSTOMIZE } from './manifest-files.ts';

// What the chart renders is compared with deploy/kustomize where there is a helm: apps/e2e/argocd/proofs/15-ways-to-install.test.ts.
const CHART = new URL('../helm/source-integrity/', KUSTOMIZE);
const read = (path: string): string => readFileSync(new URL(path, CHART), 'utf8');
const templates = readdirSync(new URL('templates/', CHART)).map((name) => read(`templates/${name}`));

/** Paths of everything below, as far as both sides say what is there. */
function paths(value: unknown, below: (one: object) => unknown, prefix = ''): string[] {
  const inner = typeof value === 'object' && value !== null ? below(value) : undefined;
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return [];
  return Object.entries(inner).flatMap(([key, one]) =>
    [`${prefix}${key}`].concat(paths(one, below, `${prefix}${key}.`)),
  );
}

/** Mappings whose keys are the user's. */
const FREE = /^(?:policy\.data|resources|settings|nodeSelector|affinity)\./;

describe('the values of the chart', () => {
  const values = paths(parse(read('values.yaml')), (one) => one).filter((path) => !FREE.test(path));
  const schema: unknown = JSON.parse(read('values.schema.json'));

  it('are each in the schema, and the schema has no others', () => {
    const described = paths(schema, (one) => ('properties' in one ? one.properties : undefined));
    const ours = described.filter((path) => path !== 'global' && !FREE.test(path));
    expect(ours.toSorted()).toEqual(values.toSorted());
  });

  it('are each used by a template', () => {
    const leaves = values.filter((path) => !values.some((other) => other.startsWith(`${path}.`)));
    const text = templates.join('\n');
    const used = (path: string): boolean =>
      text.includes(`.Values.${path}`) || text.includes(`.Values.${path.split('.')[0]} `);
    expect(leaves.filter((path) => !used(path))).toEqual([]);
  });

  it('cannot hold what the schema does not know: a typing error is an error', () => {
    expect(schema).toMatchObject({ additionalProperties: false });
  });
});

it('has the conditions of the webhooks as the server has them', () => {
  const text = read('templates/webhooks.yaml');
  for (const { name, expression } of [PIN_CONDITION, GATE_CONDITION]) {
    const indented = expression.replaceAll(/^/gm, ' '.repeat(10));
    expect(text).toContain(`      - name: ${name}\n        expression: |-\n${indented}\n`);
  }
});

it('gives the server only settings that there are', () => {
  const known = new Set(Object.values(SETTINGS).map(({ flag }) => variableOf(flag)));
  const given = [...read('templates/server.yaml').matchAll(/name: (SOURCE_INTEGRITY_\w+)/g)].map(
    ([, name = '']) => name,
  );
  expect(given.length).toBeGreaterThan(4);
  expect(given.filter((name) => name !== 'SOURCE_INTEGRITY_' && !known.has(name))).toEqual([]);
});

it('names one namespace, the one that it is installed into', () => {
  const named = templates.flatMap(
    (text) => text.match(/namespace: argocd\b|serviceaccount:argocd:|source-integrity-argocd/g) ?? [],
  );
  expect(named).toEqual([]);
});
