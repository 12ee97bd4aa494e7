import {
  type CosignKey,
  type CosignRequirement,
  type Identity,
  type Problem,
  readIdentity,
  readPublicKey,
  readTrustRoot,
  type TrustRoot,
} from '@source-integrity/core';
import { shippedTrustRoot } from '../trust-root/seed.ts';
import { choice, flag, InputError, type OptionsConfig, type OptionValues, text, texts, UsageError } from './command.ts';
import { readInput, readTextInput } from './input-files.ts';

/** Options that say whose cosign signature counts, by cosign's own names. */
export const SIGNATURE_OPTIONS = {
  key: { type: 'string', multiple: true },
  'certificate-identity': { type: 'string', multiple: true },
  'certificate-identity-regexp': { type: 'string', multiple: true },
  'certificate-oidc-issuer': { type: 'string', multiple: true },
  'certificate-oidc-issuer-regexp': { type: 'string', multiple: true },
  'trusted-root': { type: 'string' },
  'insecure-ignore-tlog': { type: 'boolean' },
  'insecure-ignore-sct': { type: 'boolean' },
  'signature-digest-algorithm': { type: 'string', default: 'sha256' },
  annotations: { type: 'string', multiple: true },
} as const satisfies OptionsConfig;

export const SIGNATURE_USAGE = [
  '--key <pem>...           public keys, any one of which suffices',
  '--certificate-identity <text>, --certificate-identity-regexp <re2>',
  '                         in place of a key: who signed, as the certificate names them',
  '--certificate-oidc-issuer <url>, --certificate-oidc-issuer-regexp <re2>',
  '                         who vouched for them; always with an identity. Expressions have to',
  "                         match the whole text, where cosign's match any part of it",
  '--trusted-root <file>    trusted_root.json of another Sigstore than the public-good one, whose',
  '                         root came with this release; no root is used for keys without a log',
  '--insecure-ignore-tlog   accept a signature that is in no transparency log',
  '--insecure-ignore-sct    accept a certificate that is in no certificate transparency log',
  '--signature-digest-algorithm sha256|sha384|sha512',
  '                         what the keys have signed (default sha256)',
  '--annotations <k=v>...   claims that the signature has to carry',
];

/** What is asked of a signature, and what the answer should say of it. */
export interface WantedSignature {
  readonly requirement: CosignRequirement;
  /** Of the trust root: parts of it that do not count, or that have expired. */
  readonly warnings: readonly Problem[];
}

/** Reads every option of {@link SIGNATURE_OPTIONS}; wrong usage is told before any file is opened. */
export async function readWantedSignature(options: OptionValues, now: Date): Promise<WantedSignature> {
  const paths = texts(options, 'key');
  const identity = readWantedIdentity(options);
  if (paths.length > 0 && identity !== null) {
    throw new UsageError('--key and --certificate-identity exclude each other: ask for the one or for the other.');
  }
  if (paths.length === 0 && identity === null) {
    throw new UsageError(
      '--key is needed, or --certificate-identity with --certificate-oidc-issuer: a signature by just anybody says nothing.',
    );
  }
  const transparencyLog = flag(options, 'insecure-ignore-tlog') ? 'optional' : 'required';
  const certificateTransparency = flag(options, 'insecure-ignore-sct') ? 'optional' : 'required';
  const digestAlgorithm = choice(options, 'signature-digest-algorithm', ['sha256', 'sha384', 'sha512']);
  const annotations = wantedClaims(options);
  const keys: CosignKey[] = [];
  for (const path of paths) keys.push(await readKeyFile(path));
  const needsRoot = identity !== null || transparencyLog === 'required';
  const { trustRoot, warnings } = await readRoot(text(options, 'trusted-root'), needsRoot, now);
  return {
    requirement: {
      keys,
      identities: identity === null ? [] : [identity],
      transparencyLog,
      certificateTransparency,
      digestAlgorithm,
      trustRoot,
      annotations,
    },
    warnings,
  };
}

const PARTS = { subject: 'certificate-identity', issuer: 'certificate-oidc-issuer' } as const;

