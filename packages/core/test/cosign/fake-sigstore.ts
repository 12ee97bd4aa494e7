import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { dsse } from '@sigstore/core';
import type { SignatureCandidate } from '../../src/cosign/candidate.ts';
import type { SignedArtifact } from '../../src/cosign/requirement.ts';
import { readTrustRoot, type TrustRoot } from '../../src/cosign/trust-root.ts';
import { Digest } from '../../src/verdict/verdict.ts';
import { sequence, set, octets, bits, utf8, explicit, integer, oid, generalizedTime, type Der } from './der.ts';
import {
  keyPair,
  ECDSA_SHA256,
  SHA256,
  name,
  extension,
  CODE_SIGNING,
  TIME_STAMPING,
  usage,
  email,
  authority,
  issue,
  tbsCertificate,
  type KeyPair,
  type Issued,
  type Certificate,
} from './certificates.ts';

/** When everything in these tests is signed. */
export const SIGNED = new Date('2026-06-01T12:00:00Z');
export const LATER = new Date('2026-09-01T00:00:00Z');
export const minutes = (n: number, from = SIGNED): Date => new Date(from.getTime() + n * 60_000);

export const sha256 = (...parts: (Buffer | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

export interface LeafOptions {
  readonly subjects?: Der[];
  readonly issuer?: string;
  /** Where Fulcio wrote the issuer first; the same unless said otherwise. */
  readonly firstIssuer?: string;
  readonly extensions?: Der[];
  readonly usages?: string[] | null;
  readonly curve?: string;
  readonly certificateTimestamp?: 'none' | 'good' | 'other-log' | 'broken';
  readonly from?: Date;
  readonly to?: Date;
  readonly inner?: Der;
}

interface LogEntryOptions {
  readonly log?: 'v1' | 'v2' | 'none';
  readonly timestamp?: boolean;
}

const TIMESTAMP_INFO = '1.2.840.113549.1.9.16.1.4';

/** What may be otherwise in a time-stamp response, and is well signed all the same. */
export interface TimestampForm {
  readonly status: Der;
  readonly type: Der;
  /** What the signature says that it is about. */
  readonly about: Der;
  /** All attributes but the digest. */
  readonly said: readonly Der[];
  /** Bytes behind the information that is signed. */
  readonly behind: Buffer;
  readonly signer: Der;
  readonly version: Der;
  readonly digests: Der;
  readonly digest: Der;
  readonly algorithm: Der;
  /** Attributes that nobody signs. */
  readonly unsigned: readonly Der[];
  readonly certificates: readonly Der[];
  /** More signers, and more members of the response. */
  readonly signers: readonly Der[];
  readonly more: readonly Der[];
}

export interface Signing extends LogEntryOptions {
  readonly by: Issued | KeyPair;
  readonly at?: Date;
  readonly digest?: 'sha256' | 'sha384' | 'sha512' | null;
  /** The key that the log entry names, where that is another. */
  readonly loggedAs?: Issued | KeyPair;
  readonly payloadType?: string;
}

const isCertificate = (by: Issued | KeyPair): by is Issued => 'der' in by;
const privateKeyOf = (by: Issued | KeyPair): KeyObject => (isCertificate(by) ? by.keys : by).privateKey;
export const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

/** A certificate authority, a transparency log, a certificate transparency log and a timestamp authority. */
export class FakeSigstore {
  readonly rootKeys = keyPair();
  readonly ca: Issued;
  readonly root: Issued;
  readonly log = keyPair();
  readonly ctlog = keyPair();
  readonly tsaRoot: Issued;
  readonly tsa: Issued;

  constructor(options: { caFrom?: Date; caTo?: Date; rootTo?: Date; caUsages?: string[]; tsaUsages?: string[] } = {}) {
    const long = { from: minutes(-60 * 24 * 30), to: minutes(60 * 24 * 3000) };
    this.root = issue({
      subject: 'root',
      issuer: 'root',
      keys: this.rootKeys,
      by: this.rootKeys,
      extensions: authority(),
      ...long,
      to: options.rootTo ?? long.to,
    });
    const extensions = [...authority(), ...(options.caUsages === undefined ? [] : [usage(...options.caUsages)])];
    const window = { from: options.caFrom ?? long.from, to: options.caTo ?? long.to };
    this.ca = issue({ subject: 'ca', issuer: 'root', keys: keyPair(), by: this.rootKeys, extensions, ...window });
    const tsaRoot = keyPair();
    this.tsaRoot = issue({
      subject: 'tsa root',
      issuer: 'tsa root',
      keys: tsaRoot,
      by: tsaRoot,
      extensions: authority(),
      ...long,
    });
    const usages = usage(...(options.tsaUsages ?? [TIME_STAMPING]));
    this.tsa = issue({
      subject: 'tsa',
      issuer: 'tsa root',
      keys: keyPair(),
      by: tsaRoot,
      extensions: [usages],
      ...long,
    });
  }

  leaf(options: LeafOptions = {}): Issued {
    const {
      subjects = [email('release@acme.test')],
      issuer = 'https://issuer.test',
      firstIssuer = issuer,
      usages = [CODE_SIGNING],
      certificateTimestamp = 'good',
      from = minutes(-1),
      to = minutes(9),
    } = options;
    const extensions = [
      extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
      ...(usages === null ? [] : [usage(...usages)]),
      extension('2.5.29.17', sequence(...subjects), true),
      ...(firstIssuer === '' ? [] : [extension('1.3.6.1.4.1.57264.1.1', Buffer.from(firstIssuer))]),
      ...(issuer === '' ? [] : [extension('1.3.6.1.4.1.57264.1.8', utf8(issuer))]),
      ...(options.extensions ?? []),
    ];
    const base: Certificate = {
      subject: '',
      issuer: 'ca',
      keys: keyPair(options.curve),
      by: this.ca.keys,
      extensions,
      from,
      to,
      ...(options.inner === undefined ? {} : { inner: options.inner }),
    };
    if (certificateTimestamp === 'none') return issue(base);
    const serial = Buffer.concat([Buffer.from([0x12]), randomBytes(8)]);
    const sct = this.#certificateTimestamp(tbsCertificate(serial, base), certificateTimestamp);
    const list = Buffer.concat([uint(sct.length + 2, 2), uint(sct.length, 2), sct]);
    const logged = { ...base, extensions: [...extensions, extension('1.3.6.1.4.1.11129.2.4.2', octets(list))] };
    const tbs = tbsCertificate(serial, logged);
    const der = sequence(tbs, ECDSA_SHA256, bits(sign('sha256', tbs, this.ca.keys.privateKey)));
    return { keys: base.keys, der, serial, subject: '' };
  }

  /** RFC 6962, section 3.2. */
  #certificateTimestamp(tbs: Der, kind: 'good' | 'other-log' | 'broken'): Buffer {
    const keys = kind === 'other-log' ? keyPair() : this.ctlog;
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(SIGNED.getTime()));
    const signed = Buffer.concat([
      Buffer.from([0, 0]),
      time,
      uint(1, 2),
      sha256(this.ca.keys.spki),
      uint(tbs.length, 3),
      tbs,
      uint(0, 2),
    ]);
    const signature = sign('sha256', kind === 'broken' ? Buffer.from('else') : signed, keys.privateKey);
    const head = Buffer.concat([Buffer.from([0]), sha256(keys.spki), time, uint(0, 2), Buffer.from([4, 3])]);
    return Buffer.concat([head, uint(signature.length, 2), signature]);
  }

  /** RFC 3161, section 2.4.2. */
  timestamp(signature: Buffer, at: Date, by: Issued = this.tsa, form: Partial<TimestampForm> = {}): Buffer {
    const info = sequence(
      integer(1),
      oid('1.3.6.1.4.1.57264.2'),
      sequence(SHA256, octets(sha256(signature))),
      integer(Buffer.from([0x33, ...randomBytes(6)])),
      generalizedTime(at),
    );
    const { status = sequence(integer(0)), type = oid('1.2.840.113549.1.7.2'), behind = Buffer.alloc(0) } = form;
    const { about = oid(TIMESTAMP_INFO), said = [sequence(oid('1.2.840.113549.1.9.3'), set(about))] } = form;
    const attributes = [...said, sequence(oid('1.2.840.113549.1.9.4'), set(octets(sha256(info))))];
    const signer = sequence(
      integer(1),
      form.signer ?? sequence(name('tsa root'), integer(by.serial)),
      form.digest ?? SHA256,
      explicit(0, ...attributes),
      form.algorithm ?? ECDSA_SHA256,
      octets(sign('sha256', set(...attributes), by.keys.privateKey)),
      ...(form.unsigned ?? []),
    );
    const data = sequence(
      form.version ?? integer(3),
      form.digests ?? set(form.digest ?? SHA256),
      sequence(oid(TIMESTAMP_INFO), explicit(0, octets(Buffer.concat([info, behind])))),
      ...(form.certificates === undefined ? [] : [explicit(0, ...form.certificates)]),
      set(signer, ...(form.signers ?? [])),
    );
    return sequence(status, sequence(type, explicit(0, data)), ...(form.more ?? []));
  }

  trustedRoot(change: (root: Json) => void = () => undefined): Json {
    const range = { start: '2026-01-01T00:00:00Z' };
    const log = (baseUrl: string, keys: KeyPair): Json => ({
      baseUrl,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: keys.spki.toString('base64'),
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        validFor: { ...range },
      },
      logId: { keyId: sha256(keys.spki).toString('base64') },
    });
    const root: Json = {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [log('https://log.test', this.log)],
      ctlogs: [log('https://ctlog.test', this.ctlog)],
      certificateAuthorities: [
        { uri: 'https://ca.test', certChain: chain(this.ca, this.root), validFor: { ...range } },
      ],
      timestampAuthorities: [
        { uri: 'https://tsa.test', certChain: chain(this.tsa, this.tsaRoot), validFor: { ...range } },
      ],
    };
    change(root);
    return root;
  }

  trustRoot(change?: (root: Json) => void): TrustRoot {
    const read = readTrustRoot('fake', Buffer.from(JSON.stringify(this.trustedRoot(change))), LATER);
    if ('problem' in read) throw new Error(JSON.stringify(read.problem));
    return read.trustRoot;
  }

  /** A bundle 0.3 with a DSSE envelope over `payload`, to be changed at will before it is written. */
  bundle(payload: string, signing: Signing): Json {
    const { by, at = SIGNED, digest = 'sha256', log = 'v1', timestamp = false } = signing;
    const { loggedAs = by, payloadType = 'application/vnd.in-toto+json' } = signing;
    const encoded = dsse.preAuthEncoding(payloadType, Buffer.from(payload));
    const signature = sign(digest, encoded, privateKeyOf(by));
    const hashed = digest ?? 'sha256';
    const body =
      log === 'v2'
        ? rekorV2Body(signature, createHash(hashed).update(encoded).digest(), hashed, loggedAs)
        : { kind: 'dsse', apiVersion: '0.0.1', spec: dsseSpec(signature, payload, loggedAs) };
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        ...(isCertificate(by)
          ? { certificate: { rawBytes: by.der.toString('base64') } }
          : { publicKey: { hint: sha256(by.spki).toString('base64') } }),
        tlogEntries: log === 'none' ? [] : [this.logEntry(body, at, log)],
        timestampVerificationData: {
          rfc3161Timestamps: timestamp ? [{ signedTimestamp: this.timestamp(signature, at).toString('base64') }] : [],
        },
      },
      dsseEnvelope: {
        payload: Buffer.from(payload).toString('base64'),
        payloadType,
        signatures: [{ sig: signature.toString('base64') }],
      },
    };
  }

  /** A bundle over a file. */
  fileBundle(file: Buffer, signing: Signing): Json {
    const { by, at = SIGNED, digest = 'sha256', log = 'v1', timestamp = false, loggedAs = by } = signing;
    const signature = sign(digest, file, privateKeyOf(by));
    const bundle = this.bundle('{}', { ...signing, log: 'none', timestamp: false });
    delete bundle['dsseEnvelope'];
    const material = record(bundle['verificationMaterial']);
    const hash = digest ?? 'sha256';
    if (log !== 'none') {
      const body =
        log === 'v2'
          ? rekorV2Body(signature, createHash(hash).update(file).digest(), hash, loggedAs)
          : hashedRekord(signature, file, hash, loggedAs);
      material['tlogEntries'] = [this.logEntry(body, at, log)];
    }
    if (timestamp) {
      const token = this.timestamp(signature, at).toString('base64');
      material['timestampVerificationData'] = { rfc3161Timestamps: [{ signedTimestamp: token }] };
    }
    bundle['messageSignature'] = {
      messageDigest: {
        algorithm: `SHA2_${hash.slice(3)}`,
        digest: createHash(hash).update(file).digest('base64'),
      },
      signature: signature.toString('base64'),
    };
    return bundle;
  }

  /** A legacy signature with everything that `signing` asks for in its annotations. */
  legacy(payload: string, signing: Signing): Extract<SignatureCandidate, { format: 'legacy' }> {
    const { by, at = SIGNED, digest = 'sha256', log = 'v1', timestamp = false, loggedAs = by } = signing;
    const content = Buffer.from(payload);
    const signature = sign(digest, content, privateKeyOf(by));
    const entry = this.logEntry(hashedRekord(signature, content, digest ?? 'sha256', loggedAs), at, 'v1');
    const annotations: Record<string, string> = {
      'dev.cosignproject.cosign/signature': signature.toString('base64'),
      ...(isCertificate(by)
        ? { 'dev.sigstore.cosign/certificate': pemOf(by.der), 'dev.sigstore.cosign/chain': '' }
        : {}),
      ...(log === 'none'
        ? {}
        : {
            'dev.sigstore.cosign/bundle': JSON.stringify({
              SignedEntryTimestamp: record(entry['inclusionPromise'])['signedEntryTimestamp'],
              Payload: {
                body: entry['canonicalizedBody'],
                integratedTime: Number(entry['integratedTime']),
                logIndex: Number(entry['logIndex']),
                logID: sha256(this.log.spki).toString('hex'),
              },
            }),
          }),
      ...(timestamp
        ? {
            'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({
              SignedRFC3161Timestamp: this.timestamp(signature, at).toString('base64'),
            }),
          }
        : {}),
    };
    return { format: 'legacy', place: PLACE, content, annotations };
  }

  /** An entry in a log of one: Rekor v1 signs for it twice, v2 only by its checkpoint. */
  logEntry(body: Json, at: Date, version: 'v1' | 'v2', note: Note = {}): Json {
    const { keys = this.log, signer = 'log.test' } = note;
    const { origin = version === 'v1' ? 'log.test - 1193050959916656506' : 'log.test' } = note;
    const canonicalizedBody = Buffer.from(JSON.stringify(note.asWritten === true ? body : sorted(body)));
    const logId = sha256(keys.spki);
    const leaf = sha256(Buffer.from([0]), canonicalizedBody);
    const text = `${origin}\n1\n${leaf.toString('base64')}\n`;
    const noteSignature = Buffer.concat([logId.subarray(0, 4), sign('sha256', Buffer.from(text), keys.privateKey)]);
    const integratedTime = Math.floor(at.getTime() / 1000);
    const signed = JSON.stringify({
      body: canonicalizedBody.toString('base64'),
      integratedTime,
      logID: logId.toString('hex'),
      logIndex: version === 'v1' ? 1234 : 0,
    });
    return {
      logIndex: version === 'v1' ? '1234' : '0',
      logId: { keyId: logId.toString('base64') },
      kindVersion: { kind: body['kind'] ?? '', version: body['apiVersion'] ?? '' },
      ...(version === 'v1'
        ? {
            integratedTime: String(integratedTime),
            inclusionPromise: {
              signedEntryTimestamp: sign('sha256', Buffer.from(signed), keys.privateKey).toString('base64'),
            },
          }
        : {}),
      inclusionProof: {
        logIndex: '0',
        rootHash: leaf.toString('base64'),
        treeSize: '1',
        hashes: [],
        checkpoint: { envelope: `${text}\n— ${signer} ${noteSignature.toString('base64')}\n` },
      },
      canonicalizedBody: canonicalizedBody.toString('base64'),
    };
  }
}

