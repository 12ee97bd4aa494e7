import { DEPENDENCY_FIELDS, ENTRY_FIELDS, MAINTAINER_FIELDS, type FieldKind } from './index-entry.ts';
import { openScalar, type OpenScalar } from './index-open-scalar.ts';
import { isTime, plainKind } from './index-scalar.ts';

type Section = 'start' | 'apiVersion' | 'entries' | 'no entries' | 'generated' | 'serverInfo';

/** A map of which the next fields are expected, in ascending order: so none comes twice. */
interface Fields {
  readonly known: ReadonlyMap<string, FieldKind>;
  readonly forms: ReadonlyMap<string, RegExp>;
  last: string;
}

/** A field whose value is in the lines below it. */
interface OpenField {
  readonly kind: FieldKind;
  filled: boolean;
}

/** What is kept of the wanted chart's entries. */
const KEPT: ReadonlySet<string> = new Set(['appVersion', 'created', 'digest', 'name', 'urls', 'version']);

const CHART = /^([A-Za-z0-9][A-Za-z0-9._-]{0,250}):( \[\])?$/;
const ANNOTATION = /^([A-Za-z][A-Za-z0-9._/-]{0,120}): (.+)$/;
/** Fields for whose values Helm may skip an entry: here only values for which it does not. */
const ENTRY_FORMS: ReadonlyMap<string, RegExp> = new Map([
  ['name', /^[A-Za-z0-9][A-Za-z0-9._-]*$/],
  ['type', /^(?:application|library)$/],
]);
const DEPENDENCY_FORMS: ReadonlyMap<string, RegExp> = new Map([['alias', /^[A-Za-z][A-Za-z0-9_-]*$/]]);
const ANY_FORM: ReadonlyMap<string, RegExp> = new Map();

/**
 * Recognises, line by line, an index of the exact shape that `helm repo index` writes (go-yaml 2: two spaces a level,
 * lists not indented, keys sorted, no comments, anchors, tags, flow collections or tabs), and hands out the lines of one
 * chart that matter.
 *
 * The adversary writes an index in which a line looks like an entry to a scanner and is text to YAML, or the other way
 * round. So nothing is passed over: every line has to have one of the forms below at the place where it stands, the end
 * of every scalar is found by YAML's own rules, and the first line that is anything else ends the attempt for good.
 */
export class IndexLines {
  /** Names of all charts so far. */
  readonly charts = new Set<string>();
  /** Entries of all charts so far. */
  entryCount = 0;

  readonly #chart: string;
  readonly #onEntry: (yaml: string) => void;
  #section: Section = 'start';
  /** Where in `entries`: nowhere, after the name of a chart, within its list, or past a chart without entries. */
  #place: 'outside' | 'named' | 'listing' | 'closed' = 'outside';
  #wanted = false;
  #kept: string[] | null = null;
  #keeping = false;
  #entry: Fields = { known: ENTRY_FIELDS, forms: ENTRY_FORMS, last: '' };
  #field: OpenField | null = null;
  #item: Fields | null = null;
  #itemField: OpenField | null = null;
  #annotations = new Set<string>();
  #scalar: OpenScalar | null = null;

  /** @param onEntry is given the kept fields of each entry of `chart` as a YAML map, in the order of the index */
  constructor(chart: string, onEntry: (yaml: string) => void) {
    this.#chart = chart;
    this.#onEntry = onEntry;
  }

  /** Takes the next line, without its line feed. False: not this shape, and nothing more may be taken. */
  take(line: string): boolean {
    const indent = indentOf(line);
    const step = this.#scalar?.take(line, indent) ?? 'not-mine';
    if (step === 'unknown') return false;
    if (step !== 'more') this.#scalar = null;
    if (step !== 'not-mine') {
      if (this.#keeping) this.#kept?.push(line);
      return true;
    }
    const content = indent === 0 ? line : line.slice(indent);
    switch (indent) {
      case 0:
        return this.#takeSection(content);
      case 2:
        return content.startsWith('- ') ? this.#startEntry(content.slice(2)) : this.#startChart(content);
      case 4:
        return content.startsWith('- ') ? this.#takeItem(content.slice(2), line) : this.#takeField(content);
      case 6:
        return content.startsWith('- ') ? this.#takeNestedItem(content.slice(2)) : this.#takeNestedField(content);
      default:
        return false;
    }
  }

  /** Whether the document may end here. */
  end(): boolean {
    return (
      (this.#scalar?.mayEnd ?? true) && this.#section !== 'start' && this.#section !== 'apiVersion' && this.#endChart()
    );
  }

  #takeSection(content: string): boolean {
    if (!this.#endChart()) return false;
    switch (content) {
      case 'apiVersion: v1':
        return this.#enter('apiVersion', ['start']);
      case 'entries:':
        return this.#enter('entries', ['apiVersion']);
      case 'entries: {}':
        return this.#enter('no entries', ['apiVersion']);
      case 'serverInfo: {}':
        return this.#enter('serverInfo', ['entries', 'no entries', 'generated']);
      default: {
        const generated = /^generated: "([^"\\]+)"$/.exec(content)?.[1];
        return generated !== undefined && isTime(generated) && this.#enter('generated', ['entries', 'no entries']);
      }
    }
  }

