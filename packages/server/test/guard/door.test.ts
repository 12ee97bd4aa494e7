import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Callers } from '../../src/guard/callers.ts';
import { startGuarded } from './guarded.ts';

const REFUSED: Callers = { identify: () => Promise.resolve({ status: 401, refused: 'nobody' }) };
const BUSY: Callers = { identify: () => Promise.resolve({ status: 429, refused: 'busy', retryAfterSeconds: 7 }) };

/** The answer to a request of which only the headers and the first bytes are ever sent. */
function begun(url: string): Promise<{ status: number; connection: string; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer x', 'content-type': 'application/json', 'content-length': '1000' };
    const asked = request(url, { method: 'POST', headers }, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => {
        body += part.toString();
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection ?? '', body });
        asked.destroy();
      });
    });
    asked.on('error', reject);
    asked.write('{');
  });
}

describe('the path of the guard', () => {
  test('answers who is not let in before the body has come', async () => {
    const { url } = await startGuarded(REFUSED);
    const { status, connection, body } = await begun(url);
    expect([status, connection, JSON.parse(body)]).toEqual([
      401,
      'close',
      expect.objectContaining({ code: 'guard-not-let-in', detail: 'nobody' }),
    ]);
  });

  test('tells who is turned away for a while when to come back', async () => {
    const { url } = await startGuarded(BUSY);
    const response = await fetch(url, { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await response.json()).toMatchObject({ code: 'guard-busy' });
  });

  test('takes no more than a megabyte, as it is, of whoever is let in', async () => {
    const { url } = await startGuarded();
    expect((await fetch(url, { method: 'POST', body: ' '.repeat(2_000_000) })).status).toBe(413);
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array([31, 139, 8]) });
    expect([response.status, (await fetch(url, { method: 'POST', body: '[' })).status]).toEqual([400, 400]);
  });

  test('asks whose token it is with the address that it comes from', async () => {
    const seen: string[] = [];
    const { url } = await startGuarded({
      identify(_, address) {
        seen.push(address);
        return Promise.resolve({ status: 403, refused: 'nobody' });
      },
    });
    await fetch(url, { method: 'POST', headers: { 'x-forwarded-for': '10.9.9.9' } });
    expect(seen).toEqual(['127.0.0.1']);
  });
});
