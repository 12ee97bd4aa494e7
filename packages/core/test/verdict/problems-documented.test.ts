import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, entryOf } from '../../src/verdict/catalogue.ts';
import type { Parameters } from '../../src/verdict/problem.ts';

const page = readFileSync(new URL('../../../../docs/problems.md', import.meta.url), 'utf8');

/** Rows of the page: code, consequence, cause, what to do, who. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, code = '', consequence = '', cause = '', remedy = '', responsible = ''] = line
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    return { code: code.replaceAll('`', ''), consequence, cause, remedy, responsible };
  });

describe('docs/problems.md', () => {
  it('has every code of the catalogue once, and no other', () => {
    expect(rows.map(({ code }) => code).sort()).toEqual(Object.keys(catalogue).sort());
  });

  it.each(rows)('says of $code what the catalogue says', ({ code, consequence, cause, remedy, responsible }) => {
    expect({ consequence, responsible }).toEqual({
      consequence: entryOf(code)?.consequence,
      responsible: entryOf(code)?.responsible,
    });
    expect(cause).toMatch(/^\S.*\.$/);
    expect(remedy).toMatch(/^\S.*\.$/);
  });
});

/** One plausible value for every name that a parameter has anywhere in the catalogue. */
const FULL: Parameters = {
  actual: 'sha256:0000',
  address: '10.0.0.7',
  algorithm: 'secp256k1',
  application: 'argocd/payments',
  bits: 1024,
  budgetMs: 2000,
  by: 'project.payments › helm › 1',
  bytes: 70_000_000,
  candidates: ['https://charts.example.com/a.tgz', 'https://charts.example.com/b.tgz'],
  cause: 'untrusted',
  challenge: 'Negotiate',
  chart: 'payments',
  claim: 'repository',
  checkedAt: '2026-10-01T00:00:00.000Z',
  codes: ['cosign-key-mismatch'],
  column: 7,
  comparisonLimit: 64,
  configMap: 'argocd-cosign-keys-cm',
  count: 3,
  createdAt: '2027-01-01T00:00:00.000Z',
  detail: 'unexpected end',
  digest: 'sha256:1111',
  encoding: 'gzip',
  entry: 'project.payments',
  expected: 'sha256:2222',
  expiredAt: '2026-01-01T00:00:00.000Z',
  extension: '1.2.3.4',
  field: 'mode',
  fields: ['spec.sources', 'spec.source'],
  file: 'payments-1.4.2.tgz',
  fingerprint: '5E615389B53CA37F0EE60BD3843BBF981FC18762',
  fingerprints: ['AAAA', 'BBBB'],
  forget: 'source-integrity digests forget --repo https://charts.example.com',
  form: 'notation',
  forms: ['a RIPEMD-160 digest'],
  found: 'an HTML page',
  full: '1.4.2',
  glob: 'https://charts.example.com/*',
  hash: 'SHA-256',
  host: 'charts.example.com',
  key: '843BBF981FC18762',
  keyId: '843BBF981FC18762',
  keyIds: ['843BBF981FC18762'],
  keys: 'release',
  kind: 'log',
  known: ['mode', 'keys'],
  layers: 9,
  length: 300,
  limit: 256,
  limitBytes: 1_048_576,
  limitMiB: 256,
  limitMs: 5000,
  line: 12,
  location: 'https://charts.example.com/payments-1.4.2.tgz.prov',
  log: 'rekor.example.com',
  looksLike: 'an HTML page',
  manifests: 2,
  maxBytes: 1_048_576,
  maxRatio: 200,
  maxRedirects: 5,
  meant: 'provenance',
  mediaType: 'application/json',
  name: 'release-2026',
  namespace: 'payments',
  nearest: ['1.4.1', '1.4.0'],
  newest: ['1.4.2'],
  notation: 'who@example.com',
  otherDigest: 'sha256:3333',
  part: 'key',
  path: 'spec.source.targetRevision',
  pattern: 'https://[',
  policy: 'project.payments › helm › 2',
  project: 'payments',
  proxy: 'http://proxy.example.com:3128',
  range: 'private',
  realm: 'https://auth.example.com/token',
  reason: 'is not what it should be',
  reference: 'release',
  registry: 'registry.example.com',
  repoURL: 'https://charts.example.com',
  repository: 'registry.example.com/payments',
  retryAfterSeconds: 30,
  revision: '^1.2',
  revisions: 2,
  scheme: 'ftp',
  searched: ['https://charts.example.com/payments-1.4.2.tgz.prov'],
  secret: 'repository-payments',
  seenAt: '2026-11-01T00:00:00.000Z',
  signedAt: '2027-01-01T00:00:00.000Z',
  signer: '"release"',
  similar: ['payment'],
  since: '2026-11-01T00:00:00.000Z',
  sources: 1,
  status: 404,
  subkey: 'CCCC',
  template: '{tag}',
  time: '2026-11-01T00:00:00.000Z',
  type: 'symbolic link',
  types: ['https://slsa.dev/provenance/v1'],
  until: '2026-11-02T00:00:00.000Z',
  url: 'https://charts.example.com/index.yaml',
  userId: 'Acme Release <release@example.com>',
  value: 'https://issuer.example.com',
  version: '1.4.2',
  versions: 7,
  waitedFor: 'headers',
  waiting: 200,
  wanted: 'a full version',
  where: 'the signed metadata and Chart.yaml',
  why: 'the chart is fetched and rendered in one call',
  write: 'one of them',
};

