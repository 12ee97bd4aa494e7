import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAD, KINDS } from '../artifacts.ts';
import { installed } from '../install.ts';
import {
  application,
  argocdCli,
  at,
  createApplication,
  deployed,
  heard,
  source,
  sync,
  syncToEnd,
  tidy,
} from '../proof.ts';

beforeAll(() => installed());
afterAll(tidy);

describe('1. a sync that a person asks for', () => {
  for (const [k, kind] of KINDS.entries()) {
    test(`by the API deploys ${kind}, good`, async () => {
      const name = `api-${k}-good`;
      await createApplication(name, source(kind, 'good'));
      expect(await syncToEnd(name)).toBe('Succeeded');
      expect(await deployed(name)).not.toEqual([]);
    });

    test(`by the command line deploys ${kind}, good`, async () => {
      const name = `cli-${k}-good`;
      await createApplication(name, source(kind, 'good'));
      const { code, output } = await argocdCli('app', 'sync', name, '--timeout', '180');
      expect(output).toContain('Phase:              Succeeded');
      expect(code).toBe(0);
      expect(await deployed(name)).not.toEqual([]);
    });

    for (const [c, condition] of BAD.entries()) {
      test(`is refused for ${kind}, ${condition}, and nothing is applied`, async () => {
        const name = `refused-${k}-${c}`;
        await createApplication(name, source(kind, condition));

        const api = await sync(name);
        expect(api.status, api.message).toBe(403);
        expect(api.message).toContain('admission webhook "gate.source-integrity.io" denied the request: ');

        const cli = await argocdCli('app', 'sync', name, '--timeout', '180');
        expect(cli.output).toContain('admission webhook "gate.source-integrity.io" denied the request: ');
        expect(cli.code).toBe(20);
        heard(`${kind}, ${condition}: API`, api.message);
        heard(`${kind}, ${condition}: command line`, cli.output);

        expect(at(await application(name), 'operation')).toBeUndefined();
        expect(await deployed(name)).toEqual([]);
      });
    }
  }
});
