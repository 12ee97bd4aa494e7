import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from './strict-json.ts';
import { keyObject } from './public-key.ts';
import { algorithmName, keyAlgorithm } from './key-algorithm.ts';

/** What may stand where: fields of an object, items of a list, base64, or anything. */
type Form = 'base64' | 'any' | 'key' | { readonly [field: string]: Form } | readonly [Form];

const RANGE: Form = { start: 'any', end: 'any' };
const LOG: Form = {
  baseUrl: 'any',
  hashAlgorithm: 'any',
  publicKey: 'key',
  logId: { keyId: 'base64' },
  checkpointKeyId: { keyId: 'base64' },
  operator: 'any',
};
const KEY: Form = { rawBytes: 'base64', keyDetails: 'any', validFor: RANGE };
const AUTHORITY: Form = {
  subject: { organization: 'any', commonName: 'any' },
  uri: 'any',
  certChain: { certificates: [{ rawBytes: 'base64' }] },
  validFor: RANGE,
  operator: 'any',
};
/** `TrustedRoot` of sigstore_trustroot.proto, in protobuf's JSON. */
const ROOT: Form = {
  mediaType: 'any',
  tlogs: [LOG],
  certificateAuthorities: [AUTHORITY],
  ctlogs: [LOG],
  timestampAuthorities: [AUTHORITY],
};

/**
 * Fields that nobody reads, bytes that are no base64, keys of another type than is written beside them. Whoever reads
 * the document passes over the former and takes what base64 there is of the others.
 */
export function formProblems(name: string, json: JsonObject): readonly Problem[] {
  return visit(name, '', json, ROOT);
}

function visit(name: string, path: string, value: JsonValue, form: Form): readonly Problem[] {
  if (form === 'any') return [];
  if (form === 'base64') {
    const isBase64 =
      typeof value === 'string' && value !== '' && Buffer.from(value, 'base64').toString('base64') === value;
    return isBase64 ? [] : [problem('trust-root-base64', { name, path })];
  }
  if (form === 'key') return [...visit(name, path, value, KEY), ...keyProblems(name, path, value)];
  if (isList(form)) {
    const [item] = form;
    return isArray(value) ? value.flatMap((each, at) => visit(name, `${path}[${at}]`, each, item)) : [];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    const at = path === '' ? quotable(field) : `${path}.${quotable(field)}`;
    const known = Object.hasOwn(form, field) ? form[field] : undefined;
    if (known !== undefined) return visit(name, at, inner, known);
    return [problem('trust-root-field-unknown', { name, path: at, known: Object.keys(form) })];
  });
}

function isList(form: readonly [Form] | { readonly [field: string]: Form }): form is readonly [Form] {
  return Array.isArray(form);
}

function keyProblems(name: string, path: string, value: JsonValue): readonly Problem[] {
  if (!isObject(value)) return [];
  const { rawBytes, keyDetails } = value;
  if (typeof rawBytes !== 'string' || typeof keyDetails !== 'string') return [];
  const expected = written(keyDetails);
  const der = Buffer.from(rawBytes, 'base64');
  const key = keyObject(der, keyDetails.startsWith('PKCS1') ? 'pkcs1' : 'spki');
  // A key that cannot be read is told of as an entry that cannot be used.
  if (key === null) return [];
  const algorithm = keyAlgorithm(key);
  const actual = 'unsupported' in algorithm ? algorithm.unsupported : algorithmName(algorithm);
  return expected !== null && (actual === expected || actual.startsWith(`${expected} `))
    ? []
    : [problem('trust-root-key-type', { name, path, expected: expected ?? quotable(keyDetails), actual })];
}

/** `PKIX_ECDSA_P256_SHA_256` → `ECDSA P-256`; null for what no log signs with. */
function written(keyDetails: string): string | null {
  const [, curve] = /_ECDSA_P(256|384|521)_/.exec(keyDetails) ?? [];
  if (curve !== undefined) return `ECDSA P-${curve}`;
  if (/_ED25519(?:_PH)?$/.test(keyDetails)) return 'Ed25519';
  const [, bits] = /_RSA_.*_(2048|3072|4096)_/.exec(keyDetails) ?? [];
  if (bits !== undefined) return `RSA ${bits}`;
  return /_RSA_/.test(keyDetails) ? 'RSA' : null;
}
