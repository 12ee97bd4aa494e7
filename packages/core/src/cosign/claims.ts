import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { LIMITS } from './limits.ts';
import type { CosignRequirement, SignedArtifact } from './requirement.ts';
import { isArray, isObject, type JsonObject, type JsonValue, miscasedName, parseStrictJson } from './strict-json.ts';

/** What a verified payload says. */
export interface Claims {
  /** Digests that it is for, each with the annotations beside it. */
  readonly subjects: readonly { readonly digests: readonly string[]; readonly annotations: JsonObject }[];
  /** The place that a legacy payload was signed for, in the signer's words; shown, never judged. */
  readonly reference: string | null;
}

export type ReadClaims = { readonly claims: Claims } | { readonly problem: Problem };

const NONE: JsonObject = {};

const SIMPLE_SIGNING_TYPE = 'cosign container image signature';

/**
 * Reads a legacy payload ("simple signing"). cosign looks at the digest and wanted annotations only; here the type is
 * required too, so that whatever else a key has signed is not taken for a signature of an artifact.
 */
export function readSimpleSigning(payload: Uint8Array): ReadClaims {
  const json = parseStrictJson(payload);
  if ('fault' in json) return unreadablePayload(json.fault);
  const root = json.value;
  if (!isObject(root)) return unreadablePayload('is not a JSON object');
  const critical = root['critical'] ?? NONE;
  if (!isObject(critical)) return unreadablePayload('has "critical" that is not an object');
  const image = critical['image'] ?? NONE;
  const identity = critical['identity'] ?? NONE;
  if (!isObject(image) || !isObject(identity))
    return unreadablePayload('has "critical" with parts that are not objects');
  const miscased =
    miscasedName(root, ['critical', 'optional']) ??
    miscasedName(critical, ['identity', 'image', 'type']) ??
    miscasedName(image, ['docker-manifest-digest']) ??
    miscasedName(identity, ['docker-reference']);
  if (miscased !== null) return unreadablePayload(`has "${quotable(miscased)}", a name in the wrong case`);
  if (critical['type'] !== SIMPLE_SIGNING_TYPE) {
    const actual = shown(critical['type']);
    return { problem: problem('simple-signing-type', { expected: SIMPLE_SIGNING_TYPE, actual }) };
  }
  const optional = root['optional'] ?? NONE;
  if (!isObject(optional)) return unreadablePayload('has "optional" that is not an object');
  const digest = image['docker-manifest-digest'];
  const reference = identity['docker-reference'];
  return {
    claims: {
      subjects: [{ digests: typeof digest === 'string' ? [digest] : [], annotations: optional }],
      reference: typeof reference === 'string' ? quotable(reference) : null,
    },
  };
}

function unreadablePayload(reason: string): ReadClaims {
  return { problem: problem('simple-signing-unreadable', { reason }) };
}

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
/** The predicate of what `cosign sign` makes. Every other one is an attestation, and never a signature. */
export const SIGNATURE_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

const STATEMENT_NAMES = ['_type', 'subject', 'predicateType', 'predicate'];
const SUBJECT_TEXTS = ['name', 'uri', 'content', 'downloadLocation', 'mediaType'];
const SUBJECT_NAMES = [...SUBJECT_TEXTS, 'digest', 'annotations'];

/**
 * Reads an in-toto statement v1 (github.com/in-toto/attestation, spec/v1). protojson, and so cosign, refuses members
 * that it does not know. `predicateType` is answered even for statements that are otherwise wrong.
 */
export function readStatement(payload: Uint8Array): ReadClaims & { readonly predicateType: string | null } {
  const json = parseStrictJson(payload);
  const root = 'fault' in json ? null : json.value;
  const type = isObject(root) ? root['predicateType'] : undefined;
  const predicateType = typeof type === 'string' ? quotable(type) : null;
  const read = 'fault' in json ? unreadableStatement(json.fault) : readStatementValue(json.value);
  return { ...read, predicateType };
}

function unreadableStatement(reason: string): ReadClaims {
  return { problem: problem('statement-unreadable', { reason }) };
}