/** How a log entry is signed for, where that is not as it should be. */
interface Note {
  readonly keys?: KeyPair;
  /** The first line of the checkpoint. */
  readonly origin?: string;
  readonly signer?: string;
  /** The body is not made canonical JSON. */
  readonly asWritten?: boolean;
}

/** With names in order, as canonical JSON (RFC 8785) has them; there are no numbers in log entries. */
function sorted(value: object): object {
  if (Array.isArray(value)) return value.map((each: unknown) => (isRecord(each) ? sorted(each) : each));
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(
    entries
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, isRecord(each) ? sorted(each) : each]),
  );
}

const chain = (...certificates: Issued[]): Json => ({
  certificates: certificates.map(({ der }) => ({ rawBytes: der.toString('base64') })),
});

export interface Json {
  [name: string]: unknown;
}

const uint = (value: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
};

function pemVerifier(by: Issued | KeyPair): string {
  return Buffer.from(isCertificate(by) ? pemOf(by.der) : by.pem).toString('base64');
}

function dsseSpec(signature: Buffer, payload: string, by: Issued | KeyPair): Json {
  return {
    envelopeHash: { algorithm: 'sha256', value: sha256(signature).toString('hex') },
    payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
    signatures: [{ signature: signature.toString('base64'), verifier: pemVerifier(by) }],
  };
}

