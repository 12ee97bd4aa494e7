import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GATE_CONDITION, PIN_CONDITION } from '../../src/admission/match-conditions.ts';
import { variableOf } from '../../src/config/setting.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { Metrics } from '../../src/metrics.ts';

const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');

/** Cells of the first table in a section. */
function table(heading: string): string[][] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`) + 1).split('\n## ', 1)[0] ?? '';
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

function defaultOf(fallback: (typeof SETTINGS)[keyof typeof SETTINGS]['fallback']): string {
  if (fallback === null) return '–';
  if (typeof fallback !== 'object') return String(fallback);
  return 'port' in fallback ? `${fallback.host}:${fallback.port}` : '–';
}

describe('docs/operations.md', () => {
  it('has every setting with its variable and default, and no other', () => {
    expect(table('Settings').map(([flag, variable, fallback]) => [flag, variable, fallback])).toEqual(
      Object.values(SETTINGS).map(({ flag, secret, fallback }) => [
        secret ? '–' : `--${flag}`,
        variableOf(flag),
        defaultOf(fallback),
      ]),
    );
  });

  it('has every metric, and no other', async () => {
    const text = await new Metrics({
      version: '1',
      process: false,
      jobs: () => ({ queued: 0, running: 0 }),
    }).text();
    const names = [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name);
    expect(new Set(table('Metrics').map(([name]) => name))).toEqual(new Set(names));
  });

  it('names only flags that there are', () => {
    const flags = new Set(Object.values(SETTINGS).map(({ flag }) => flag));
    const others = new Set(['local', 'repo', 'chart', 'version']);
    const named = [...page.matchAll(/(?<=[`\s(])--([a-z][a-z-]+)/g)].map(([, flag = '']) => flag);
    expect(named.filter((flag) => !flags.has(flag) && !others.has(flag))).toEqual([]);
  });

  it('has the webhooks with the conditions that the server is written for, and time for its budgets', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const [pin, gate] = yaml.split('---\n').map((document): unknown => parse(document));
    const webhook = {
      matchPolicy: 'Equivalent',
      timeoutSeconds: 10,
      rules: [{ operations: ['CREATE', 'UPDATE'], resources: ['applications'] }],
    };
    expect(pin).toMatchObject({
      kind: 'MutatingWebhookConfiguration',
      webhooks: [
        {
          ...webhook,
          name: 'pin.source-integrity.io',
          sideEffects: 'None',
          reinvocationPolicy: 'IfNeeded',
          clientConfig: { service: { path: '/admission/pin' } },
          matchConditions: [PIN_CONDITION],
        },
      ],
    });
    expect(gate).toMatchObject({
      kind: 'ValidatingWebhookConfiguration',
      webhooks: [
        {
          ...webhook,
          name: 'gate.source-integrity.io',
          sideEffects: 'NoneOnDryRun',
          clientConfig: { service: { path: '/admission/gate' } },
          matchConditions: [GATE_CONDITION],
        },
      ],
    });
    const { automatedBudgetMs, interactiveBudgetMs } = SETTINGS;
    expect(Math.max(automatedBudgetMs.fallback, interactiveBudgetMs.fallback)).toBeLessThan(10_000);
  });
});
