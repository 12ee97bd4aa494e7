import { describe, expect, it } from 'vitest';
import { Metrics } from '../../src/metrics.ts';

describe('metrics', () => {
  it('count verdicts, decisions, fetches, look-ups and refused jobs', async () => {
    const metrics = new Metrics({ version: '0.1.0', process: false, jobs: () => ({ queued: 3, running: 2 }) });
    metrics.sourceVerified('failed');
    metrics.applicationVerified('re-verify', 1500);
    metrics.gateDecided('deny', true, 'store', 3);
    metrics.fetched('fetch-timeout', 5000);
    metrics.jobRefused('busy');
    const text = await metrics.text();
    for (const line of [
      'source_integrity_build_info{version="0.1.0"} 1',
      'source_integrity_verifications_total{status="failed"} 1',
      'source_integrity_verification_duration_seconds_sum{trigger="re-verify"} 1.5',
      'source_integrity_gate_decisions_total{action="deny",automated="true"} 1',
      'source_integrity_gate_duration_seconds_count{answered_from="store"} 1',
      'source_integrity_fetches_total{outcome="fetch-timeout"} 1',
      'source_integrity_jobs_refused_total{reason="busy"} 1',
      'source_integrity_jobs{state="queued"} 3',
      'source_integrity_jobs{state="running"} 2',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(metrics.contentType).toContain('text/plain');
  });

  it('of two servers in one process do not meet', async () => {
    const one = new Metrics({ version: '1', process: false });
    const other = new Metrics({ version: '2', process: false });
    one.sourceVerified('verified');
    expect(await other.text()).not.toContain('status="verified"');
  });

  it('tell of the process', async () => {
    expect(await new Metrics({ version: '1' }).text()).toContain('process_resident_memory_bytes');
  });
});
