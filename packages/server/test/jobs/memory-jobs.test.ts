import { describe, expect, it, onTestFinished } from 'vitest';
import type { Job, JobContext, JobRequest, Submission } from '../../src/jobs/jobs.ts';
import { MemoryJobs, type MemoryJobsOptions } from '../../src/jobs/memory/memory-jobs.ts';

type Phase = 'downloading' | 'verifying';
type Request = JobRequest<string, Phase>;

/** A clock that only tests move. */
class Clock {
  time = 1_000_000;
  readonly now = (): number => this.time;
}

function queue(options: Partial<MemoryJobsOptions> = {}): MemoryJobs<string, Phase> {
  const jobs = new MemoryJobs<string, Phase>({
    concurrency: 2,
    maxWaiting: 2,
    timeoutMs: 10_000,
    rateLimit: { burst: 100, perMinute: 100 },
    ...options,
  });
  onTestFinished(() => jobs.close());
  return jobs;
}

/** Work that ends when the test says so. */
function work(): {
  readonly run: Request['run'];
  readonly finish: (result: string) => void;
  readonly fail: (error: Error) => void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const run = ({ signal }: JobContext<Phase>): Promise<string> => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
    return promise;
  };
  return { run, finish: resolve, fail: reject };
}

function request(key: string, run: Request['run'], more: Partial<Request> = {}): Request {
  return { key, scope: 'uid-1 finance', limitedBy: null, run, ...more };
}

function jobOf(submission: Submission<string, Phase>): Job<string, Phase> {
  if ('refused' in submission) throw new Error(submission.refused);
  return submission.job;
}

const SCOPE = 'uid-1 finance';
const at = (result: string) => () => Promise.resolve(result);

describe('a job', () => {
  it('runs, and its result can be asked for', async () => {
    const jobs = queue();
    const job = jobOf(await jobs.submit(request('a', at('found'))));
    expect(await jobs.settled(job.id, SCOPE)).toMatchObject({
      id: job.id,
      outcome: { state: 'done', result: 'found' },
    });
    expect(await jobs.get(job.id, SCOPE)).toMatchObject({ outcome: { state: 'done', result: 'found' } });
  });

  it('tells its phases, each ending where the next begins', async () => {
    const clock = new Clock();
    const jobs = queue({ now: clock.now });
    const job = jobOf(
      await jobs.submit(
        request('a', async ({ enter }) => {
          enter('downloading');
          clock.time += 30;
          enter('verifying');
          clock.time += 5;
          return 'found';
        }),
      ),
    );
    const { phases } = (await jobs.settled(job.id, SCOPE)) ?? {};
    expect(phases).toEqual([
      { name: 'downloading', startedAt: 1_000_000, finishedAt: 1_000_030 },
      { name: 'verifying', startedAt: 1_000_030, finishedAt: 1_000_035 },
    ]);
  });

  it('that throws has failed, and the log is told', async () => {
    const faults: unknown[] = [];
    const jobs = queue({ onFault: (error) => faults.push(error) });
    const error = new Error('a bug');
    const job = jobOf(await jobs.submit(request('a', () => Promise.reject(error))));
    expect(await jobs.settled(job.id, SCOPE)).toMatchObject({
      outcome: { state: 'failed', failure: { kind: 'fault', error } },
    });
    await jobs.close();
    expect(faults).toEqual([error]);
  });

  it('that takes too long has failed, and is aborted', async () => {
    const faults: unknown[] = [];
    const jobs = queue({ timeoutMs: 20, onFault: (error) => faults.push(error) });
    let aborted = false;
    const job = jobOf(
      await jobs.submit(
        request('a', ({ signal }) => {
          const { promise, reject } = Promise.withResolvers<string>();
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
          return promise;
        }),
      ),
    );
    expect(await jobs.settled(job.id, SCOPE)).toMatchObject({
      outcome: { failure: { kind: 'timed-out', limitMs: 20 } },
    });
    expect(aborted).toBe(true);
    await jobs.close();
    expect(faults).toEqual([]);
  });

  it('that comes back after its time does not change its mind', async () => {
    const jobs = queue({ timeoutMs: 20 });
    const { promise, resolve } = Promise.withResolvers<string>();
    const job = jobOf(await jobs.submit(request('a', () => promise)));
    await jobs.settled(job.id, SCOPE);
    expect(jobs.counts().running).toBe(1);
    resolve('too late');
    await jobs.close();
    expect(await jobs.get(job.id, SCOPE)).toMatchObject({ outcome: { failure: { kind: 'timed-out' } } });
    expect(jobs.counts().running).toBe(0);
  });

  it('is seen by its own scope alone, waiting, running or done', async () => {
    const jobs = queue({ concurrency: 1 });
    const { run, finish } = work();
    const running = jobOf(await jobs.submit(request('a', run)));
    const waiting = jobOf(await jobs.submit(request('b', at('found'))));
    for (const { id } of [running, waiting]) {
      expect(await jobs.get(id, SCOPE)).not.toBeNull();
      expect(await jobs.get(id, 'uid-1 other')).toBeNull();
      expect(await jobs.settled(id, 'uid-2 finance')).toBeNull();
    }
    finish('found');
    await jobs.settled(waiting.id, SCOPE);
    expect(await jobs.get(waiting.id, 'uid-1 other')).toBeNull();
    expect(await jobs.get('nonsense', SCOPE)).toBeNull();
  });

  it('has an ID that cannot be guessed', async () => {
    const jobs = queue({ concurrency: 50 });
    const ids = new Set<string>();
    for (let n = 0; n < 50; n += 1) ids.add(jobOf(await jobs.submit(request(String(n), at('x')))).id);
    expect(ids.size).toBe(50);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
  });
});

