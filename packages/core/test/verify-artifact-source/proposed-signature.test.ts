import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { proposedPolicy } from '../../src/report/proposed-policy.ts';
import type { AcceptingSignature } from '../../src/report/proposed-signature.ts';
import type { SourceReport } from '../../src/report/report.ts';
import { FakeSigstore } from '../cosign/fake-sigstore.ts';
import { GOOD, sigstore } from '../cosign/world.ts';
import {
  type Asked,
  asking,
  outcome,
  provenanceBy,
  PGP_FINGERPRINT,
  REGISTRY,
  RELEASE,
  Shop,
  subject,
  WIDE,
} from './shop.ts';

const NAME = 'acme/config';
const ARTIFACT: Asked = { repoURL: `oci://${REGISTRY}/${NAME}`, targetRevision: '1.0.0', observe: true };
const CHARTS = 'charts/payments';
const PAYMENTS: Asked = { repoURL: `${REGISTRY}/charts`, chart: 'payments', targetRevision: '1.0.0', observe: true };

type Data = Readonly<Record<string, string>>;

const List = z.optional(z.object({ policies: z.array(z.looseObject({})) }));
/** An entry of the ConfigMap, as far as these tests look at it. */
const Entry = z.looseObject({ helm: List, oci: List });

function entryOf(yaml: string): z.infer<typeof Entry> {
  return Entry.parse(parse(yaml));
}

/** The ConfigMap with what is proposed written before what is there. */
function amended(data: Data, proposal: string | null): Data {
  const all: Record<string, string> = { ...data };
  for (const block of (proposal ?? '').split(/^(?=\S)/m).filter((text) => text !== '')) {
    const [head = '', ...lines] = block.split('\n');
    const name = head.replace(': |', '');
    const [there, entry] = [entryOf(data[name] ?? '{}'), entryOf(lines.join('\n'))];
    const policies = (list: 'helm' | 'oci'): object => ({
      policies: [...(entry[list]?.policies ?? []), ...(there[list]?.policies ?? [])],
    });
    all[name] = JSON.stringify({ ...there, ...entry, helm: policies('helm'), oci: policies('oci') });
  }
  return all;
}

/** What is proposed, and what the source comes to with it. */
async function accepted(
  shop: Shop,
  asked: Asked,
  data: Data = {},
): Promise<{ readonly before: string; readonly proposal: string | null; readonly after: SourceReport }> {
  const report = await shop.verifyUnder(asked, data);
  const proposal = report.proposedPolicy;
  return { before: outcome(report), proposal, after: await shop.verifyUnder(asked, amended(data, proposal)) };
}

function policies(...entries: readonly object[]): string {
  const of = (field: string): object => ({ policies: entries.filter((entry) => field in entry) });
  return JSON.stringify({ helm: of('gpg'), oci: of('cosign') });
}

/** The `cosign` part of what is proposed for the project. */
function cosignOf(proposal: string | null): unknown {
  const [, ...lines] = (proposal ?? '').split('\n');
  const [policy] = entryOf(lines.join('\n')).oci?.policies ?? [];
  return policy?.['cosign'];
}

