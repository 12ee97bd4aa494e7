import { defineMappingTag, defineScalarTag, FAILSAFE_SCHEMA, load, NOT_RESOLVED, YAMLException } from 'js-yaml';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { problem } from '../verdict/catalogue.ts';
import { quotable } from '../verdict/quotable.ts';
import { findInIndex, type IndexLookup, type IndexRefusal } from './index-document.ts';
import { NotText } from './index-entry.ts';
import { plainKind } from './index-scalar.ts';

const LIMITS = { maxDepth: 32, maxAliases: 100 };
/** Beyond this size no second look is taken to name the line of a fault. */
const MAX_LOCATED = 4 * 1024 * 1024;
/** Line breaks to YAML 1.1, as Helm reads it, and characters like others to YAML 1.2. */
const OTHER_LINE_BREAK = /[\u0085\u2028\u2029]/;

/** A map that refuses what readers disagree on: keys that are not text, and merge keys. Duplicates js-yaml refuses. */
const map = defineMappingTag<Map<string, unknown>>('tag:yaml.org,2002:map', {
  create: () => new Map<string, unknown>(),
  addPair: (carrier, key, value) => {
    if (typeof key !== 'string') return 'a key is not text';
    if (key === '<<') return 'a merge key';
    carrier.set(key, value);
    return '';
  },
  has: (carrier, key) => typeof key === 'string' && carrier.has(key),
  keys: (carrier) => carrier.keys(),
  get: (carrier, key) => (typeof key === 'string' ? carrier.get(key) : undefined),
  identify: () => false,
});

const FLAG = new NotText('flag');
const NUMBER = new NotText('number');

/** Unquoted scalars that are not text to Helm; whatever matches none of the kinds stays text. */
const notText = defineScalarTag<NotText | null | '<<'>('tag:yaml.org,2002:null', {
  implicit: true,
  implicitFirstChars: ['', ...'-+.~<0123456789yYnNtTfFoO'.split('')],
  resolve: (source) => {
    switch (plainKind(source)) {
      case 'text':
      case 'merge':
        return NOT_RESOLVED;
      case 'null':
        return null;
      case 'flag':
        return FLAG;
      case 'number':
        return NUMBER;
    }
  },
  identify: () => false,
});

const SCHEMA = FAILSAFE_SCHEMA.withTags(map, notText);

/**
 * Finds a chart in the bytes of an index of any shape, JSON if it is valid JSON and YAML otherwise, as Helm decides
 * (4.3.1, pkg/repo/v1/index.go `jsonOrYamlUnmarshal`). Blocks for as long as reading takes: meant for a thread.
 * Stricter than Helm: UTF-8 only, one document, no merge keys, no line breaks that only YAML 1.1 knows.
 */
export function findInIndexText(blocks: Iterable<Uint8Array>, chart: string): IndexLookup | IndexRefusal {
  const text = decode(blocks);
  if (text === null) return { problem: problem('index-unreadable', { line: null, detail: 'it is not UTF-8' }) };
  if (text.trim() === '') return { problem: problem('index-empty', {}) };
  if (/^\ufeff?\s*<(?:!doctype|html|\?xml)/i.test(text.slice(0, 1024))) return { problem: problem('index-html', {}) };
  const json = /^[ \t\n\r]*\{/.test(text) ? parseJson(text) : undefined;
  if (json !== undefined) return findInIndex(json, chart, 'lax', (path) => lineOf(text, path));
  const odd = OTHER_LINE_BREAK.exec(text);
  if (odd !== null) {
    const line = text.slice(0, odd.index).split('\n').length;
    return { problem: problem('index-ambiguous', { line, detail: 'a line break that is none to every reader' }) };
  }
  return findInYaml(text, chart);
}

function findInYaml(text: string, chart: string): IndexLookup | IndexRefusal {
  let value: unknown;
  try {
    value = load(text, { ...LIMITS, schema: SCHEMA });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? null : error.mark.line + 1;
    return { problem: problem('index-unreadable', { line, detail: quotable(error.reason) }) };
  }
  return findInIndex(value, chart, 'strict', (path) => lineOf(text, path));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decode(blocks: Iterable<Uint8Array>): string | null {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    const parts: string[] = [];
    for (const block of blocks) parts.push(decoder.decode(block, { stream: true }));
    parts.push(decoder.decode());
    return parts.join('');
  } catch {
    return null;
  }
}

/** The line of a field, by a second reading that keeps positions. */
function lineOf(text: string, path: readonly (string | number)[]): number | null {
  if (text.length > MAX_LOCATED) return null;
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: 'silent', schema: 'failsafe', uniqueKeys: false });
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lineCounter.linePos(node.range[0]).line;
  }
  return null;
}