describe('a second request', () => {
  it('of the same key joins, until the job is over', async () => {
    const jobs = queue();
    const { run, finish } = work();
    const first = jobOf(await jobs.submit(request('a', run)));
    const second = await jobs.submit(request('a', () => Promise.reject(new Error('must not run'))));
    expect(second).toMatchObject({ accepted: 'joined', job: { id: first.id } });
    expect((await jobs.current('a'))?.id).toBe(first.id);
    finish('found');
    await jobs.settled(first.id, SCOPE);
    expect(await jobs.current('a')).toBeNull();
    const third = await jobs.submit(request('a', at('again')));
    expect(third).toMatchObject({ accepted: 'new' });
    expect(jobOf(third).id).not.toBe(first.id);
  });

  it('of another key runs beside it', async () => {
    const jobs = queue();
    await jobs.submit(request('a', work().run));
    await jobs.submit(request('b', work().run));
    expect(jobs.counts()).toEqual({ queued: 0, running: 2 });
  });

  it('of the same key in another scope is a bug', async () => {
    const jobs = queue();
    await jobs.submit(request('a', work().run));
    await expect(jobs.submit(request('a', at('x'), { scope: 'uid-2 finance' }))).rejects.toThrow('scope');
  });
});

describe('the queue', () => {
  it('runs so many, lets so many wait, and refuses more', async () => {
    const jobs = queue();
    const works = [work(), work(), work(), work()];
    const ids: string[] = [];
    for (const [n, { run }] of works.entries()) ids.push(jobOf(await jobs.submit(request(String(n), run))).id);
    expect(jobs.counts()).toEqual({ queued: 2, running: 2 });
    expect(await jobs.submit(request('more', at('x')))).toMatchObject({ refused: 'busy', waiting: 2 });
    works[0]?.finish('first');
    await jobs.settled(ids[0] ?? '', SCOPE);
    expect(await jobs.submit(request('more', at('x')))).toMatchObject({ accepted: 'new' });
    expect(await jobs.get(ids[2] ?? '', SCOPE)).toMatchObject({ outcome: { state: 'running' } });
  });

  it('goes on after a fault', async () => {
    const jobs = queue({ concurrency: 1 });
    await jobs.submit(request('a', () => Promise.reject(new Error('a bug'))));
    const next = jobOf(await jobs.submit(request('b', at('found'))));
    expect(await jobs.settled(next.id, SCOPE)).toMatchObject({ outcome: { state: 'done' } });
  });

  it('keeps what is over for its time and up to a number', async () => {
    const clock = new Clock();
    const jobs = queue({ now: clock.now, keepMs: 1000, maxKept: 2 });
    const ids: string[] = [];
    for (const key of ['a', 'b', 'c']) {
      const { id } = jobOf(await jobs.submit(request(key, at('x'))));
      await jobs.settled(id, SCOPE);
      ids.push(id);
    }
    expect(await jobs.get(ids[0] ?? '', SCOPE)).toBeNull();
    expect(await jobs.get(ids[2] ?? '', SCOPE)).not.toBeNull();
    clock.time += 1001;
    expect(await jobs.get(ids[2] ?? '', SCOPE)).toBeNull();
  });

  it('that closes ends what waits and runs, and takes nothing more', async () => {
    const jobs = queue({ concurrency: 1 });
    const running = jobOf(await jobs.submit(request('a', work().run)));
    const waiting = jobOf(await jobs.submit(request('b', at('x'))));
    await jobs.close();
    for (const { id } of [running, waiting]) {
      expect(await jobs.get(id, SCOPE)).toMatchObject({ outcome: { state: 'failed', failure: { kind: 'stopped' } } });
    }
    expect(await jobs.submit(request('c', at('x')))).toMatchObject({ refused: 'busy' });
    expect(jobs.counts()).toEqual({ queued: 0, running: 0 });
  });
});

