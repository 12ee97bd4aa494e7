import { readFileSync } from 'node:fs';

/** Rows of a table of Argo CD's own answers, without the header. Spaces at the ends of a cell belong to it. */
export function rowsOf(name: string): string[][] {
  const text = readFileSync(new URL(`../vectors/argocd/${name}`, import.meta.url), 'utf8');
  return text
    .replace(/\n$/, '')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
}
