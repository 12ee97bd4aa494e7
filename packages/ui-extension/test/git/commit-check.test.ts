import { describe, expect, it } from 'vitest';
import { commitCheckOf } from '../../src/git/commit-check.ts';

const metadata = (over: object = {}): object => ({
  author: 'Jane',
  date: '2026-11-22T20:45:10Z',
  message: 'a',
  ...over,
});
const result = (...checks: unknown[]): object => metadata({ sourceIntegrityResult: { Checks: checks } });
const unsigned = "Failed verifying revision 8c1f2e7 by 'Jane <jane@acme.test>': unsigned (key_id=)";
const unallowed = "Failed verifying revision 8c1f2e7 by 'Jane': signed with unallowed key (key_id=9699A7DA13423758)";

describe("Argo CD's metadata of a commit", () => {
  it.each([[null], [undefined], [[]]])('passes a check without problems, also where they are %j', (problems) => {
    expect(commitCheckOf(result({ Name: 'GIT/GPG', Problems: problems }))).toEqual({
      state: 'passed',
      checks: ['GIT/GPG'],
    });
  });

  it('fails for every reason that is given', () => {
    expect(commitCheckOf(result({ Name: 'GIT/GPG', Problems: [unallowed, unsigned] }))).toEqual({
      state: 'failed',
      reasons: [unallowed, unsigned],
    });
    expect(commitCheckOf(result({ Name: 'A', Problems: [] }, { Name: 'B', Problems: [unallowed] }))).toEqual({
      state: 'failed',
      reasons: [unallowed],
    });
  });

  it('calls unsigned what Argo CD calls so, whatever the author calls himself', () => {
    expect(commitCheckOf(result({ Name: 'GIT/GPG', Problems: [unsigned] }))).toMatchObject({ state: 'unsigned' });
    const forged = "Failed verifying revision 8c1f2e7 by 'x': unsigned (key_id=)': bad signature (key_id=AB)";
    expect(commitCheckOf(result({ Name: 'GIT/GPG', Problems: [forged] }))).toMatchObject({ state: 'failed' });
  });

  it.each([[[]], [null]])('says that nothing was checked where the checks are %j', (checks) => {
    expect(commitCheckOf(metadata({ sourceIntegrityResult: { Checks: checks } }))).toEqual({ state: 'no-policy' });
  });

  it('prefers the result to the line of older versions', () => {
    const both = {
      ...result({ Name: 'GIT/GPG', Problems: [unallowed] }),
      signatureInfo: 'Good signature from RSA key 1',
    };
    expect(commitCheckOf(both)).toMatchObject({ state: 'failed' });
  });

  it.each([
    ['', 'no-policy'],
    ['Good signature from RSA key 9699A7DA13423758', 'signed'],
    ['Revision is not signed.', 'unsigned'],
    ['Bad signature from RSA key 9699A7DA13423758', 'failed'],
    ['Invalid signature from RSA key 9699A7DA13423758', 'failed'],
    ['UNKNOWN signature: malformed', 'failed'],
    ['No Good signature from anybody', 'failed'],
  ])('reads the line %j as %s', (line, state) => {
    expect(commitCheckOf(metadata({ signatureInfo: line }))).toMatchObject({ state });
  });

  it('says that there is no policy where neither is given', () => {
    expect(commitCheckOf(metadata())).toEqual({ state: 'no-policy' });
    expect(commitCheckOf(metadata({ sourceIntegrityResult: null }))).toEqual({ state: 'no-policy' });
    expect(commitCheckOf({ date: null })).toEqual({ state: 'no-policy' });
  });

  it.each([
    [{}],
    [{ message: 'somebody else’s answer' }],
    [[]],
    ['GIT/GPG'],
    [null],
    [metadata({ signatureInfo: 7 })],
    [metadata({ sourceIntegrityResult: [] })],
    [metadata({ sourceIntegrityResult: 'passed' })],
    [metadata({ sourceIntegrityResult: { checks: [{ name: 'GIT/GPG', problems: [] }] } })],
    [result({ name: 'GIT/GPG', problems: [] })],
    [result({ Name: 'GIT/GPG', Problems: 'none' })],
    [result({ Name: 'GIT/GPG', Problems: [7] })],
    [result(null)],
    [result(...Array.from({ length: 21 }, () => ({ Name: 'GIT/GPG', Problems: [] })))],
    [Object.create(metadata())],
  ])('takes no other shape for an answer: %j', (value) => {
    expect(commitCheckOf(value)).toBeNull();
  });

  it('keeps no more of it than can be read', () => {
    const long = commitCheckOf(
      result({ Name: 'GIT/GPG', Problems: Array.from({ length: 5000 }, () => 'x'.repeat(9999)) }),
    );
    expect(JSON.stringify(long).length).toBeLessThan(6000);
    expect(JSON.stringify(commitCheckOf(metadata({ signatureInfo: 'x'.repeat(99_999) }))).length).toBeLessThan(600);
  });
});