describe('for a source without a policy', () => {
  it('that a key has signed without a log, the entry names that key and asks for no log', async () => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    const { before, proposal, after } = await accepted(shop, ARTIFACT);
    expect(before).toBe('not-required');
    expect(proposal?.replace(/sha256:[0-9a-f]{64}/, 'sha256:…')).toMatchInlineSnapshot(`
      "project.shop: |
        oci:
          policies:
            - repos:
                - url: "oci://registry.example.com/acme/config"
              cosign:
                mode: signature
                keys:
                  - "release" # sha256:…
                transparencyLog: optional
      "
    `);
    expect(outcome(after)).toBe('verified');
  });

  it('that a key has signed with a log, the entry asks for it', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: RELEASE }));
    const { proposal, after } = await accepted(shop, ARTIFACT);
    expect(cosignOf(proposal)).toEqual({ mode: 'signature', keys: ['release'] });
    expect(outcome(after)).toBe('verified');
  });

  it('that a key has signed with a log of another trust root, the entry names that', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: RELEASE }));
    const { proposal, after } = await accepted(shop, { ...ARTIFACT, root: new FakeSigstore().trustRoot() });
    expect(cosignOf(proposal)).toEqual({ mode: 'signature', keys: ['release'], trustRoot: 'acme' });
    expect(outcome(after)).toBe('verified');
  });

  it.each(['sha384', 'sha512'] as const)(
    'that a key has signed over %s, the entry says so',
    async (digestAlgorithm) => {
      const shop = new Shop();
      const digest = shop.artifact(NAME, '1.0.0');
      shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: WIDE, log: 'none', digest: digestAlgorithm }));
      const { proposal, after } = await accepted(shop, ARTIFACT);
      expect(cosignOf(proposal)).toEqual({
        mode: 'signature',
        keys: ['wide'],
        transparencyLog: 'optional',
        digestAlgorithm,
      });
      expect(outcome(after)).toBe('verified');
    },
  );

  it('that somebody has signed keyless, the entry names just that identity', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: GOOD }));
    const { proposal, after } = await accepted(shop, ARTIFACT);
    expect(cosignOf(proposal)).toEqual({
      mode: 'signature',
      identities: [{ issuer: 'https://issuer.test', subject: 'release@acme.test' }],
    });
    expect(outcome(after)).toBe('verified');
  });

  it('that is signed keyless under a trust root of the ConfigMap, the entry names it', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: GOOD }));
    const { proposal, after } = await accepted(shop, { ...ARTIFACT, root: new FakeSigstore().trustRoot() });
    expect(cosignOf(proposal)).toMatchObject({ trustRoot: 'acme' });
    expect(outcome(after)).toBe('verified');
  });

  it.each([
    ['no log entry', { log: 'none', timestamp: true } as const, {}, { transparencyLog: 'optional' }],
    [
      'no certificate timestamp',
      {},
      { certificateTimestamp: 'none' } as const,
      { certificateTransparency: 'optional' },
    ],
  ])('that is signed keyless with %s, the entry asks for none, and for all else', async (_, signing, of, more) => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: sigstore.leaf(of), ...signing }));
    const { proposal, after } = await accepted(shop, ARTIFACT);
    expect(cosignOf(proposal)).toEqual({
      mode: 'signature',
      identities: [{ issuer: 'https://issuer.test', subject: 'release@acme.test' }],
      ...more,
    });
    expect(outcome(after)).toBe('verified');
  });

  it('that is a chart in a registry, the entry is for that chart alone', async () => {
    const shop = new Shop();
    shop.sign(CHARTS, await shop.chart(CHARTS, '1.0.0'));
    const { proposal, after } = await accepted(shop, PAYMENTS);
    expect(proposal).toContain(`- url: "oci://${REGISTRY}/charts/payments"`);
    expect(outcome(after)).toBe('verified');
    const other = await shop.verifyUnder({ ...PAYMENTS, chart: 'payments-db' }, amended({}, proposal));
    expect(other.policy.requirements).toEqual([]);
  });

  it.each<[string, (shop: Shop) => unknown]>([
    ['is not signed', (shop) => shop.artifact(NAME, '1.0.0')],
    [
      'nobody known has signed',
      (shop) => {
        const digest = shop.artifact(NAME, '1.0.0');
        shop.bundle(NAME, digest, new FakeSigstore().bundle(subject(digest), { by: new FakeSigstore().leaf() }));
      },
    ],
    [
      'is signed for another',
      (shop) => {
        const digest = shop.artifact(NAME, '1.0.0');
        shop.bundle(NAME, digest, sigstore.bundle(subject(shop.artifact(NAME, '2.0.0')), { by: GOOD }));
      },
    ],
  ])('that %s, there is none', async (_, prepare) => {
    const shop = new Shop();
    prepare(shop);
    expect((await accepted(shop, ARTIFACT)).proposal).toBeNull();
  });
});

