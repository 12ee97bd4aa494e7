import { wording } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import { headline } from '../../src/sentence/headline.ts';
import { codes, plausible, reportOf } from '../../stories/problems.ts';

const SUBJECT = 'Chart payments 1.4.2';

describe.each(codes)('%s', (code) => {
  const { sentence, remedy } = wording(plausible(code), SUBJECT);

  it('is one sentence about its subject', () => {
    expect(sentence).toMatch(/^(?:A new verification of )?Chart payments 1\.4\.2\b.*[^.]\.$/s);
    expect(sentence).not.toMatch(/undefined|NaN|\[object|\bnull\b| {2}|cannot put in words/);
  });

  it('says what to do in whole sentences', () => {
    expect(remedy).toMatch(/^[A-Z`"].*[.?)]$/s);
    expect(remedy).not.toMatch(/undefined|NaN|\[object|\bnull\b| {2}|\.\./);
  });

  it('becomes a headline that is read in one breath', () => {
    expect(headline(reportOf(code)).length).toBeLessThan(330);
  });
});
