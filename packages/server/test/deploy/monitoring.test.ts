import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Metrics } from '../../src/metrics.ts';
import { KUSTOMIZE } from './manifest-files.ts';

const read = (name: string): string => readFileSync(new URL(`../monitoring/${name}`, KUSTOMIZE), 'utf8');

/** Every series that the server has, and the labels of each. */
async function series(): Promise<Map<string, string>> {
  const text = await new Metrics({ version: '1', jobs: () => ({ queued: 0, running: 0 }) }).text();
  const found = new Map<string, string>();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)/gm)) {
    found.set(name, type);
    if (type === 'histogram') for (const part of ['bucket', 'sum', 'count']) found.set(`${name}_${part}`, type);
  }
  return found;
}

it.each(['alerts.yaml', 'dashboard.json'])('%s asks only for metrics that there are', async (file) => {
  const named = [...read(file).matchAll(/\b(?:source_integrity|process|nodejs)_\w+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(5);
  const known = await series();
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

it.each(['alerts.yaml', 'dashboard.json'])('%s asks for rates of counters, and of no gauge', async (file) => {
  const known = await series();
  const rated = [...read(file).matchAll(/(?:rate|increase)\((\w+)/g)].map(([, name = '']) => name);
  expect(rated.filter((name) => !['counter', 'histogram'].includes(known.get(name) ?? ''))).toEqual([]);
  const counters = [...read(file).matchAll(/(\w*\()?(source_integrity_\w+_(?:total|bucket))/g)];
  expect(counters.filter(([, call]) => call !== 'rate(' && call !== 'increase(')).toEqual([]);
});
