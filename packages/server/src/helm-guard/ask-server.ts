import { request } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { GuardQuestion } from '../guard/wire.ts';
import type { GuardSettings } from './settings.ts';
import { codeOf, readSmallFile } from './small-file.ts';

/** A clause that says why nobody answered. */
interface Unanswered {
  readonly unanswered: string;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** What is asked with less time left says only that there was none. */
const SHORTEST_ATTEMPT_MS = 1000;
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;
const MAX_TOKEN_BYTES = 16 * 1024;
export const MAX_AUTHORITY_BYTES = 256 * 1024;
/** A pod that is gone without a word must not use up the time in which the next one would answer. */
const CONNECT_MS = 5000;

/**
 * Asks the server, over TLS by its own authority, and again while it does not answer and time is left. The pauses grow
 * and differ, so that a repo-server with many pulls does not come back with all of them at once.
 */
export async function askServer(question: GuardQuestion, settings: GuardSettings): Promise<unknown> {
  const deadline = Date.now() + settings.timeoutMs;
  for (let longest = FIRST_PAUSE_MS; ; longest = Math.min(longest * 2, LONGEST_PAUSE_MS)) {
    const answered = await attempt(question, settings, deadline - Date.now()).catch(
      // Such as an authority that OpenSSL does not read.
      (error: unknown): Transient => ({ transient: `the server cannot be asked (${codeOf(error)})` }),
    );
    if (!isTransient(answered)) return answered;
    const wait = longest * (0.5 + Math.random() / 2);
    if (deadline - Date.now() <= wait + SHORTEST_ATTEMPT_MS)
      return { unanswered: answered.transient } satisfies Unanswered;
    await pause(wait);
  }
}

interface Transient {
  readonly transient: string;
}

function isTransient(answered: unknown): answered is Transient {
  return typeof answered === 'object' && answered !== null && 'transient' in answered;
}

/** The answer's JSON; `transient` where the next attempt may find an answer, `unanswered` where it would not. */
async function attempt(question: GuardQuestion, settings: GuardSettings, timeoutMs: number): Promise<unknown> {
  const { server, tokenFile, caFile } = settings;
  let token: string;
  let ca: string;
  try {
    // Read each time: both are replaced while the repo-server runs.
    token = (await readSmallFile(tokenFile, MAX_TOKEN_BYTES)).trim();
    ca = await readSmallFile(caFile, MAX_AUTHORITY_BYTES);
  } catch (error) {
    return { unanswered: `the guard cannot read its token or its authority (${codeOf(error)})` };
  }
  // Each may just be being replaced.
  if (!/^[\x21-\x7e]+$/.test(token)) return { transient: "the guard's token is empty or no token" };
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) return { transient: "the guard's authority is no certificate" };
  return new Promise((resolve) => {
    const asked = request(
      new URL('/guard/v1/pulls', server),
      {
        method: 'POST',
        ca,
        // Whatever the environment says.
        rejectUnauthorized: true,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(Math.max(timeoutMs, 1)),
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size > MAX_ANSWER_BYTES) response.destroy(new Error('its answer is too long'));
          else parts.push(part);
        });
        response.on('error', (error) => {
          resolve({ transient: `the server's answer broke off (${codeOf(error)})` });
        });
        response.on('end', () => {
          resolve(read(response.statusCode ?? 0, Buffer.concat(parts).toString('utf8')));
        });
      },
    );
    const unconnected = setTimeout(() => {
      asked.destroy(Object.assign(new Error('not connected'), { code: 'ETIMEDOUT' }));
    }, CONNECT_MS);
    asked.on('socket', (socket) => socket.once('secureConnect', () => clearTimeout(unconnected)));
    asked.on('close', () => clearTimeout(unconnected));
    asked.on('error', (error) => {
      const why = codeOf(error) === 'ABORT_ERR' ? 'does not answer in time' : `cannot be reached (${codeOf(error)})`;
      resolve({ transient: `the server ${why}` });
    });
    asked.end(JSON.stringify(question));
  });
}

function read(status: number, body: string): unknown {
  if (status === 200) {
    try {
      const answer: unknown = JSON.parse(body);
      return answer;
    } catch {
      return { transient: "the server's answer is not JSON" };
    }
  }
  if (status === 429 || status >= 500) return { transient: `the server answered ${status}` };
  const why = status === 401 || status === 403 ? ', so that this guard is not let in' : '';
  return { unanswered: `the server answered ${status}${why}` };
}
