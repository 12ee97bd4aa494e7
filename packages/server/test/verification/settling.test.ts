import { problem } from '@source-integrity/core/contract';
import { describe, expect, it } from 'vitest';
import { type Ask, type Outcome, Settling } from '../../src/verification/settling.ts';

const BUDGET: Ask = { tenant: 'shop', maxAgeMs: 60_000, waitMs: 10, interactive: false };
const PATIENT: Ask = { tenant: 'shop', maxAgeMs: 60_000, waitMs: 5000, interactive: true };

function fixture(options: { concurrency?: number; maxWaiting?: number } = {}) {
  const clock = { now: 1_000_000 };
  const settling = new Settling<string>({
    now: () => clock.now,
    concurrency: options.concurrency ?? 4,
    maxWaiting: options.maxWaiting ?? 10,
    keepLateMs: 600_000,
    retryMs: 30_000,
  });
  return { clock, settling };
}

/** A question whose answer comes when the test says so. */
function slow(): {
  run: () => Promise<Outcome<string>>;
  answer: (outcome: Outcome<string>) => void;
  runs: () => number;
} {
  const pending: ((outcome: Outcome<string>) => void)[] = [];
  let runs = 0;
  return {
    run: () => {
      runs += 1;
      return new Promise((resolve) => {
        pending.push(resolve);
      });
    },
    answer: (outcome) => {
      for (const resolve of pending.splice(0)) resolve(outcome);
    },
    runs: () => runs,
  };
}

const codeOf = (outcome: Outcome<string>): string => ('problem' in outcome ? outcome.problem.code : outcome.value);
const turn = async (): Promise<void> => {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
};

describe('settling', () => {
  it('answers a fresh question from memory, and an old one anew', async () => {
    const { clock, settling } = fixture();
    let asked = 0;
    const run = async (): Promise<Outcome<string>> => ({ value: `answer ${(asked += 1)}` });
    expect(codeOf(await settling.ask('a', PATIENT, run))).toBe('answer 1');
    clock.now += 59_999;
    expect(codeOf(await settling.ask('a', PATIENT, run))).toBe('answer 1');
    clock.now += 1;
    expect(codeOf(await settling.ask('a', PATIENT, run))).toBe('answer 2');
    expect(codeOf(await settling.ask('a', { ...PATIENT, maxAgeMs: 0 }, run))).toBe('answer 3');
  });

  it('shares one run between askers of the same question', async () => {
    const { settling } = fixture();
    const question = slow();
    const both = Promise.all([settling.ask('a', PATIENT, question.run), settling.ask('a', PATIENT, question.run)]);
    await turn();
    question.answer({ value: 'yes' });
    expect((await both).map(codeOf)).toEqual(['yes', 'yes']);
    expect(question.runs()).toBe(1);
  });

  it('tells an asker whose budget is over that the verification goes on, and keeps the late answer ten minutes', async () => {
    const { clock, settling } = fixture();
    const question = slow();
    expect(codeOf(await settling.ask('a', BUDGET, question.run))).toBe('verification-running');
    expect(codeOf(await settling.ask('a', BUDGET, question.run))).toBe('verification-timed-out');
    question.answer({ value: 'yes' });
    await turn();
    clock.now += 599_000;
    expect(codeOf(await settling.ask('a', BUDGET, question.run))).toBe('yes');
    clock.now += 2000;
    expect(codeOf(await settling.ask('a', BUDGET, question.run))).toBe('verification-running');
  });

  it('answers a question that timed out at once, and retries it in the background at intervals', async () => {
    const { clock, settling } = fixture();
    const dead = slow();
    await settling.ask('a', BUDGET, dead.run);
    dead.answer({
      problem: problem('fetch-timeout', {
        url: 'https://charts.example.com/',
        waitedFor: 'whole answer',
        limitMs: 10_000,
      }),
    });
    await turn();
    const before = dead.runs();
    expect(codeOf(await settling.ask('a', BUDGET, dead.run))).toBe('fetch-timeout');
    expect(dead.runs()).toBe(before);
    clock.now += 30_000;
    expect(codeOf(await settling.ask('a', BUDGET, dead.run))).toBe('fetch-timeout');
    expect(dead.runs()).toBe(before + 1);
    dead.answer({ value: 'back' });
    await turn();
    expect(codeOf(await settling.ask('a', BUDGET, dead.run))).toBe('back');
  });

  it('does not answer a failure from memory to somebody who can wait', async () => {
    const { settling } = fixture();
    const outcomes: Outcome<string>[] = [{ problem: problem('verification-busy', { waiting: 1 }) }, { value: 'yes' }];
    const run = async (): Promise<Outcome<string>> => outcomes.shift() ?? { value: 'none left' };
    expect(codeOf(await settling.ask('a', PATIENT, run))).toBe('verification-busy');
    expect(codeOf(await settling.ask('a', PATIENT, run))).toBe('yes');
  });

  it('runs so many at once, lets so many wait, and refuses the rest', async () => {
    const { settling } = fixture({ concurrency: 1, maxWaiting: 1 });
    const question = slow();
    const first = settling.ask('a', PATIENT, question.run);
    const second = settling.ask('b', PATIENT, question.run);
    await turn();
    expect(codeOf(await settling.ask('c', PATIENT, question.run))).toBe('verification-busy');
    expect(question.runs()).toBe(1);
    question.answer({ value: 'one' });
    expect(codeOf(await first)).toBe('one');
    await turn();
    question.answer({ value: 'two' });
    expect(codeOf(await second)).toBe('two');
  });

  it('gives nobody more than half of the places, in work and in the queue', async () => {
    const { settling } = fixture({ concurrency: 2, maxWaiting: 4 });
    const hanging = slow();
    const quick = async (): Promise<Outcome<string>> => ({ value: 'yes' });
    const hostile = (key: string) => settling.ask(key, { ...PATIENT, tenant: 'hostile' }, hanging.run);
    const pending = ['a', 'b', 'c'].map(hostile);
    await turn();
    expect(hanging.runs()).toBe(1);
    expect(codeOf(await hostile('d'))).toBe('verification-busy');
    expect(codeOf(await settling.ask('e', PATIENT, quick))).toBe('yes');
    for (const each of pending) {
      hanging.answer({ value: 'at last' });
      expect(codeOf(await each)).toBe('at last');
      await turn();
    }
  });

  it('throws a fault to whoever waits for it, and takes the next question', async () => {
    const { settling } = fixture();
    await expect(settling.ask('a', PATIENT, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect(codeOf(await settling.ask('a', PATIENT, async () => ({ value: 'yes' })))).toBe('yes');
  });

  it('survives a fault of a run in the background, and tries again', async () => {
    const { clock, settling } = fixture();
    const dead = slow();
    await settling.ask('a', BUDGET, dead.run);
    dead.answer({ problem: problem('verification-busy', { waiting: 1 }) });
    await turn();
    clock.now += 30_000;
    const faults: unknown[] = [];
    const onFault = (error: unknown): void => void faults.push(error);
    process.on('unhandledRejection', onFault);
    await settling.ask('a', BUDGET, () => Promise.reject(new Error('disk full')));
    await turn();
    await turn();
    process.off('unhandledRejection', onFault);
    expect(faults).toEqual([]);
    clock.now += 30_000;
    await settling.ask('a', BUDGET, async () => ({ value: 'yes' }));
    await turn();
    expect(codeOf(await settling.ask('a', BUDGET, dead.run))).toBe('yes');
  });
});