/** Null: none of its options was given. */
function readWantedIdentity(options: OptionValues): Identity | null {
  const [subject, subjectRegExp] = eitherOf(options, PARTS.subject);
  const [issuer, issuerRegExp] = eitherOf(options, PARTS.issuer);
  const hasSubject = (subject ?? subjectRegExp) !== undefined;
  const hasIssuer = (issuer ?? issuerRegExp) !== undefined;
  if (!hasSubject && !hasIssuer) return null;
  if (!hasSubject || !hasIssuer) {
    const [given, missing] = hasSubject ? [PARTS.subject, PARTS.issuer] : [PARTS.issuer, PARTS.subject];
    throw new UsageError(`--${given} needs --${missing} (or --${missing}-regexp): both have to be right.`);
  }
  const read = readIdentity({ issuer, issuerRegExp, subject, subjectRegExp });
  if ('identity' in read) return read.identity;
  const { field, value, reason } = read.problem.params;
  const option = field === 'issuer' ? PARTS.issuer : PARTS.subject;
  throw new UsageError(`--${option} ${JSON.stringify(value)} cannot be used: the identity ${String(reason)}.`);
}

function eitherOf(options: OptionValues, name: string): readonly [string | undefined, string | undefined] {
  const exact = single(options, name);
  const regExp = single(options, `${name}-regexp`);
  if (exact !== undefined && regExp !== undefined) {
    throw new UsageError(`--${name} and --${name}-regexp exclude each other.`);
  }
  return [exact, regExp];
}

/** Which of two counts is nothing to be guessed. */
function single(options: OptionValues, name: string): string | undefined {
  const [value, ...more] = texts(options, name);
  if (more.length > 0) throw new UsageError(`--${name} takes one value, and got ${more.length + 1}.`);
  return value;
}

function wantedClaims(options: OptionValues): Record<string, string> {
  const claims = new Map<string, string>();
  for (const written of texts(options, 'annotations')) {
    const end = written.indexOf('=');
    const [name, value] = [written.slice(0, end), written.slice(end + 1)];
    if (end < 1)
      throw new UsageError(`--annotations takes claims such as env=prod, and got ${JSON.stringify(written)}.`);
    if ((claims.get(name) ?? value) !== value) {
      throw new UsageError(`--annotations wants two values of ${JSON.stringify(name)}, and a signature has one.`);
    }
    claims.set(name, value);
  }
  return Object.fromEntries(claims);
}

/** Core says of a larger one that it is too large. */
const MAX_KEY_BYTES = 64 * 1024;
const MAX_ROOT_BYTES = 4 * 1024 * 1024;

async function readKeyFile(path: string): Promise<CosignKey> {
  const pem = await readTextInput({ what: 'The key', path, maxBytes: MAX_KEY_BYTES });
  const read = readPublicKey(path, pem);
  if ('key' in read) return read.key;
  const { code, params } = read.problem;
  const key = `The key ${JSON.stringify(path)}`;
  switch (code) {
    case 'cosign-key-private':
      throw new UsageError(
        `${key} is a private key, which belongs nowhere but to who signs. Give the public one: "cosign public-key --key" prints it.`,
      );
    case 'cosign-key-certificate':
      throw new UsageError(
        `${key} is a certificate. Give its public key ("openssl x509 -pubkey -noout"), or ask for an identity with --certificate-identity.`,
      );
    case 'cosign-key-unsupported':
      throw new InputError(
        `${key} is of an unsupported kind (${String(params['algorithm'])}). RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 or P-521, and Ed25519 can be used.`,
      );
    case 'cosign-key-weak':
      throw new InputError(`${key} is too weak to be trusted (${String(params['algorithm'])}).`);
    default:
      throw new InputError(
        `${key} ${String(params['reason'])}. Give one public key in PEM, as "cosign public-key" prints it.`,
      );
  }
}

async function readRoot(
  path: string | undefined,
  isNeeded: boolean,
  now: Date,
): Promise<{ readonly trustRoot: TrustRoot | null; readonly warnings: readonly Problem[] }> {
  if (path === undefined && !isNeeded) return { trustRoot: null, warnings: [] };
  const read =
    path === undefined
      ? shippedTrustRoot(now)
      : readTrustRoot(path, await readInput({ what: 'The trust root', path, maxBytes: MAX_ROOT_BYTES }), now);
  if ('trustRoot' in read) return read;
  const { reason = 'is not there' } = read.problem.params;
  throw new InputError(
    `The trust root ${JSON.stringify(path ?? 'public-good')} ${String(reason)}. Give a trusted_root.json of Sigstore's format.`,
  );
}
