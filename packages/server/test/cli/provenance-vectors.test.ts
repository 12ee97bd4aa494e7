import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHART, cli, vector } from './command-line.ts';

/** What Helm 4.3.1 accepts and this project cannot verify: two curves, and GnuPG's keybox. */
const UNSUPPORTED = new Set(['brainpoolP256r1', 'kr-kbx', 'secp256k1']);
/** What Helm 4.3.1 rejects and this project accepts: the right digest under another name. */
const ACCEPTED_BY_DIGEST = new Set(['y-othername']);

const cases = readFileSync(vector('expected.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [name = '', helm = ''] = line.split('\t');
    return { name, helm };
  });

/** A time at which the vectors' keys are as their names say. */
const NOW = '2026-11-01T00:00:00Z';

function verify(name: string, strictRules: 'on' | 'off') {
  const files = ['--prov', vector(`${name}.prov`), '--keyring', vector(`${name}.gpg`)];
  return cli(['verify', 'chart', CHART, ...files, '--now', NOW, '--strict-rules', strictRules]);
}

test('all 75 vectors are there', () => {
  expect(cases).toHaveLength(75);
});

describe.each(cases)('$name, which Helm 4.3.1 answers with $helm', ({ name, helm }) => {
  test('exits with 0 without the stricter rules exactly where Helm accepts, but for the named exceptions', async () => {
    const { status, err } = await verify(name, 'off');
    const accepted = (helm === 'OK' && !UNSUPPORTED.has(name)) || ACCEPTED_BY_DIGEST.has(name);
    expect(status === 0).toBe(accepted);
    if (UNSUPPORTED.has(name)) expect(status).toBe(2);
    expect(err).toBe('');
  });

  test('never exits with 0 by default where Helm rejects, but for the named exception', async () => {
    const { status } = await verify(name, 'on');
    if (helm !== 'OK') expect(status === 0).toBe(ACCEPTED_BY_DIGEST.has(name));
    expect([0, 1, 2]).toContain(status);
  });
});