describe('the rate limit', () => {
  it('lets so many through at once and so many in the long run, each key by itself', async () => {
    const clock = new Clock();
    const jobs = queue({ now: clock.now, concurrency: 100, rateLimit: { burst: 2, perMinute: 6 } });
    let n = 0;
    const submit = (limitedBy: string | null) => jobs.submit(request(`${(n += 1)}`, at('x'), { limitedBy }));
    expect(await submit('payments')).toMatchObject({ accepted: 'new' });
    expect(await submit('payments')).toMatchObject({ accepted: 'new' });
    expect(await submit('payments')).toEqual({ refused: 'rate-limited', retryAfterMs: 10_000 });
    expect(await submit('ledger')).toMatchObject({ accepted: 'new' });
    expect(await submit(null)).toMatchObject({ accepted: 'new' });
    clock.time += 4_000;
    expect(await submit('payments')).toEqual({ refused: 'rate-limited', retryAfterMs: 6_000 });
    clock.time += 6_000;
    expect(await submit('payments')).toMatchObject({ accepted: 'new' });
    clock.time += 3_600_000;
    for (const expected of ['accepted', 'accepted', 'refused'])
      expect(await submit('payments')).toHaveProperty(expected);
  });

  it('does not count who joins', async () => {
    const jobs = queue({ rateLimit: { burst: 1, perMinute: 1 } });
    await jobs.submit(request('a', work().run, { limitedBy: 'payments' }));
    expect(await jobs.submit(request('a', at('x'), { limitedBy: 'payments' }))).toMatchObject({ accepted: 'joined' });
    expect(await jobs.submit(request('b', at('x'), { limitedBy: 'payments' }))).toMatchObject({
      refused: 'rate-limited',
    });
  });

  it('is not moved by a clock that goes back', async () => {
    const clock = new Clock();
    const jobs = queue({ now: clock.now, rateLimit: { burst: 1, perMinute: 60 } });
    await jobs.submit(request('a', at('x'), { limitedBy: 'payments' }));
    clock.time -= 100_000;
    expect(await jobs.submit(request('b', at('x'), { limitedBy: 'payments' }))).toMatchObject({ retryAfterMs: 1000 });
    clock.time += 1000;
    expect(await jobs.submit(request('c', at('x'), { limitedBy: 'payments' }))).toMatchObject({ accepted: 'new' });
  });
});