/** The same where what may be unknown or empty is so. */
const SPARSE: Parameters = {
  ...FULL,
  candidates: [],
  checkedAt: null,
  cause: 'of a later version',
  detail: 'unknown',
  keyId: null,
  keyIds: [],
  line: null,
  meant: null,
  nearest: [],
  newest: [],
  retryAfterSeconds: null,
  revision: '',
  revisions: 1,
  similar: [],
  status: 503,
  userId: '',
  value: '',
  versions: 0,
};

/** What is always known of some. */
const NEEDS: Readonly<Record<string, Parameters>> = {
  'keyring-private-key': { keyId: 'DDDD' },
  'keyring-key-unsupported': { keyId: 'DDDD' },
  'signature-key-not-for-signing': { keyId: 'DDDD' },
  'signature-key-id-collision': { keyId: 'DDDD' },
  'keyring-entry-several-keys': { keyIds: ['AAAA', 'BBBB'] },
  'version-ambiguous': { candidates: ['a', 'b'] },
  'revision-no-match': { revision: '^1.2' },
  'revision-not-understood': { revision: 'latest' },
  'revision-partial': { revision: '1.2' },
};

const SUBJECT = 'Chart payments 1.4.2';
const BROKEN = /undefined|null|NaN|\[object|\(\)|""|, *\)|\s\s|\.\.(?!\/)|\s[.,;:](?![a-z])/;

describe.each(Object.keys(catalogue))('%s', (code) => {
  it.each([
    ['all that there is to say', FULL],
    [
      'what may be unknown left out',
      { ...SPARSE, ...(/^(?:policy|glob)-/.test(code) ? { line: 12 } : {}), ...NEEDS[code] },
    ],
  ])('is put in whole sentences, with %s', (_, params) => {
    const entry = entryOf(code);
    const sentence = entry?.sentence(SUBJECT, params) ?? '';
    const remedy = entry?.remedy(params) ?? '';
    expect(sentence.startsWith(`${SUBJECT} `)).toBe(true);
    expect(sentence).not.toMatch(/[.!?]$/);
    expect(remedy).toMatch(/^[A-Z][^]*[.?]$/);
    expect(`${sentence}. ${remedy}`).not.toMatch(BROKEN);
  });
});

describe('every entry that compares', () => {
  it.each(Object.entries(catalogue).flatMap(([code, entry]) => ('compares' in entry ? [[code, entry.compares]] : [])))(
    '%s says what',
    (_, compares) => {
      expect(compares).toMatch(/^[a-z]/);
    },
  );
});
