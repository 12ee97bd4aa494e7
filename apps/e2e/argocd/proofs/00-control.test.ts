import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAD, KINDS } from '../artifacts.ts';
import { createApplication, deployed, source, syncToEnd, tidy } from '../proof.ts';
import { repositories } from '../install.ts';

/** Without the product every artifact is deployed, good or bad: so it is the product that prevents it below. */
beforeAll(repositories);
afterAll(tidy);

describe('without the product', () => {
  for (const [k, kind] of KINDS.entries()) {
    for (const [c, condition] of (['good', ...BAD] as const).entries()) {
      test(`Argo CD deploys ${kind}, ${condition}`, async () => {
        const name = `control-${k}-${c}`;
        await createApplication(name, source(kind, condition));
        expect(await syncToEnd(name)).toBe('Succeeded');
        expect(await deployed(name)).not.toEqual([]);
      });
    }
  }
});
