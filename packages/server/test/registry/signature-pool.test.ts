import { existsSync } from 'node:fs';
import { type ArtifactVerdict, type SignatureQuestion, verifyArtifact } from '@source-integrity/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asCandidate, OTHER_DIGEST, statement } from '../../../core/test/cosign/fake-sigstore.ts';
import { keyPair } from '../../../core/test/cosign/certificates.ts';
import { bundle, KEYLESS, OFFLINE } from '../../../core/test/cosign/world.ts';
import { type SignatureAsk, SignaturePool, type SignaturePoolOptions } from '../../src/verification/signature-pool.ts';
import { eventually } from '../eventually.ts';
import { keylessQuestion } from './signature-question.ts';

/** Of one project, and with all the time that it takes. */
const PATIENT: SignatureAsk = { waitMs: 120_000, tenant: 'shop' };

/** Unless a test is about its time-out, it has none that counts: a thread starts as slowly as the machine lets it. */
function poolOf(size: number, options: SignaturePoolOptions = {}): SignaturePool {
  const pool = new SignaturePool(size, { timeoutMs: PATIENT.waitMs, ...options });
  onTestFinished(() => pool.close());
  return pool;
}

const thread = (name: string): URL => new URL(`./threads/${name}.ts`, import.meta.url);

/** The status, or what stands in for one. */
function outcome({ observation }: ArtifactVerdict): string {
  return observation.status === 'indeterminate' ? observation.problems[0].code : observation.status;
}

/** One that the slow thread knows by its time. */
function slowQuestion(): SignatureQuestion {
  return { ...keylessQuestion(), now: new Date(0) };
}

function here({ artifact, discovered, requirement, now }: SignatureQuestion): ArtifactVerdict {
  return verifyArtifact(artifact, discovered.candidates, discovered.searched, requirement, now);
}

