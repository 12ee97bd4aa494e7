import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { type ChartMetadata, type MetadataFault, readChartMetadata } from './chart-metadata.ts';
import { fieldsNamed, type LaxYaml, readLaxYaml } from './lax-yaml.ts';

/** What a provenance file signs: a chart's metadata, and the digests of files. */
export interface ProvenanceDocument {
  /** Helm does not read it when it verifies. */
  readonly metadata: { readonly metadata: ChartMetadata } | { readonly fault: MetadataFault };
  /** Digests as they are written, by file name. */
  readonly files: ReadonlyMap<string, string>;
}

export type ProvenanceDocumentOutcome = { readonly document: ProvenanceDocument } | { readonly problem: Problem };

/** A provenance file of more bytes is not read; Helm's own are a few thousand long. */
export const MAX_PROVENANCE_BYTES = 1024 * 1024;

const MAX_FILES = 10_000;

const SEPARATOR = '\n...\n';

/**
 * Reads the text of a provenance file's signed message as Helm 4.3 does (`provenance.ParseMessageBlock`): its parts
 * are divided by a line of three dots, the second one holds the digests and whatever follows it is ignored. `files`
 * matches in any case, later duplicates win, other fields are tolerated, and a value that is not text is an error.
 */
export function parseProvenanceDocument(text: Uint8Array): ProvenanceDocumentOutcome {
  const [metadata, sums] = split(Buffer.from(text.buffer, text.byteOffset, text.length));
  if (metadata === undefined || sums === undefined) {
    return {
      problem: problem('provenance-malformed', { reason: 'it lacks the line of three dots before the digests' }),
    };
  }
  const files = readFiles(sums);
  if ('fault' in files) return { problem: problem('provenance-files-unreadable', files.fault) };
  return { document: { metadata: readChartMetadata(lenientText(metadata)), files } };
}

function split(text: Buffer): Buffer[] {
  const first = text.indexOf(SEPARATOR);
  if (first < 0) return [];
  const rest = text.subarray(first + SEPARATOR.length);
  const second = rest.indexOf(SEPARATOR);
  return [text.subarray(0, first), second < 0 ? rest : rest.subarray(0, second)];
}

/**
 * What go-yaml reads differently from YAML 1.2 or not at all: control characters, the line ends of YAML 1.1, keys of
 * more than 1024 characters, and numbers that JSON lacks.
 */
const FOREIGN = /[\u007f-\u009f\u2028\u2029\ufffe\uffff]|[^\n]{1025}|(?:^|[\s:,[{-])[-+]?\.(?:inf|nan)(?:[\s,\]}]|$)/i;

function readFiles(sums: Buffer): ReadonlyMap<string, string> | { readonly fault: MetadataFault } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(sums);
  } catch {
    return fault('it is not UTF-8');
  }
  if (FOREIGN.test(text)) return fault('it has characters, or a line so long, that YAML readers disagree on');
  const yaml = readLaxYaml(text);
  if ('fault' in yaml) return fault(yaml.fault.reason, yaml.fault.line);
  if (yaml.value !== null && !(yaml.value instanceof Map)) return fault('it is not a map of fields');
  const files = sumsNamed(yaml.value, 'files');
  // Helm reads the digests of images too, does nothing with them, and gives up where they are not digests.
  if (files === null || sumsNamed(yaml.value, 'images') === null) return fault('it is not a map of names to digests');
  return files.size > MAX_FILES ? fault(`it lists more than ${MAX_FILES} files`) : files;
}

/** The maps under a field's spellings, merged; null where one is not a map of text. */
function sumsNamed(document: LaxYaml, name: string): Map<string, string> | null {
  const sums = new Map<string, string>();
  for (const field of fieldsNamed(document, name)) {
    if (field === null) continue;
    if (!(field instanceof Map)) return null;
    for (const [file, digest] of field) {
      if (digest !== null && typeof digest !== 'string') return null;
      sums.set(file, digest ?? '');
    }
  }
  return sums;
}

/** Metadata in another encoding is still worth comparing: names and versions are ASCII. */
function lenientText(octets: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return octets.toString('latin1');
  }
}

function fault(reason: string, line: number | null = null): { readonly fault: MetadataFault } {
  return { fault: { reason: quotable(reason), line } };
}
