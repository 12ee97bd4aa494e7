import type { ApplicationRef } from '@source-integrity/core';
import { describe, expect, it } from 'vitest';
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
});
