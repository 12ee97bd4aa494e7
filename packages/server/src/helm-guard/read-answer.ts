import type { GuardAnswer, Receipt } from '../guard/wire.ts';

/**
 * What the server answered, in exactly the form of `GuardAnswer`; null: in another. Read by hand: to load the library
 * takes longer than the server takes to answer, and every pull would wait for it.
 */
export function readAnswer(json: unknown): GuardAnswer | null {
  if (!isObject(json)) return null;
  const { action } = json;
  if (action !== 'allow' && action !== 'warn' && action !== 'refuse') return null;
  const sentences = readSentences(json['sentences']);
  const policy = json['policy'] === null ? null : readPolicy(json['policy']);
  const receipt = json['receipt'] === null ? null : readReceipt(json['receipt']);
  if (sentences === undefined || policy === undefined || receipt === undefined) return null;
  return { action, sentences, policy, receipt };
}

export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Undefined, here and below: in another form. */
function readSentences(json: unknown): string[] | undefined {
  if (!Array.isArray(json) || json.length > 20) return undefined;
  const sentences = json.filter((sentence) => isText(sentence, 4096));
  return sentences.length === json.length ? sentences : undefined;
}

function readPolicy(json: unknown): GuardAnswer['policy'] | undefined {
  if (!isObject(json)) return undefined;
  const { digest } = json;
  const entries = readEntries(json['entries']);
  return isText(digest, 2048) && entries !== undefined ? { digest, entries } : undefined;
}

export function readEntries(json: unknown): Record<string, string> | undefined {
  if (!isObject(json)) return undefined;
  const read: [string, string][] = [];
  for (const [name, text] of Object.entries(json)) {
    // What the library leaves out: as a name it is a trick.
    if (name === '__proto__') continue;
    if (typeof text !== 'string') return undefined;
    read.push([name, text]);
  }
  return Object.fromEntries(read);
}

/** As the server signed it. */
export function readReceipt(json: unknown): Receipt | undefined {
  if (!isObject(json)) return undefined;
  const { text, signature, certificate } = json;
  return isText(text, 16 * 1024) && isText(signature, 2048) && isText(certificate, 16 * 1024)
    ? { text, signature, certificate }
    : undefined;
}

function isText(json: unknown, maxLength: number): json is string {
  return typeof json === 'string' && json.length <= maxLength;
}
