import {
  defineMappingTag,
  defineScalarTag,
  FAILSAFE_SCHEMA,
  loadAll,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  YAMLException,
} from 'js-yaml';

/** YAML as Helm sees it once every scalar has become a string: null, text, lists and maps. */
export type LaxYaml = string | null | LaxYaml[] | Map<string, LaxYaml>;

export type LaxYamlOutcome = { readonly value: LaxYaml } | { readonly fault: { reason: string; line: number | null } };

/** Collections deeper than this, or more aliases, are nobody's chart. An alias shares its target: nothing grows. */
const LIMITS = { maxDepth: 64, maxAliases: 256, maxTotalMergeKeys: 1_000 };

/** go-yaml gives up on "excessive aliasing" at about this size. */
const MAX_NODES = 100_000;

const map = defineMappingTag<Map<unknown, unknown>>('tag:yaml.org,2002:map', {
  create: () => new Map<unknown, unknown>(),
  addPair: (carrier, key, value) => {
    if (typeof key !== 'string') return 'a key must be text';
    carrier.set(key, value);
    return '';
  },
  has: (carrier, key) => carrier.has(key),
  keys: (carrier) => carrier.keys(),
  get: (carrier, key) => carrier.get(key),
  identify: () => false,
});

const INTEGER = /^[-+]?(?:0b[01]+|0o[0-7]+|0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i;
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?$/i;

const number = defineScalarTag<string>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: Array.from('+-.0123456789'),
  resolve: (source) => {
    const bare = source.replaceAll('_', '');
    if (INTEGER.test(bare)) return integerText(bare);
    return DECIMAL.test(bare) ? floatText(Number(bare)) : NOT_RESOLVED;
  },
  identify: () => false,
});

const SCHEMA = FAILSAFE_SCHEMA.withTags(map, number, nullYaml11Tag, mergeTag);

/**
 * Reads the first document of a YAML text with the laxity of sigs.k8s.io/yaml, through which Helm reads Chart.yaml and
 * provenance files into text fields: the last duplicate key wins, and an unquoted number is the text that Go prints
 * (`1.10` is "1.1"). The text must already be bounded in size; depth and aliases are bounded here.
 */
export function readLaxYaml(text: string): LaxYamlOutcome {
  try {
    const document = firstDocument(text);
    if (document === null) return fault('a version of YAML that Helm does not read');
    const [first = null] = loadAll(document, { ...LIMITS, schema: SCHEMA, json: true });
    if (!isLaxYaml(first)) return fault('unsupported YAML value');
    return nodesOf(first, new Map()) > MAX_NODES ? fault('too many nodes behind aliases') : { value: first };
  } catch (error) {
    if (error instanceof YAMLException) {
      return { fault: { reason: error.reason, line: error.mark === undefined ? null : error.mark.line + 1 } };
    }
    return fault('not readable as YAML');
  }
}

/**
 * The text up to the first document's end, since Helm reads no further; null where it says that it is in another
 * version than YAML 1.1. A line of three dashes begins the document if there is nothing but directives before it.
 */
function firstDocument(text: string): string | null {
  const markers = [...text.matchAll(/^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm)].slice(0, 2);
  const [first, second] = markers;
  if (first === undefined) return text;
  const prologue = text.slice(0, first.index);
  const isPrologue = first[0] === '---' && !/^[^%#\s]/m.test(prologue);
  if (!isPrologue) return prologue;
  if (/^%YAML[ \t]+(?!1\.1\s)/m.test(prologue)) return null;
  return second === undefined ? text : text.slice(0, second.index);
}

/** How many nodes there are once aliases are followed: what a reader that copies them would make. */
function nodesOf(value: LaxYaml, known: Map<LaxYaml, number>): number {
  if (value === null || typeof value === 'string') return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  // Met again before it is counted: a collection within itself, which has no end.
  known.set(value, Infinity);
  let nodes = 1;
  for (const child of Array.isArray(value) ? value : value.values()) nodes += nodesOf(child, known);
  known.set(value, nodes);
  return nodes;
}

function fault(reason: string): LaxYamlOutcome {
  return { fault: { reason, line: null } };
}

/**
 * The value of a field, matched as Go's encoding/json does: without regard to case, and where several spellings are
 * there, in byte order with the last one winning.
 */
export function fieldsNamed(value: LaxYaml, name: string): LaxYaml[] {
  if (!(value instanceof Map)) return [];
  return [...value.keys()]
    .filter((key) => foldCase(key) === name)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((key) => value.get(key) ?? null);
}

/** ASCII case folding with the two other letters that Unicode folds to ASCII, as encoding/json folds field names. */
function foldCase(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k');
}

/** Tags were bounded to strings, nulls, arrays and maps by the schema, so the outermost type tells all. */
function isLaxYaml(value: unknown): value is LaxYaml {
  return value === null || typeof value === 'string' || Array.isArray(value) || value instanceof Map;
}

function integerText(bare: string): string {
  const digits = bare.replace(/^[-+]/, '');
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits);
  if (value >= 2n ** 64n) return floatText(Number(value));
  return bare.startsWith('-') && value !== 0n ? `-${value}` : String(value);
}

/** strconv.FormatFloat(value, 'g', -1, 32): the fewest digits that give the same 32-bit float. */
function floatText(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return single > 0 ? '+Inf' : '-Inf';
  let shortest = single.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const candidate = single.toExponential(digits);
    if (Math.fround(Number(candidate)) === single) {
      shortest = candidate;
      break;
    }
  }
  const [mantissa, exponent] = shortest.split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(shortest));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
