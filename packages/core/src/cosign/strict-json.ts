export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** `fault` completes "it …": "is not UTF-8", "has the name "critical" twice". */
export type StrictJson = { readonly value: JsonValue } | { readonly fault: string };

const MAX_DEPTH = 512;
const MAX_VALUES = 100_000;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// oxlint-disable-next-line no-control-regex -- RFC 8259, section 7: control characters must be escaped
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * RFC 8259 without its leeway: UTF-8, no byte order mark, no name twice in an object, nothing after the value.
 * Readers that differ (Go takes the last of two names, others the first) let an adversary show each its own document.
 * Objects have no prototype.
 */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { fault: 'begins with a byte order mark' };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { fault: 'is not UTF-8' };
  }
  try {
    return { value: new Reader(text).document() };
  } catch (error) {
    if (error instanceof JsonFault) return { fault: error.message };
    throw error;
  }
}

class JsonFault extends Error {}

class Reader {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    if (this.#text.trim() === '') throw new JsonFault('is empty');
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw new JsonFault('has data after the JSON value');
    return value;
  }

  #value(depth: number): JsonValue {
    if (depth > MAX_DEPTH) throw new JsonFault(`nests deeper than ${MAX_DEPTH} levels`);
    if (++this.#values > MAX_VALUES) throw new JsonFault(`holds more than ${MAX_VALUES} values`);
    this.#space();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      case undefined:
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    this.#at++;
    if (this.#skip('}')) return toObject(members);
    do {
      this.#space();
      const name = this.#string();
      if (members.has(name)) throw new JsonFault(`has the name ${JSON.stringify(name.slice(0, 64))} twice`);
      if (!this.#skip(':')) throw this.#syntax();
      members.set(name, this.#value(depth + 1));
    } while (this.#skip(','));
    if (!this.#skip('}')) throw this.#syntax();
    return toObject(members);
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at++;
    if (this.#skip(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#skip(','));
    if (!this.#skip(']')) throw this.#syntax();
    return items;
  }

  #string(): string {
    const literal = this.#match(STRING);
    // A string literal and nothing else, by the expression above.
    const text = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
    if (!text.isWellFormed()) throw new JsonFault('has half a surrogate pair');
    return text;
  }

  #number(): number {
    return Number(this.#match(NUMBER));
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#syntax();
    this.#at += word.length;
    return value;
  }

  #match(token: RegExp): string {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) throw this.#syntax();
    this.#at = token.lastIndex;
    return match[0];
  }

  #skip(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #syntax(): JsonFault {
    return new JsonFault(`is not JSON from character ${this.#at + 1} on`);
  }
}

/** `__proto__` becomes a member like any other, and nothing is inherited. */
function toObject(members: ReadonlyMap<string, JsonValue>): JsonObject {
  const object = Object.fromEntries(members);
  Object.setPrototypeOf(object, null);
  return object;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * A name of `object` that is one of `names` but for its case; null where there is none. Go's encoding/json reads such
 * a member as if it were the other, so a document that has one means different things to different readers.
 */
export function miscasedName(object: JsonObject, names: readonly string[]): string | null {
  const folded = new Map(names.map((name) => [fold(name), name]));
  return Object.keys(object).find((name) => (folded.get(fold(name)) ?? name) !== name) ?? null;
}

function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
