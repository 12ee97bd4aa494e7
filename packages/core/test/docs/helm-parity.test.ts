import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { entryOf } from '../../src/verdict/catalogue.ts';
import { DEFAULT_STRICT_RULES, HELM_RULES, StrictRules } from '../../src/verdict/strict-rules.ts';
import { cases, keyringOf, provenanceOf, verifyVector } from '../helm/provenance-vectors.ts';

const page = readFileSync(new URL('../../../../docs/helm-parity.md', import.meta.url), 'utf8');

const rowsOf = (section: string): string[][] =>
  section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );

describe('docs/helm-parity.md', () => {
  it('names only codes that there are', () => {
    const codes = [...page.matchAll(/`([a-z]+(?:-[a-z0-9]+)+)`/g)].map(([, code = '']) => code);
    const names = new Set(cases.map(({ name }) => name));
    expect(codes.filter((code) => entryOf(code) === null && !names.has(code) && !code.startsWith('argocd-'))).toEqual(
      [],
    );
  });

  it('names every rule that has a switch', () => {
    const section = page.slice(page.indexOf('### Rules with a switch'), page.indexOf('### Rules without a switch'));
    expect(rowsOf(section).map(([rule]) => rule)).toEqual(expect.arrayContaining(Object.keys(StrictRules.shape)));
  });

  it('lists exactly the vectors whose outcome differs from that of Helm', async () => {
    const differing = await Promise.all(
      cases.map(async ({ name, helm }) => {
        const keyring = await keyringOf(name);
        const strict = (await verifyVector(provenanceOf(name), keyring, DEFAULT_STRICT_RULES)).observation;
        const lax = (await verifyVector(provenanceOf(name), keyring, HELM_RULES)).observation;
        if ((helm === 'OK') === (strict.status === 'verified')) return [];
        const [reason] = strict.status === 'verified' ? strict.warnings : strict.problems;
        return [[name, helm, strict.status, reason?.code ?? '', lax.status]];
      }),
    );
    const [, , ...rows] = rowsOf(page.slice(page.indexOf('## The vectors')));
    expect(new Set(rows)).toEqual(new Set(differing.flat()));
  });
});