function readStatementValue(root: JsonValue): ReadClaims {
  if (!isObject(root)) return unreadableStatement('is not a JSON object');
  if (root['_type'] !== STATEMENT_TYPE) {
    return { problem: problem('statement-type', { expected: STATEMENT_TYPE, actual: shown(root['_type']) }) };
  }
  if (root['predicateType'] !== SIGNATURE_PREDICATE) {
    const actual = shown(root['predicateType']);
    return { problem: problem('statement-predicate', { expected: SIGNATURE_PREDICATE, actual }) };
  }
  const unknown = unknownName(root, STATEMENT_NAMES);
  if (unknown !== null) return unreadableStatement(`has the unknown member "${unknown}"`);
  if (!isObject(root['predicate'] ?? NONE)) return unreadableStatement('has "predicate" that is not an object');
  const list = root['subject'] ?? [];
  if (!isArray(list)) return unreadableStatement('has "subject" that is not a list');
  if (list.length > LIMITS.subjects) return unreadableStatement(`has more than ${LIMITS.subjects} subjects`);
  const subjects: Claims['subjects'][number][] = [];
  for (const subject of list) {
    if (!isObject(subject)) return unreadableStatement('has a subject that is not an object');
    const unknown = unknownName(subject, SUBJECT_NAMES);
    if (unknown !== null) return unreadableStatement(`has a subject with the unknown member "${unknown}"`);
    if (!SUBJECT_TEXTS.every((name) => typeof (subject[name] ?? '') === 'string')) {
      return unreadableStatement('has a subject with parts that are not text');
    }
    const digest = subject['digest'] ?? NONE;
    const annotations = subject['annotations'] ?? NONE;
    if (!isObject(digest) || !isObject(annotations)) {
      return unreadableStatement('has a subject with parts that are not objects');
    }
    const entries = Object.entries(digest);
    const digests = entries.flatMap(([algorithm, hex]) => (typeof hex === 'string' ? [`${algorithm}:${hex}`] : []));
    if (digests.length > LIMITS.subjectDigests || digests.length < entries.length) {
      return unreadableStatement('has a subject with digests that are not text, or too many');
    }
    subjects.push({ digests, annotations });
  }
  return { claims: { subjects, reference: null } };
}

function unknownName(object: JsonObject, names: readonly string[]): string | null {
  const unknown = Object.keys(object).find((name) => !names.includes(name));
  return unknown === undefined ? null : quotable(unknown);
}

/**
 * What keeps claims from being for this artifact; null for none. The first subject of the digest counts, as in cosign.
 * Digests are compared as text, so that upper case or white space is another digest.
 */
export function claimsFault(
  claims: Claims,
  artifact: SignedArtifact,
  wanted: CosignRequirement['annotations'],
): Problem | null {
  const subject = claims.subjects.find(({ digests }) => digests.includes(artifact.digest));
  if (subject === undefined) {
    const [first] = claims.subjects.flatMap(({ digests }) => digests);
    const actual = quotable(first ?? 'no digest');
    // White space around the digest would not be seen.
    const visible = actual === artifact.digest ? quotable(JSON.stringify(first)) : actual;
    return problem('signed-other-artifact', { expected: artifact.digest, actual: visible });
  }
  for (const [name, template] of Object.entries(wanted)) {
    const claim = quotable(name);
    const expected = expandClaim(template, artifact);
    if (expected === null) return problem('claim-needs-tag', { claim, template: quotable(template) });
    const actual = Object.hasOwn(subject.annotations, name) ? subject.annotations[name] : undefined;
    if (actual === expected) continue;
    return actual === undefined
      ? problem('claim-missing', { claim, expected: quotable(expected) })
      : problem('claim-mismatch', { claim, expected: quotable(expected), actual: shown(actual) });
  }
  return null;
}

/** Fills `{repository}` and `{tag}` in; null where the artifact has none. Every other text stands for itself. */
export function expandClaim(template: string, artifact: SignedArtifact): string | null {
  const values = artifact.kind === 'oci' ? artifact : { repository: null, tag: null };
  let missing = false;
  const text = template.replaceAll(/\{(repository|tag)\}/g, (_, name: string) => {
    const value = name === 'repository' ? values.repository : values.tag;
    missing ||= value === null;
    return value ?? '';
  });
  return missing ? null : text;
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'none';
  return quotable(typeof value === 'string' ? value : JSON.stringify(value));
}
