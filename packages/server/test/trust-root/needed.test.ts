import { parsePolicy } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { needsPublicGood } from '../../src/trust-root/needed.ts';

function entry(cosign: object, more: object = {}): string {
  return JSON.stringify({ oci: { policies: [{ repos: [{ url: 'oci://registry.example.com/*' }], cosign }] }, ...more });
}

const SOMEBODY = [{ issuer: 'https://issuer.example', subject: 'release@acme.example' }];
const RESTING = entry({ mode: 'signature', identities: SOMEBODY });

describe('the public-good root is needed', () => {
  test.each<[string, Record<string, string>]>([
    ['by identities', { 'project.shop': RESTING }],
    [
      'by identities without a log',
      { 'project.shop': entry({ mode: 'signature', identities: SOMEBODY, transparencyLog: 'optional' }) },
    ],
    ['by keys with a required log', { 'project.shop': entry({ mode: 'signature', keys: ['release'] }) }],
    ['by the baseline', { 'all-projects': entry({ mode: 'signature', identities: SOMEBODY }, { unmatched: 'allow' }) }],
    ['by one project of several', { 'project.other': entry({ mode: 'none' }), 'project.shop': RESTING }],
  ])('%s', (_, data) => {
    expect(needsPublicGood(parsePolicy(data))).toBe(true);
  });

  test.each<[string, Record<string, string>]>([
    ['no policy', {}],
    ['mode: none', { 'project.shop': entry({ mode: 'none' }) }],
    [
      'keys with an optional log',
      { 'project.shop': entry({ mode: 'signature', keys: ['release'], transparencyLog: 'optional' }) },
    ],
    [
      'a root of their own',
      { 'project.shop': entry({ mode: 'signature', identities: SOMEBODY, keys: ['a'], trustRoot: 'acme' }) },
    ],
    ['an error in the same entry', { 'project.shop': entry({ mode: 'signature', identities: SOMEBODY }, { x: 1 }) }],
    ['an error that concerns every source', { 'project.shop': RESTING, freshness: 'soon' }],
  ])('not by %s', (_, data) => {
    expect(needsPublicGood(parsePolicy(data))).toBe(false);
  });
});
