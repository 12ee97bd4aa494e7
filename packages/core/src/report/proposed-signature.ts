import type { OciPolicy, TextOrRegExp } from '../policy/policy-set.ts';

/** What the `cosign` part of an entry would have to say to accept a signature. */
export interface AcceptingSignature extends Pick<
  OciPolicy,
  | 'keys'
  | 'identities'
  | 'transparencyLog'
  | 'certificateTransparency'
  | 'digestAlgorithm'
  | 'trustRoot'
  | 'annotations'
  | 'signatureRepository'
> {
  /** The entry of the ConfigMap whose requirement it takes the place of; null: there is none. */
  readonly entry: string | null;
  /** `sha256:` and hex digits of the key that is new; null where an identity is. */
  readonly fingerprint: string | null;
}

/** The reader of policies takes no longer ones. */
const MAX_IDENTITY = 512;

/** The entry's lines below `oci: policies:`; null for an identity that no policy could hold. */
export function signatureEntry(glob: string, accepting: AcceptingSignature): string[] | null {
  const { keys, identities, annotations, trustRoot, signatureRepository, fingerprint } = accepting;
  const texts = identities.flatMap(({ issuer, subject }) => [written(issuer), written(subject)]);
  if (texts.some((text) => text === '' || text.length > MAX_IDENTITY)) return null;
  return [
    '- repos:',
    `    - url: ${quoted(glob)}`,
    '  cosign:',
    '    mode: signature',
    ...(keys.length === 0 ? [] : ['    keys:']),
    ...keys.map((name, at) => {
      const comment = fingerprint !== null && at === keys.length - 1 ? ` # ${fingerprint}` : '';
      return `      - ${quoted(name)}${comment}`;
    }),
    ...(identities.length === 0 ? [] : ['    identities:']),
    ...identities.flatMap(({ issuer, subject }) => [
      `      - ${field('issuer', issuer)}`,
      `        ${field('subject', subject)}`,
    ]),
    ...(accepting.transparencyLog === 'optional' ? ['    transparencyLog: optional'] : []),
    ...(accepting.certificateTransparency === 'optional' ? ['    certificateTransparency: optional'] : []),
    ...(accepting.digestAlgorithm === 'sha256' ? [] : [`    digestAlgorithm: ${accepting.digestAlgorithm}`]),
    ...(trustRoot === null ? [] : [`    trustRoot: ${quoted(trustRoot)}`]),
    ...(annotations.size === 0 ? [] : ['    annotations:']),
    ...[...annotations].map(([name, value]) => `      ${quoted(name)}: ${quoted(value)}`),
    ...(signatureRepository === null ? [] : [`    signatureRepository: ${quoted(signatureRepository)}`]),
  ];
}

function field(name: string, part: TextOrRegExp): string {
  return `${'text' in part ? name : `${name}RegExp`}: ${quoted(written(part))}`;
}

function written(part: TextOrRegExp): string {
  return 'text' in part ? part.text : part.regExp;
}

/** A JSON string of ASCII is one of YAML's in double quotes, whatever the text is. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'),
  );
}
