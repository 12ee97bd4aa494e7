import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { type GuardSettings, MAX_AUTHORITY_BYTES } from './settings.ts';
import { readSmallFile } from './small-file.ts';

/** A pod that is gone without a word must not use up the time in which the next one would answer. */
const CONNECT_MS = 5000;
/** The server gives up a connection over which nothing is asked after twice as long (`headersTimeout`). */
const AHEAD_MS = 5000;

/** A question to the server that is still to be written, over a connection of its own by this authority. */
export function openRequest(server: URL, authority: string): ClientRequest {
  const asked = request(new URL('/guard/v1/pulls', server), {
    method: 'POST',
    agent: false,
    ca: authority,
    // Whatever the environment says.
    rejectUnauthorized: true,
  });
  const unconnected = setTimeout(() => asked.destroy(failure('ETIMEDOUT')), CONNECT_MS);
  asked.on('socket', (socket) => socket.once('secureConnect', () => clearTimeout(unconnected)));
  asked.on('close', () => clearTimeout(unconnected));
  return asked;
}

export function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A request that is opened before there is anything to ask: it saves the wait for a connection, and decides nothing. */
export interface Ahead {
  /** The request, once, where it is still good and this the authority that it was opened by; null: open another. */
  readonly take: (authority: string) => ClientRequest | null;
}

export function openAhead({ server, caFile }: GuardSettings): Ahead {
  let authority: string;
  let asked: ClientRequest;
  try {
    authority = readSmallFile(caFile, MAX_AUTHORITY_BYTES);
    asked = openRequest(server, authority);
  } catch {
    // Said when there is something to ask, if it is still so.
    return { take: () => null };
  }
  let isOver = false;
  // Likewise. It is destroyed a moment later.
  asked.on('error', () => {
    isOver = true;
  });
  const unused = setTimeout(() => asked.destroy(), AHEAD_MS);
  return {
    take(by) {
      clearTimeout(unused);
      if (isOver || asked.destroyed) return null;
      isOver = true;
      if (by === authority) return asked;
      asked.destroy();
      return null;
    },
  };
}
