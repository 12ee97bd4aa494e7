import { spawnSync } from 'node:child_process';
import type { ApplicationRef } from '@source-integrity/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Audit, type AuditedEvent } from '../../src/audit.ts';
import { createLogger, type Logger, requestLogger } from '../../src/logger.ts';

function recording(level: Parameters<typeof createLogger>[0] = 'info'): {
  logger: Logger;
  lines: () => unknown[];
} {
  const written: string[] = [];
  const logger = createLogger(level, { write: (line) => void written.push(line) });
  return { logger, lines: () => written.map((line): unknown => JSON.parse(line)) };
}

describe('a log line', () => {
  it('is one JSON object with time, level and message', () => {
    const { logger, lines } = recording();
    logger.info({ application: 'argocd/payments' }, 'verified\nor so');
    expect(lines()).toMatchObject([
      {
        level: 'info',
        application: 'argocd/payments',
        msg: 'verified\nor so',
      },
    ]);
    expect(JSON.stringify(lines()[0])).toMatch(/"time":"\d{4}-[^"]*Z"/);
  });

  it('is on standard output before whoever logs goes on, so that no end of the process takes it away', () => {
    const module = new URL('../../src/logger.ts', import.meta.url);
    const logAndDie = `import { createLogger } from '${module.href}';
      createLogger('info').info('decided');
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', logAndDie]);
    expect([String(stdout), signal]).toEqual([expect.stringContaining('"msg":"decided"}\n'), 'SIGKILL']);
  });

  it('carries the ID of its request', () => {
    const { logger, lines } = recording();
    requestLogger(logger, 'r-1').warn('slow');
    expect(lines()[0]).toMatchObject({ requestId: 'r-1', level: 'warn' });
  });

  it('never carries a secret, however deep, in whatever case, in a child or in an error', () => {
    const { logger, lines } = recording();
    logger.info({ headers: { Authorization: 'hunter2', 'Set-Cookie': ['hunter2'], accept: '*/*' } });
    logger.info({ a: { b: [{ c: { password: 'hunter2' } }] }, tokens: ['hunter2'] });
    logger.child({ token: 'hunter2' }).info('hello');
    logger.error({ err: Object.assign(new Error('failed'), { options: { headers: { cookie: 'hunter2' } } }) });
    const text = JSON.stringify(lines());
    expect(text).not.toContain('hunter2');
    expect(text).toContain('*/*');
    expect(text).toContain('failed');
  });

  it('survives what refers to itself', () => {
    const { logger, lines } = recording();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    logger.info({ loop });
    expect(lines()).toHaveLength(1);
  });

  it('below the level is not written', () => {
    const { logger, lines } = recording('warn');
    logger.info('quiet');
    expect(lines()).toEqual([]);
  });
});

function repeatedOf(line: unknown): unknown {
  return typeof line === 'object' && line !== null ? Reflect.get(line, 'repeated') : undefined;
}

describe('the audit', () => {
  const application: ApplicationRef = { namespace: 'argocd', name: 'payments', uid: 'u-1', project: 'finance' };
  const refused: AuditedEvent = {
    event: 'sync-decided',
    claimedBy: 'alice',
    application,
    sources: ['payments 1.4.2'],
    decision: {
      action: 'deny',
      policy: { entry: 'project.finance', list: 'helm', index: 1 },
      because: ['digest-mismatch'],
    },
    exemption: null,
    policyDigest: null,
    dryRun: false,
    requestId: 'r-1',
  };

  it('says who, what, the decision, the policy and the reasons', () => {
    const { logger, lines } = recording();
    new Audit(logger).record(refused);
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ audit: true, ...refused });
  });

  it('is written though only errors are logged', () => {
    const { logger, lines } = recording('error');
    new Audit(logger).record(refused);
    expect(lines()).toHaveLength(1);
  });

  it('shortens what somebody else wrote', () => {
    const { logger, lines } = recording();
    new Audit(logger).record({
      ...refused,
      claimedBy: 'a'.repeat(10_000),
      sources: Array.from({ length: 1000 }, () => 'x'),
    });
    expect(JSON.stringify(lines()[0]).length).toBeLessThan(2000);
  });

  describe('of a refusal that comes again and again', () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    function asked(mostCounted?: number) {
      vi.useFakeTimers();
      const { logger, lines } = recording();
      const audit = new Audit(logger, mostCounted);
      const ask = (times: number, more: Partial<AuditedEvent> = {}): void => {
        for (let time = 1; time <= times; time += 1) audit.record({ ...refused, requestId: `r-${time}`, ...more });
      };
      return { audit, lines, ask };
    }

    it('says it at once, and after a minute how often it came again', () => {
      const { lines, ask } = asked();
      ask(1);
      expect(lines()).toHaveLength(1);
      expect(lines()[0]).not.toHaveProperty('repeated');
      vi.advanceTimersByTime(20_000);
      ask(299);
      expect(lines()).toHaveLength(1);
      vi.advanceTimersByTime(39_999);
      expect(lines()).toHaveLength(1);
      vi.advanceTimersByTime(1);
      expect(lines()).toHaveLength(2);
      expect(lines()[1]).toMatchObject({ audit: true, ...refused, requestId: 'r-299', repeated: 299 });
      ask(1);
      expect(lines()).toHaveLength(3);
    });

    it('says no count where there is none', () => {
      const { lines, ask } = asked();
      ask(1);
      vi.advanceTimersByTime(120_000);
      ask(1);
      expect(lines().map(repeatedOf)).toEqual([undefined, undefined]);
    });

    it.each<[string, Partial<AuditedEvent>]>([
      ['by somebody else', { claimedBy: 'bob' }],
      ['of another revision', { sources: ['payments 1.4.3'] }],
      ['of other bytes', { sources: ['payments 1.4.2 sha256:00'] }],
      ['for other reasons', { decision: { ...refused.decision, because: ['provenance-missing'] } }],
      ['by another policy', { policyDigest: 'sha256:00' }],
      ['that only asks', { dryRun: true }],
    ])('tells of one %s by itself, after the count of those before', (_, more) => {
      const { lines, ask } = asked();
      ask(3);
      ask(1, more);
      expect(lines()).toMatchObject([refused, { ...refused, requestId: 'r-3', repeated: 2 }, { ...refused, ...more }]);
      expect(lines()[2]).not.toHaveProperty('repeated');
    });

    it('tells of each sync that is let through, and of each Application by itself', () => {
      const { lines, ask } = asked();
      ask(2);
      ask(2, { application: { ...application, name: 'search' } });
      expect(lines()).toHaveLength(2);
      ask(2, { decision: { action: 'allow', policy: null, because: [] } });
      expect(lines().map(repeatedOf)).toEqual([undefined, undefined, 1, undefined, undefined]);
    });

    it('loses no count when it ends, or when there are too many to remember', () => {
      const { audit, lines, ask } = asked(10);
      for (let number = 0; number < 50; number += 1) {
        ask(2, { application: { ...application, name: `app-${number}` } });
      }
      audit.close();
      expect(lines()).toHaveLength(100);
      expect(lines().filter((line) => repeatedOf(line) === 1)).toHaveLength(50);
    });
  });
});