function hashedRekord(signature: Buffer, content: Buffer, algorithm: string, by: Issued | KeyPair): Json {
  return {
    kind: 'hashedrekord',
    apiVersion: '0.0.1',
    spec: {
      data: { hash: { algorithm, value: createHash(algorithm).update(content).digest('hex') } },
      signature: { content: signature.toString('base64'), publicKey: { content: pemVerifier(by) } },
    },
  };
}

const KEY_DETAILS: Readonly<Record<string, string>> = {
  prime256v1: 'PKIX_ECDSA_P256_SHA_256',
  secp384r1: 'PKIX_ECDSA_P384_SHA_384',
  secp521r1: 'PKIX_ECDSA_P521_SHA_512',
};

function keyDetailsOfRsa({ asymmetricKeyDetails }: KeyObject): string {
  return `PKIX_RSA_PKCS1V15_${asymmetricKeyDetails?.modulusLength ?? 0}_SHA256`;
}

function rekorV2Body(signature: Buffer, digest: Buffer, algorithm: string, by: Issued | KeyPair): Json {
  const { publicKey } = isCertificate(by) ? by.keys : by;
  const keyDetails = KEY_DETAILS[publicKey.asymmetricKeyDetails?.namedCurve ?? ''] ?? keyDetailsOfRsa(publicKey);
  const verifier = isCertificate(by)
    ? { x509Certificate: { rawBytes: by.der.toString('base64') }, keyDetails }
    : { publicKey: { rawBytes: by.spki.toString('base64') }, keyDetails };
  return {
    kind: 'hashedrekord',
    apiVersion: '0.0.2',
    spec: {
      hashedRekordV002: {
        data: { algorithm: `SHA2_${algorithm.slice(3)}`, digest: digest.toString('base64') },
        signature: { content: signature.toString('base64'), verifier },
      },
    },
  };
}

