import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SignatureCandidate } from '../../src/cosign/candidate.ts';
import type { CosignRequirement } from '../../src/cosign/requirement.ts';
import { verifySignature } from '../../src/cosign/verify-signature.ts';
import { ARTIFACT, asCandidate, change, type Json, LATER, PLACE, simpleSigning, statement } from './fake-sigstore.ts';
import { BY_KEY, bundle, KEYLESS, key, legacy, readPath } from './world.ts';

type Path = readonly (string | number)[];
const ENTRY: Path = ['verificationMaterial', 'tlogEntries', 0];
const TOKEN: Path = ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps', 0, 'signedTimestamp'];

/** Base64 in a bundle of which every bit is vouched for. */
const VOUCHED: Path[] = [
  ['dsseEnvelope', 'payload'],
  ['dsseEnvelope', 'signatures', 0, 'sig'],
  [...ENTRY, 'canonicalizedBody'],
  [...ENTRY, 'logId', 'keyId'],
  [...ENTRY, 'inclusionProof', 'rootHash'],
];

const signatures: { name: string; signed: Json; requirement: CosignRequirement; paths: Path[] }[] = [
  {
    name: 'a keyless bundle with Rekor v1',
    signed: bundle({ log: 'v1' }),
    requirement: KEYLESS,
    paths: [
      ...VOUCHED,
      ['verificationMaterial', 'certificate', 'rawBytes'],
      [...ENTRY, 'inclusionPromise', 'signedEntryTimestamp'],
    ],
  },
  {
    name: 'a keyless bundle with Rekor v2',
    signed: bundle({ log: 'v2', timestamp: true }),
    requirement: KEYLESS,
    paths: [...VOUCHED, ['verificationMaterial', 'certificate', 'rawBytes']],
  },
  { name: 'a bundle by a key', signed: bundle({ by: key, log: 'v2' }), requirement: BY_KEY, paths: VOUCHED },
];

const outcome = (candidate: SignatureCandidate, requirement: CosignRequirement) =>
  verifySignature(candidate, ARTIFACT, requirement, LATER);