  #enter(section: Section, from: readonly Section[]): boolean {
    if (!from.includes(this.#section)) return false;
    this.#section = section;
    this.#place = 'outside';
    return true;
  }

  #startChart(content: string): boolean {
    const [, name, empty] = CHART.exec(content) ?? [];
    if (this.#section !== 'entries' || name === undefined || !this.#endChart()) return false;
    if (plainKind(name) !== 'text' || this.charts.has(name)) return false;
    this.charts.add(name);
    this.#wanted = name === this.#chart;
    this.#place = empty === undefined ? 'named' : 'closed';
    return true;
  }

  #startEntry(content: string): boolean {
    if (this.#place !== 'named' && this.#place !== 'listing') return false;
    if (!this.#endEntry()) return false;
    this.#place = 'listing';
    this.entryCount += 1;
    this.#entry = { known: ENTRY_FIELDS, forms: ENTRY_FORMS, last: '' };
    this.#kept = this.#wanted ? [] : null;
    return this.#takeField(content);
  }

  #takeField(content: string): boolean {
    if (this.#place !== 'listing' || !this.#closeField()) return false;
    const opened = this.#openField(this.#entry, content, 4);
    if (opened === null) return false;
    this.#field = opened === 'scalar' ? null : opened;
    this.#keeping = this.#kept !== null && KEPT.has(this.#entry.last);
    if (this.#keeping) this.#kept?.push(`    ${content}`);
    return true;
  }

  #takeItem(content: string, line: string): boolean {
    const field = this.#field;
    if (field === null || !this.#closeItem()) return false;
    field.filled = true;
    switch (field.kind) {
      case 'texts':
        if (this.#keeping) this.#kept?.push(line);
        return this.#takeText(content, 4);
      case 'maintainers':
        this.#item = { known: MAINTAINER_FIELDS, forms: ANY_FORM, last: '' };
        return this.#takeNestedField(content);
      case 'dependencies':
        this.#item = { known: DEPENDENCY_FIELDS, forms: DEPENDENCY_FORMS, last: '' };
        return this.#takeNestedField(content);
      case 'text':
      case 'decisive text':
      case 'flag':
      case 'time':
      case 'map':
      case 'text map':
      case 'list':
        return false;
    }
  }

  #takeNestedField(content: string): boolean {
    if (this.#field?.kind === 'text map') return this.#takeAnnotation(content);
    if (this.#item === null || this.#itemField?.filled === false) return false;
    const opened = this.#openField(this.#item, content, 6);
    this.#itemField = opened === 'scalar' ? null : opened;
    return opened !== null;
  }

  #takeNestedItem(content: string): boolean {
    if (this.#itemField === null) return false;
    this.#itemField.filled = true;
    return this.#takeText(content, 6);
  }

  #takeAnnotation(content: string): boolean {
    const [, key, value] = ANNOTATION.exec(content) ?? [];
    if (key === undefined || value === undefined || this.#field === null) return false;
    if (plainKind(key) !== 'text' || this.#annotations.has(key)) return false;
    this.#annotations.add(key);
    this.#field.filled = true;
    return this.#takeText(value, 6);
  }

  /** Reads `key: value` or `key:` at a column; null if that is not what it is. */
  #openField(fields: Fields, content: string, column: number): OpenField | 'scalar' | null {
    const colon = content.indexOf(':');
    const name = content.slice(0, colon);
    const kind = fields.known.get(name);
    if (kind === undefined || name <= fields.last) return null;
    fields.last = name;
    if (content.length === colon + 1) return openListOrMap(kind);
    if (content[colon + 1] !== ' ') return null;
    const value = content.slice(colon + 2);
    const form = fields.forms.get(name);
    if (form?.test(value) === false) return null;
    if (!this.#takeValue(kind, value, column)) return null;
    // A value of a certain form ends with its line: what goes on below would be part of it, and of another form.
    if (form !== undefined) this.#scalar = null;
    return 'scalar';
  }

  #takeValue(kind: FieldKind, value: string, column: number): boolean {
    switch (kind) {
      case 'text':
      case 'decisive text':
        return this.#takeText(value, column);
      case 'flag':
        return value === 'true' || value === 'false';
      case 'time':
        return value.startsWith('"') && value.endsWith('"') && isTime(value.slice(1, -1));
      case 'texts':
      case 'list':
      case 'maintainers':
      case 'dependencies':
        return value === '[]';
      case 'map':
      case 'text map':
        return value === '{}';
    }
  }

  #takeText(value: string, column: number): boolean {
    const opened = openScalar(value, column);
    if (opened === null) return false;
    this.#scalar = opened === 'closed' ? null : opened;
    return true;
  }

  #closeItem(): boolean {
    const complete = this.#itemField?.filled ?? true;
    this.#item = null;
    this.#itemField = null;
    return complete;
  }

  #closeField(): boolean {
    const complete = this.#closeItem() && (this.#field?.filled ?? true);
    this.#field = null;
    if (this.#annotations.size > 0) this.#annotations = new Set();
    return complete;
  }

  #endEntry(): boolean {
    if (!this.#closeField()) return false;
    if (this.#kept !== null) this.#onEntry(this.#kept.join('\n'));
    this.#kept = null;
    this.#keeping = false;
    return true;
  }

  #endChart(): boolean {
    const complete = this.#place !== 'named' && this.#endEntry();
    this.#place = 'outside';
    return complete;
  }
}

function openListOrMap(kind: FieldKind): OpenField | null {
  switch (kind) {
    case 'texts':
    case 'list':
    case 'maintainers':
    case 'dependencies':
    case 'text map':
      return { kind, filled: false };
    case 'text':
    case 'decisive text':
    case 'flag':
    case 'time':
    case 'map':
      return null;
  }
}

function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 0x20) indent += 1;
  return indent;
}