/** Threads of this process that run one of the modules here. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length;
}

describe('a thread', () => {
  test('answers as this one would', async () => {
    const pool = poolOf(2);
    const question = keylessQuestion();
    expect(outcome(await pool.verify(question, PATIENT))).toBe('verified');
    expect(await pool.verify(question, PATIENT)).toEqual(here(question));
  });

  test.each<[string, Partial<SignatureQuestion['requirement']>]>([
    ['an issuer', { identities: [{ issuer: { text: 'https://else.test' }, subject: { text: 'release@acme.test' } }] }],
    ['a subject', { identities: [{ issuer: { text: 'https://issuer.test' }, subject: { regExp: 'else@.*' } }] }],
    ['no identity at all', { identities: [] }],
    ['a claim', { annotations: { env: 'production' } }],
    ['a claim with a name that objects have', { annotations: Object.fromEntries([['__proto__', 'production']]) }],
  ])('is told of %s that is wanted', async (_, change) => {
    const question = keylessQuestion({ requirement: { ...KEYLESS, ...change } });
    const verdict = await poolOf(1).verify(question, PATIENT);
    expect(outcome(verdict)).toBe('failed');
    expect(verdict).toEqual(here(question));
  });

  test.each([
    ['takes too long', 'stuck', 'verification-timed-out', 700],
    ['fails', 'failing', 'verification-fault', PATIENT.waitMs],
    ['ends', 'leaving', 'verification-stopped', PATIENT.waitMs],
    ['cannot start', 'deaf', 'verification-fault', PATIENT.waitMs],
  ])('that %s is no yes, and the next question is answered all the same', async (_, module, code, timeoutMs) => {
    const pool = poolOf(1, { timeoutMs, worker: thread(module) });
    const verdicts = await Promise.all([
      pool.verify(keylessQuestion(), PATIENT),
      pool.verify(keylessQuestion(), PATIENT),
    ]);
    expect(verdicts.map(outcome)).toEqual([code, code]);
  });

  test('is not started for nobody, once the last one is gone', async () => {
    const before = handles();
    const pool = new SignaturePool(2, { worker: thread('deaf') });
    await pool.verify(keylessQuestion(), PATIENT);
    await eventually(() => {
      expect(handles()).toBe(before);
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(handles()).toBe(before);
    await pool.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(handles()).toBe(before);
  });
});

describe('a pool', () => {
  test('that is busy says so', async () => {
    const pool = poolOf(1, { timeoutMs: 500, maxWaiting: 1, worker: thread('stuck') });
    const asked = [1, 2, 3].map(() => pool.verify(keylessQuestion(), PATIENT));
    expect((await Promise.all(asked)).map(outcome)).toEqual([
      'verification-timed-out',
      'verification-timed-out',
      'verification-busy',
    ]);
  });

  test('holds no project up by another whose signatures take all the time there is', async () => {
    const pool = poolOf(2, { timeoutMs: 250_000, worker: thread('slow') });
    const slow = Array.from({ length: 4 }, () => pool.verify(slowQuestion(), { ...PATIENT, tenant: 'hostile' }));
    expect(outcome(await pool.verify(keylessQuestion(), PATIENT))).toBe('verified');
    await pool.close();
    await Promise.all(slow);
  });

  test('keeps places to wait for other projects', async () => {
    const pool = poolOf(1, { timeoutMs: 300, maxWaiting: 2, worker: thread('stuck') });
    const asked = ['hostile', 'hostile', 'hostile', 'shop', 'shop'].map((tenant) =>
      pool.verify(keylessQuestion(), { ...PATIENT, tenant }),
    );
    const [timedOut, busy] = ['verification-timed-out', 'verification-busy'];
    expect((await Promise.all(asked)).map(outcome)).toEqual([timedOut, timedOut, busy, timedOut, busy]);
  });

  test('that is closed answers what is under way, what waits and what comes, and never with a yes', async () => {
    const pool = new SignaturePool(1, { worker: thread('stuck') });
    const asked = [pool.verify(keylessQuestion(), PATIENT), pool.verify(keylessQuestion(), PATIENT)];
    await pool.close();
    const stopped = 'verification-stopped';
    expect((await Promise.all(asked)).map(outcome)).toEqual([stopped, stopped]);
    expect(outcome(await pool.verify(keylessQuestion(), PATIENT))).toBe(stopped);
  });

  test('does not let anybody wait longer than they can, and has the answer for whoever comes back', async () => {
    const pool = poolOf(1);
    const question = keylessQuestion();
    expect(outcome(await pool.verify(question, { ...PATIENT, waitMs: 0 }))).toBe('verification-running');
    expect(outcome(await pool.verify(question, PATIENT))).toBe('verified');
    expect(outcome(await pool.verify(question, { ...PATIENT, waitMs: 0 }))).toBe('verified');
  });

  test('keeps no answer for another requirement, artifact or hour', async () => {
    const pool = poolOf(1);
    const question = keylessQuestion();
    const { requirement, artifact } = question;
    expect(outcome(await pool.verify(question, PATIENT))).toBe('verified');
    const stranger = { issuer: { text: 'https://else.test' }, subject: { text: 'else@acme.test' } };
    const others: readonly Partial<SignatureQuestion>[] = [
      { requirement: { ...requirement, identities: [stranger] } },
      { requirement: { ...requirement, annotations: { env: 'production' } } },
      { requirement: { ...requirement, keys: OFFLINE.keys, identities: [] } },
      { requirement: { ...requirement, trustRoot: null } },
      { artifact: { ...artifact, digest: OTHER_DIGEST } },
    ];
    for (const other of others) {
      expect(outcome(await pool.verify({ ...question, ...other }, PATIENT))).not.toBe('verified');
    }
  });

  test('keeps no answer that was none', async () => {
    const pool = poolOf(1, { timeoutMs: 300, worker: thread('stuck') });
    const question = keylessQuestion();
    expect(outcome(await pool.verify(question, PATIENT))).toBe('verification-timed-out');
    expect(outcome(await pool.verify(question, { ...PATIENT, waitMs: 50 }))).toBe('verification-running');
  });

  test('leaves the event loop free, with certificates and with many signatures and many keys', async () => {
    const pool = poolOf(2);
    await pool.verify(keylessQuestion(), PATIENT);
    const stranger = keyPair();
    const candidates = Array.from({ length: 60 }, (_, at) =>
      asCandidate(
        bundle(
          { by: stranger, log: 'none' },
          statement((each) => (each['predicate'] = { at })),
        ),
      ),
    );
    const many = keylessQuestion({
      requirement: { ...OFFLINE, keys: Array.from({ length: 20 }, () => OFFLINE.keys).flat() },
      discovered: { ...keylessQuestion().discovered, candidates },
    });
    const keyless = Array.from({ length: 20 }, () => keylessQuestion());
    const [own, all] = [process.threadCpuUsage(), process.cpuUsage()];
    const asked = [...keyless, many].map((question) => pool.verify(question, PATIENT));
    const verdicts = (await Promise.all(asked)).map(outcome);
    const [ownAfter, allAfter] = [process.threadCpuUsage(own), process.cpuUsage(all)];
    expect(new Set(verdicts)).toEqual(new Set(['verified', 'failed']));
    // The work is done by other threads: whatever the machine is busy with, this one has the smaller part of it.
    const [here, everywhere] = [ownAfter, allAfter].map(({ user, system }) => user + system);
    expect(here).toBeLessThan((everywhere ?? 0) / 2);
  });
});

const BUILT = new URL('../../dist/signature-worker.js', import.meta.url);

/** `npm test` builds first; vitest alone may find nothing built. */
test.skipIf(!existsSync(BUILT))('the thread of a release answers as the one of the sources does', async () => {
  const question = keylessQuestion();
  expect(await poolOf(1, { worker: BUILT }).verify(question, PATIENT)).toEqual(here(question));
});