describe.each(signatures)('$name', ({ signed, requirement, paths }) => {
  test('is accepted as it is', () => {
    expect(outcome(asCandidate(signed), requirement).outcome).toBe('accepted');
  });

  test('is never accepted with a bit of it flipped', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.nat(), fc.nat(7), (path, at, bit) => {
        const mutated = structuredClone(signed);
        change(mutated, path, flipped(String(readPath(mutated, path)), at, bit));
        expect(outcome(asCandidate(mutated), requirement).outcome).not.toBe('accepted');
      }),
      { numRuns: 60 },
    );
  });

  test('with a bit of its timestamp flipped is refused or says the same', () => {
    const original = outcome(asCandidate(signed), requirement);
    fc.assert(
      fc.property(fc.nat(), fc.nat(7), (at, bit) => {
        const mutated = structuredClone(signed);
        const token = readPath(mutated, TOKEN);
        if (typeof token !== 'string') return;
        change(mutated, TOKEN, flipped(token, at, bit));
        const result = outcome(asCandidate(mutated), requirement);
        if (result.outcome === 'accepted') expect(result).toEqual(original);
      }),
      { numRuns: 60 },
    );
  });

  test('is never accepted with other numbers in its log entry', () => {
    const numbers: Path[] = [
      [...ENTRY, 'logIndex'],
      [...ENTRY, 'inclusionProof', 'logIndex'],
      [...ENTRY, 'inclusionProof', 'treeSize'],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.integer({ min: 2, max: 1_000_000 }), (path, number) => {
        fc.pre(readPath(signed, path) !== String(number));
        const mutated = structuredClone(signed);
        change(mutated, path, String(number));
        expect(outcome(asCandidate(mutated), requirement).outcome).not.toBe('accepted');
      }),
      { numRuns: 20 },
    );
  });

  test('with any part of it replaced by anything is refused or says the same', () => {
    const original = outcome(asCandidate(signed), requirement);
    const places = fc.constantFrom<Path>(
      ...paths,
      TOKEN,
      ENTRY,
      ['mediaType'],
      ['verificationMaterial'],
      ['verificationMaterial', 'tlogEntries'],
      ['verificationMaterial', 'timestampVerificationData'],
      ['dsseEnvelope'],
      ['dsseEnvelope', 'payloadType'],
      ['dsseEnvelope', 'signatures'],
      [...ENTRY, 'kindVersion'],
      [...ENTRY, 'integratedTime'],
      [...ENTRY, 'inclusionPromise'],
      [...ENTRY, 'inclusionProof', 'checkpoint', 'envelope'],
    );
    fc.assert(
      fc.property(places, fc.oneof(fc.jsonValue(), fc.base64String()), (path, value) => {
        const mutated = structuredClone(signed);
        try {
          change(mutated, path, value);
        } catch {
          return;
        }
        const result = outcome(asCandidate(mutated), requirement);
        if (result.outcome === 'accepted') expect(result).toEqual(original);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a legacy signature', () => {
  const signed = legacy({ timestamp: true });

  test('is accepted as it is', () => {
    expect(outcome(signed, KEYLESS).outcome).toBe('accepted');
  });

  test('is never accepted with a bit of its payload flipped', () => {
    fc.assert(
      fc.property(fc.nat(signed.content.length - 1), fc.nat(7), (at, bit) => {
        const content = Uint8Array.from(signed.content);
        content[at] = (content[at] ?? 0) ^ (1 << bit);
        expect(outcome({ ...signed, content }, KEYLESS).outcome).not.toBe('accepted');
      }),
      { numRuns: 60 },
    );
  });

  test('with any annotation replaced by anything is refused or says the same', () => {
    const original = outcome(signed, KEYLESS);
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(signed.annotations)),
        fc.oneof(fc.string(), fc.json()),
        (name, text) => {
          const result = outcome({ ...signed, annotations: { ...signed.annotations, [name]: text } }, KEYLESS);
          if (result.outcome === 'accepted') expect(result).toEqual(original);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('anything else', () => {
  test('is refused and crashes nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (content) => {
          expect(outcome({ format: 'bundle', place: PLACE, content }, KEYLESS).outcome).toBe('refused');
          expect(outcome({ format: 'legacy', place: PLACE, content, annotations: {} }, BY_KEY).outcome).toBe('refused');
        },
      ),
    );
  });

  test('signed by a trusted key is accepted only if it is what it should be', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(outcome(asCandidate(bundle({ by: key }, text)), BY_KEY).outcome).not.toBe('accepted');
        expect(outcome(legacy({ by: key }, text), BY_KEY).outcome).not.toBe('accepted');
      }),
      { numRuns: 30 },
    );
    const parts: Path[] = [['_type'], ['subject'], ['subject', 0, 'digest'], ['predicateType']];
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.jsonValue(), (path, value) => {
        const other = statement((s) => change(s, path, value));
        expect(outcome(asCandidate(bundle({ by: key }, other)), BY_KEY).outcome).not.toBe('accepted');
      }),
      { numRuns: 30 },
    );
    const claims: Path[] = [
      ['critical'],
      ['critical', 'type'],
      ['critical', 'image'],
      ['critical', 'image', 'docker-manifest-digest'],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...claims), fc.jsonValue(), (path, value) => {
        const other = simpleSigning((p) => change(p, path, value));
        expect(outcome(legacy({ by: key }, other), BY_KEY).outcome).not.toBe('accepted');
      }),
      { numRuns: 30 },
    );
  });
});

function flipped(base64: string, at: number, bit: number): string {
  const bytes = Buffer.from(base64, 'base64');
  const index = at % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return bytes.toString('base64');
}