export const PLACE = { kind: 'fallback-tag', location: 'registry.test/acme/config@sha256:11' } as const;
export const DIGEST = Digest.parse(`sha256:${'ab'.repeat(32)}`);
export const OTHER_DIGEST = Digest.parse(`sha256:${'cd'.repeat(32)}`);
export const ARTIFACT: SignedArtifact & { readonly kind: 'oci' } = {
  kind: 'oci',
  digest: DIGEST,
  repository: 'registry.test/acme/config',
  tag: '1.2.3',
};

export function statement(change: (statement: Json) => void = () => undefined): string {
  const value: Json = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: DIGEST.slice(7) }, annotations: {} }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  };
  change(value);
  return JSON.stringify(value);
}

export function simpleSigning(change: (payload: Json) => void = () => undefined): string {
  const value: Json = {
    critical: {
      identity: { 'docker-reference': 'registry.test/acme/config' },
      image: { 'docker-manifest-digest': DIGEST },
      type: 'cosign container image signature',
    },
    optional: null,
  };
  change(value);
  return JSON.stringify(value);
}

export const asCandidate = (bundle: Json): Extract<SignatureCandidate, { format: 'bundle' }> => ({
  format: 'bundle',
  place: PLACE,
  content: Buffer.from(JSON.stringify(bundle)),
});

/** Reaches into a bundle: `set(bundle, ['a', 0, 'b'], value)`; undefined removes. */
export function change(target: unknown, path: readonly (string | number)[], value: unknown): void {
  const [step, ...rest] = path;
  if (step === undefined || typeof target !== 'object' || target === null) throw new TypeError(`no ${String(step)}`);
  if (rest.length > 0) change(Reflect.get(target, step), rest, value);
  else if (value === undefined) Reflect.deleteProperty(target, step);
  else Reflect.set(target, step, value);
}

/** The very object, so that it can be changed. */
function record(value: unknown): Json {
  if (!isRecord(value)) throw new TypeError('not an object');
  return value;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
