import { problem } from '../verdict/catalogue.ts';
import type { PolicyRef } from '../verdict/decision.ts';
import type { Identity, OciPolicy, TextOrRegExp } from './policy-set.ts';
import { reportUnused } from './read-helm-policy.ts';
import { registrySpellingFault } from './glob-spelling.ts';
import { readRepos } from './read-list.ts';
import type { YamlCursor } from './yaml-cursor.ts';

const MODES = ['none', 'signature'] as const;
const REQUIRED_OR_NOT = ['required', 'optional'] as const;
const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const;
const COSIGN_FIELDS = [
  'mode',
  'keys',
  'identities',
  'transparencyLog',
  'certificateTransparency',
  'digestAlgorithm',
  'trustRoot',
  'annotations',
  'signatureRepository',
] as const;
/** Characters of an identity, or of a regular expression for one. */
const MAX_IDENTITY = 512;

/** One entry of `oci.policies`. Whatever is wrong is reported; the caller uses nothing of a document with problems. */
export function readOciPolicy(cursor: YamlCursor, ref: PolicyRef): OciPolicy {
  const fields = cursor.fields(
    ['repos', 'cosign'],
    [
      ['repos', 'repos: [{url: "oci://ghcr.io/acme/*"}]'],
      ['cosign', 'cosign: {mode: signature, keys: [<name>]}'],
    ],
  );
  const cosign = fields?.get('cosign')?.fields(COSIGN_FIELDS, [['mode', 'mode: signature, or mode: none']]);
  const mode = cosign?.get('mode')?.oneOf(MODES) ?? 'signature';
  if (mode === 'none') {
    for (const [name, unused] of cosign ?? []) if (name !== 'mode') reportUnused(unused);
  }
  const trustRoot = cosign?.get('trustRoot');
  const signatureRepository = cosign?.get('signatureRepository');
  return {
    list: 'oci',
    ref,
    place: cursor.place,
    ...readRepos(fields?.get('repos'), registrySpellingFault),
    mode,
    keys: (cosign?.get('keys')?.items() ?? []).map((item) => readName(item, 'argocd-cosign-keys-cm')),
    identities: (cosign?.get('identities')?.items() ?? []).map(readIdentity),
    transparencyLog: cosign?.get('transparencyLog')?.oneOf(REQUIRED_OR_NOT) ?? 'required',
    certificateTransparency: cosign?.get('certificateTransparency')?.oneOf(REQUIRED_OR_NOT) ?? 'required',
    digestAlgorithm: cosign?.get('digestAlgorithm')?.oneOf(ALGORITHMS) ?? 'sha256',
    trustRoot: trustRoot === undefined ? null : readName(trustRoot, 'argocd-sigstore-trusted-root-cm'),
    annotations: readAnnotations(cosign?.get('annotations')),
    signatureRepository: signatureRepository === undefined ? null : readRepository(signatureRepository),
  };
}

/** A key of a ConfigMap. */
function readName(cursor: YamlCursor, configMap: string): string {
  const what = `the name of an entry of ${configMap}`;
  const name = cursor.text(what, 253) ?? '';
  if (name !== '' && !/^[-._a-zA-Z0-9]+$/.test(name)) cursor.wrong(what);
  return name;
}

function readIdentity(cursor: YamlCursor): Identity {
  const fields = cursor.fields(['issuer', 'issuerRegExp', 'subject', 'subjectRegExp']) ?? new Map<string, YamlCursor>();
  return { issuer: readEither(cursor, fields, 'issuer'), subject: readEither(cursor, fields, 'subject') };
}

/** Exactly one of `issuer` and `issuerRegExp`, or of `subject` and `subjectRegExp`. */
function readEither(cursor: YamlCursor, fields: ReadonlyMap<string, YamlCursor>, field: string): TextOrRegExp {
  const [text, regExp] = [fields.get(field), fields.get(`${field}RegExp`)];
  if (text !== undefined && regExp !== undefined) {
    const reason = `"${field}" and "${field}RegExp" are both there`;
    regExp.report(problem('policy-contradiction', { ...regExp.fieldPlace, reason, write: 'keep one of the two' }));
  }
  if (text === undefined && regExp === undefined) {
    const write = `${field}: "…", or ${field}RegExp: "…"`;
    cursor.report(problem('policy-field-missing', { ...cursor.place, field, write }));
  }
  return regExp === undefined
    ? { text: text?.text(`the ${field} of a certificate`, MAX_IDENTITY) ?? '' }
    : { regExp: regExp.text('a regular expression', MAX_IDENTITY) ?? '' };
}

function readAnnotations(cursor: YamlCursor | undefined): ReadonlyMap<string, string> {
  const annotations = new Map<string, string>();
  for (const [name, value] of cursor?.entries() ?? []) {
    const text = value.text('text', MAX_IDENTITY) ?? '';
    const templates = text.match(/\{[^{}]*\}/g) ?? [];
    if (templates.some((template) => template !== '{repository}' && template !== '{tag}')) {
      value.wrong('text, in which only {repository} and {tag} are replaced');
    }
    annotations.set(name, text);
  }
  return annotations;
}

function readRepository(cursor: YamlCursor): string {
  const what = 'a repository without scheme, such as "ghcr.io/acme/signatures"';
  const repository = cursor.text(what, 512) ?? '';
  const isRepository = /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/.test(repository);
  if (repository !== '' && !isRepository) cursor.wrong(what);
  return repository;
}
