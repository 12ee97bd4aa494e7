import { describe, expect, test } from 'vitest';
import { unjudged } from '../../src/look.ts';
import { combine } from '../../src/report/combine.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import type { Check, CosignKeySigner, Observation } from '../../src/verdict/verdict.ts';
import { CHECK_ORDER } from '../../src/verdict/verdict.ts';
import { DIGEST } from '../cosign/fake-sigstore.ts';

const signer = (keyName: string): CosignKeySigner => ({
  kind: 'cosign-key',
  keyName,
  fingerprint: DIGEST,
  format: 'bundle',
  location: 'registry.test/acme',
  algorithm: 'ECDSA P-256',
  hash: 'SHA-256',
  logIndex: null,
  claimedReference: null,
  signedAt: null,
});
const passed: Check[] = CHECK_ORDER.map((id) => ({ id, outcome: 'passed' }));
const absent = problem('oci-unsigned', {});
const wrong = problem('signed-other-artifact', { expected: 'a', actual: 'b' });
const down = problem('verification-timed-out', { since: '2026-11-01T00:00:00Z' });
const foreign = problem('signature-form-unsupported', { form: 'Notation' });
const failedCheck = (because: typeof wrong): Check[] =>
  passed.map((check) =>
    check.id === 'artifact-integrity' ? { id: check.id, outcome: 'failed', problem: because } : check,
  );

const verified: Observation = {
  status: 'verified',
  digest: DIGEST,
  signers: [signer('one')],
  checks: passed,
  warnings: [],
};
const another: Observation = { ...verified, signers: [signer('two')], warnings: [absent] };
const failed: Observation = {
  status: 'failed',
  digest: DIGEST,
  problems: [wrong],
  signers: [signer('three')],
  checks: failedCheck(wrong),
  warnings: [],
};
const unsigned: Observation = {
  status: 'unsigned',
  digest: DIGEST,
  problems: [absent],
  searched: [{ kind: 'signature-tag', location: 'registry.test/acme', found: 'nothing' }],
  checks: failedCheck(absent),
};
const indeterminate = unjudged('indeterminate', [down]);
const unsupported = unjudged('unsupported', [foreign]);
const ALL = { verified, failed, unsigned, indeterminate, unsupported };
const ORDER = ['failed', 'unsigned', 'indeterminate', 'unsupported', 'verified'] as const;

describe('several observations that must all hold', () => {
  const pairs = ORDER.flatMap((one, at) => ORDER.slice(at).map((other) => [one, other] as const));
  test.each(pairs)('%s and %s: the first of them, in either order', (worse, better) => {
    for (const observations of [
      [ALL[worse], ALL[better]],
      [ALL[better], ALL[worse]],
    ] as const) {
      const combined = combine([observations[0], observations[1]]);
      expect(combined.status).toBe(worse);
      const problems = observations.flatMap((each) => ('problems' in each ? each.problems : []));
      if ('problems' in combined) expect(combined.problems).toEqual(problems);
      expect(combined.checks.map(({ id }) => id)).toEqual([...CHECK_ORDER]);
    }
  });

  test('one is itself', () => {
    for (const each of Object.values(ALL)) expect(combine([each])).toBe(each);
  });

  test('verified ones keep every signer and warning', () => {
    expect(combine([verified, another])).toMatchObject({
      signers: [{ keyName: 'one' }, { keyName: 'two' }],
      warnings: [absent],
    });
  });

  test('a check that passed in one and failed in the other has failed', () => {
    const integrity = combine([verified, failed]).checks.find(({ id }) => id === 'artifact-integrity');
    expect(integrity).toMatchObject({ outcome: 'failed', problem: wrong });
  });

  test('a check that passed in one and does not apply to the other has passed', () => {
    const skipped: Observation = {
      ...verified,
      checks: passed.map(({ id }) => ({ id, outcome: 'skipped', reason: 'does-not-apply' })),
    };
    expect(combine([skipped, verified]).checks).toEqual(passed);
  });
});