describe('for a source that is refused for its signer', () => {
  it('the entry keeps whom it trusts, and adds the key', async () => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    const data = { 'project.shop': policies(asking({ keys: ['stranger'], transparencyLog: 'optional' })) };
    const { before, proposal, after } = await accepted(shop, ARTIFACT, data);
    expect(before).toBe('failed cosign-key-mismatch');
    expect(cosignOf(proposal)).toEqual({
      mode: 'signature',
      keys: ['stranger', 'release'],
      transparencyLog: 'optional',
    });
    expect(outcome(after)).toBe('verified');
  });

  it('the entry keeps its own trust root, claims and identities, expressions included', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest, { tag: '1.0.0' }), { by: GOOD }));
    const asked = {
      identities: [{ issuerRegExp: 'https://.*\\.else', subject: 'who@else.test' }],
      trustRoot: 'acme',
      annotations: { tag: '{tag}' },
    };
    const { before, proposal, after } = await accepted(shop, ARTIFACT, { 'project.shop': policies(asking(asked)) });
    expect(before).toMatch(/^failed (?:identity|issuer)-mismatch$/);
    expect(cosignOf(proposal)).toEqual({
      mode: 'signature',
      ...asked,
      identities: [...asked.identities, { issuer: 'https://issuer.test', subject: 'release@acme.test' }],
    });
    expect(outcome(after)).toBe('verified');
  });

  it('the entry says what it has to where the policy asks for something else, and trusts only the new signer', async () => {
    const shop = new Shop();
    const digest = shop.artifact(NAME, '1.0.0');
    shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: WIDE, log: 'none', digest: 'sha384' }));
    const data = { 'project.shop': policies(asking({ keys: ['wide'], transparencyLog: 'optional' })) };
    const { before, proposal, after } = await accepted(shop, ARTIFACT, data);
    expect(before).toBe('failed cosign-digest-algorithm');
    expect(cosignOf(proposal)).toMatchObject({ keys: ['wide'], digestAlgorithm: 'sha384' });
    expect(outcome(after)).toBe('verified');
  });

  it('there is an entry for each that refuses, of baseline and project, and none for one that does not', async () => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    const refusing = asking({ keys: ['stranger'], transparencyLog: 'optional' });
    const accepting = asking({ keys: ['release'], transparencyLog: 'optional' });
    const baseline = (entry: object): string => JSON.stringify({ unmatched: 'deny', oci: { policies: [entry] } });
    const both = await accepted(shop, ARTIFACT, {
      'all-projects': baseline(refusing),
      'project.shop': policies(refusing),
    });
    expect(both.proposal).toMatch(/^all-projects: \|\n {2}unmatched: deny\n[^]*^project\.shop: \|\n/m);
    expect(outcome(both.after)).toBe('verified');
    const one = await accepted(shop, ARTIFACT, {
      'all-projects': baseline(refusing),
      'project.shop': policies(accepting),
    });
    expect(one.proposal).not.toContain('project.shop');
    expect(outcome(one.after)).toBe('verified');
  });

  it('there is one text for both lists where a chart is refused by both', async () => {
    const shop = new Shop();
    shop.sign(CHARTS, await shop.chart(CHARTS, '1.0.0', { provenance: true }));
    const data = {
      'project.shop': policies(
        provenanceBy('AA'.repeat(20)),
        asking({ keys: ['stranger'], transparencyLog: 'optional' }),
      ),
    };
    const { before, proposal, after } = await accepted(shop, PAYMENTS, data);
    expect(before).toBe('failed signer-not-trusted');
    expect(proposal?.match(/^project\.shop: \|$/gm)).toHaveLength(1);
    expect(proposal).toContain(PGP_FINGERPRINT);
    expect(outcome(after)).toBe('verified');
  });

  it.each<[string, object, (shop: Shop) => void]>([
    [
      'nobody known has signed',
      { keys: ['release'], transparencyLog: 'optional' },
      (shop) => {
        const digest = shop.artifact(NAME, '1.0.0');
        shop.bundle(NAME, digest, new FakeSigstore().bundle(subject(digest), { by: new FakeSigstore().leaf() }));
      },
    ],
    [
      'lacks a log entry that is asked for',
      { keys: ['release'] },
      (shop) => shop.sign(NAME, shop.artifact(NAME, '1.0.0')),
    ],
    [
      'lacks a claim that is asked for',
      { keys: ['stranger'], transparencyLog: 'optional', annotations: { env: 'production' } },
      (shop) => shop.sign(NAME, shop.artifact(NAME, '1.0.0')),
    ],
  ])('there is none where it %s', async (_, cosign, prepare) => {
    const shop = new Shop();
    prepare(shop);
    const { before, proposal } = await accepted(shop, ARTIFACT, { 'project.shop': policies(asking(cosign)) });
    expect(before).toMatch(/^failed /);
    expect(proposal).toBeNull();
  });

  it('there is none for whoever waits for a decision, and nothing is tried for it', async () => {
    const shop = new Shop();
    shop.sign(NAME, shop.artifact(NAME, '1.0.0'));
    const data = { 'project.shop': policies(asking({ keys: ['stranger'], transparencyLog: 'optional' })) };
    const report = await shop.verifyUnder({ ...ARTIFACT, observe: false }, data);
    expect(report.proposedPolicy).toBeNull();
    expect(shop.publicGoodAsked).toBe(0);
  });
});

describe('an identity in an entry', () => {
  const accepting = (subject: string): AcceptingSignature => ({
    keys: [],
    identities: [{ issuer: { text: 'https://issuer.test' }, subject: { text: subject } }],
    transparencyLog: 'required',
    certificateTransparency: 'required',
    digestAlgorithm: 'sha256',
    trustRoot: null,
    annotations: new Map(),
    signatureRepository: null,
    entry: null,
    fingerprint: null,
  });
  const propose = (subject: string): string | null =>
    proposedPolicy({
      project: 'shop',
      source: { kind: 'oci', repoURL: ARTIFACT.repoURL, chart: null },
      signer: null,
      requiring: [],
      signatures: [accepting(subject)],
      policy: { baseline: null },
    });

  it('means the same whatever it is made of, and is written in ASCII', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
      fc.constantFrom(
        'a: |\n  mode: none',
        'a"\n    mode: none',
        'a\u2028b',
        'a\u0085b',
        'a\\',
        '*x',
        '!x',
        '# x',
        '"',
      ),
    );
    fc.assert(
      fc.property(hostile, (subject) => {
        const proposal = propose(subject) ?? '';
        expect(proposal).toMatch(/^[\x20-\x7e\n]+$/);
        const policy = parsePolicy(amended({}, proposal)).projects.get('shop');
        expect(policy?.problems).toEqual([]);
        expect(policy?.oci[0]?.identities[0]?.subject).toEqual({ text: subject });
      }),
      { numRuns: 300 },
    );
  });

  it('that no policy could hold makes no entry', () => {
    expect(propose('x'.repeat(513))).toBeNull();
    expect(propose('')).toBeNull();
  });
});
