import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { remembering, rememberingBy } from '../../src/policy/remembering.ts';

it('answers as the function does, whatever was asked before', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (texts) => {
      const length = remembering((text) => text.length, 4);
      for (const text of texts) expect(length(text)).toBe(text.length);
    }),
  );
});

it('asks the function once for a text that keeps being asked for, among ever new ones', () => {
  const asked: string[] = [];
  const remembered = remembering((text) => asked.push(text), 4);
  for (let place = 0; place < 50; place += 1) {
    remembered('usual');
    remembered(`new ${place}`);
  }
  expect(asked.filter((text) => text === 'usual')).toHaveLength(1);
});

it('remembers no text longer than a URL', () => {
  const asked: string[] = [];
  const remembered = remembering((text) => asked.push(text));
  remembered('x'.repeat(3000));
  remembered('x'.repeat(3000));
  expect(asked).toHaveLength(2);
});

it('asks the function once for questions of the same text, and again for one of another', () => {
  const asked: string[] = [];
  const remembered = rememberingBy(
    ({ kind, url }: { kind: string; url: string }) => JSON.stringify([kind, url]),
    ({ kind, url }) => asked.push(`${kind} ${url}`),
  );
  expect(remembered({ kind: 'oci', url: 'a' })).toBe(1);
  expect(remembered({ kind: 'oci', url: 'a' })).toBe(1);
  expect(remembered({ kind: 'helm-http', url: 'a' })).toBe(2);
  expect(asked).toEqual(['oci a', 'helm-http a']);
});
