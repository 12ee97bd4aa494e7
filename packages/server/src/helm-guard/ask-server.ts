import type { ClientRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { GuardQuestion } from '../guard/wire.ts';
import { type Ahead, failure, openRequest } from './open-request.ts';
import { type GuardSettings, MAX_AUTHORITY_BYTES } from './settings.ts';
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

/**
 * Asks the server, over TLS by its own authority, and again while it does not answer and time is left. The pauses grow
 * and differ, so that a repo-server with many pulls does not come back with all of them at once. The first attempt takes
 * the connection that was opened ahead, where that is still good.
 */
export async function askServer(
  question: GuardQuestion,
  settings: GuardSettings,
  ahead: Ahead | null,
): Promise<unknown> {
  const deadline = Date.now() + settings.timeoutMs;
  for (let longest = FIRST_PAUSE_MS; ; longest = Math.min(longest * 2, LONGEST_PAUSE_MS)) {
    const answered = await attempt(question, settings, deadline - Date.now(), ahead).catch(
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
async function attempt(
  question: GuardQuestion,
  { server, tokenFile, caFile }: GuardSettings,
  timeoutMs: number,
  ahead: Ahead | null,
): Promise<unknown> {
  let token: string;
  let authority: string;
  try {
    // Read each time: both are replaced while the repo-server runs.
    token = readSmallFile(tokenFile, MAX_TOKEN_BYTES).trim();
    authority = readSmallFile(caFile, MAX_AUTHORITY_BYTES);
  } catch (error) {
    return { unanswered: `the guard cannot read its token or its authority (${codeOf(error)})` };
  }
  // Each may just be being replaced.
  if (!/^[\x21-\x7e]+$/.test(token)) return { transient: "the guard's token is empty or no token" };
  if (!authority.includes('-----BEGIN CERTIFICATE-----')) {
    return { transient: "the guard's authority is no certificate" };
  }
  const asked = ahead?.take(authority) ?? openRequest(server, authority);
  asked.setHeader('authorization', `Bearer ${token}`);
  asked.setHeader('content-type', 'application/json');
  return answerTo(asked, JSON.stringify(question), timeoutMs);
}

function answerTo(asked: ClientRequest, body: string, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const tooLate = setTimeout(() => {
      asked.destroy(failure('TOO_LATE'));
    }, timeoutMs);
    let isAnswered = false;
    asked.on('close', () => {
      clearTimeout(tooLate);
      // It may have failed before anybody listened here.
      if (!isAnswered) resolve({ transient: 'the server cannot be reached (closed)' });
    });
    asked.on('error', (error) => {
      const why = codeOf(error) === 'TOO_LATE' ? 'does not answer in time' : `cannot be reached (${codeOf(error)})`;
      resolve({ transient: `the server ${why}` });
    });
    asked.on('response', (response) => {
      isAnswered = true;
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
    });
    asked.end(body);
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
