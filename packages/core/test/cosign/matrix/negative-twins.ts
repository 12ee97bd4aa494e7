import { index, OCI_INDEX, OCI_MANIFEST } from '../../oci/registry-fake.ts';
import type { Shop } from '../../verify-artifact-source/shop.ts';
import { change } from '../fake-sigstore.ts';
import { readPath } from '../world.ts';
import {
  content,
  shopOfAll,
  shopWith,
  type Signature,
  type SignedCase,
  signatureLayer,
  signatureOf,
} from './signed-artifacts.ts';

/** One thing that is wrong with a signature which is right otherwise. */
export interface Twin {
  readonly twin: string;
  /** Status, and the first problem. */
  readonly expected: string;
  readonly serve: (referrersApi: boolean) => Shop;
  /** Changes of the policy. */
  readonly asked?: object;
}

/** Another artifact by the same signer. */
const OTHER = '1.2.4';

/** Where a piece of evidence is in a bundle, and in which annotation of a legacy signature. */
interface Piece {
  readonly path: readonly string[];
  readonly annotation: string;
}
const CERTIFICATE: Piece = {
  path: ['verificationMaterial', 'certificate'],
  annotation: 'dev.sigstore.cosign/certificate',
};
const LOG_ENTRY: Piece = { path: ['verificationMaterial', 'tlogEntries'], annotation: 'dev.sigstore.cosign/bundle' };
const TIMESTAMP: Piece = {
  path: ['verificationMaterial', 'timestampVerificationData'],
  annotation: 'dev.sigstore.cosign/rfc3161timestamp',
};
const ALL_MATERIAL: Piece = { path: ['verificationMaterial'], annotation: '' };

export function twinsOf(signed: SignedCase): Twin[] {
  const mine = signatureOf(signed);
  const theirs = signatureOf(signed, OTHER);
  const beside =
    (signature: Signature, tag?: string) =>
    (referrersApi: boolean): Shop =>
      shopWith(signed, signature, referrersApi, tag);
  return [
    { twin: 'the bytes of another artifact', expected: 'failed signed-other-artifact', serve: beside(mine, OTHER) },
    { twin: 'the bundle of another artifact', expected: 'failed signed-other-artifact', serve: beside(theirs) },
    { twin: 'a tampered payload', expected: invalid(signed), serve: beside(tampered(signed, mine), OTHER) },
    { twin: 'a truncated blob', expected: 'indeterminate oci-blob-size', serve: changedBlob(signed, truncated) },
    { twin: 'a changed blob', expected: 'failed oci-digest-mismatch', serve: changedBlob(signed, flipped) },
    { twin: 'an index instead of a manifest', expected: 'unsupported oci-index', serve: asIndex(signed, mine) },
    ...(signed.signer === 'keyless' ? identityTwins(signed, mine, theirs) : keyTwins(signed)),
    ...evidenceTwins(signed, mine, theirs),
  ];

  function keyTwins({ signer }: SignedCase): Twin[] {
    return [
      {
        twin: 'another key',
        expected: 'failed cosign-key-mismatch',
        serve: beside(mine),
        asked: { keys: [`other-${signer}`] },
      },
    ];
  }

  function identityTwins({ cosign }: SignedCase, mine: Signature, theirs: Signature): Twin[] {
    const [identity] = cosign.identities ?? [];
    const asked = (changes: object): object => ({ identities: [{ ...identity, ...changes }] });
    const subject = 'https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/other';
    const optional = { transparencyLog: 'optional' };
    const timeless = without(signed.log === 'v1' ? LOG_ENTRY : TIMESTAMP, mine);
    return [
      {
        twin: 'another identity',
        expected: 'failed identity-mismatch',
        serve: beside(mine),
        asked: asked({ subject }),
      },
      {
        twin: 'another issuer',
        expected: 'failed issuer-mismatch',
        serve: beside(mine),
        asked: asked({ issuer: 'https://accounts.example.com' }),
      },
      {
        twin: 'the certificate of another signature',
        expected: 'failed cosign-signature-invalid',
        serve: beside(exchanged(CERTIFICATE, mine, theirs)),
      },
      {
        twin: 'an expired certificate without a time',
        expected: 'failed trusted-time-missing',
        serve: beside(timeless),
        asked: optional,
      },
    ];
  }

  function evidenceTwins({ log, signer, form }: SignedCase, mine: Signature, theirs: Signature): Twin[] {
    const stamped = log === 'v2' || log === 'none';
    return [
      ...(log === 'none'
        ? []
        : [
            {
              twin: 'the log entry of another signature',
              expected: 'failed log-entry-of-other-signature',
              serve: beside(exchanged(LOG_ENTRY, mine, theirs)),
            },
            {
              twin: 'no log entry',
              // The entry of a Rekor v1 is also what says when.
              expected:
                signer === 'keyless' && log === 'v1' ? 'failed trusted-time-missing' : 'failed log-entry-missing',
              serve: beside(without(LOG_ENTRY, mine)),
            },
          ]),
      ...(signer === 'keyless' && stamped
        ? [
            {
              twin: 'the timestamp of another signature',
              expected: 'failed timestamp-invalid',
              serve: beside(exchanged(TIMESTAMP, mine, theirs)),
            },
          ]
        : []),
      ...(form === 'bundle' && log !== 'none'
        ? [
            {
              twin: 'all material of another bundle',
              expected:
                signer === 'keyless' ? 'failed cosign-signature-invalid' : 'failed log-entry-of-other-signature',
              serve: beside(exchanged(ALL_MATERIAL, mine, theirs)),
            },
          ]
        : []),
    ];
  }
}

function invalid({ signer, form }: SignedCase): string {
  return form === 'bundle' || signer === 'keyless' ? 'failed cosign-signature-invalid' : 'failed cosign-key-mismatch';
}

/** Its payload names the other artifact, beside which it is put. */
function tampered({ name }: SignedCase, signature: Signature): Signature {
  const mine = content.digest(name, '1.2.3').slice(7);
  const theirs = content.digest(name, OTHER).slice(7);
  const renamed = (text: string): Buffer => Buffer.from(text.replaceAll(mine, theirs));
  if (signature.form === 'legacy') return { ...signature, payload: renamed(signature.payload.toString()) };
  const bundle = structuredClone(signature.bundle);
  const payload = Buffer.from(String(readPath(bundle, ['dsseEnvelope', 'payload'])), 'base64').toString();
  change(bundle, ['dsseEnvelope', 'payload'], renamed(payload).toString('base64'));
  return { form: 'bundle', bundle };
}

function exchanged({ path, annotation }: Piece, signature: Signature, from: Signature): Signature {
  if (signature.form === 'legacy' && from.form === 'legacy') {
    return {
      ...signature,
      annotations: { ...signature.annotations, [annotation]: from.annotations[annotation] ?? '' },
    };
  }
  if (signature.form !== 'bundle' || from.form !== 'bundle') throw new Error('they are of different forms');
  const bundle = structuredClone(signature.bundle);
  change(bundle, path, readPath(from.bundle, path));
  return { form: 'bundle', bundle };
}

function without({ path, annotation }: Piece, signature: Signature): Signature {
  if (signature.form === 'legacy') {
    const { [annotation]: _, ...annotations } = signature.annotations;
    return { ...signature, annotations };
  }
  const bundle = structuredClone(signature.bundle);
  change(bundle, path, path === LOG_ENTRY.path ? [] : {});
  return { form: 'bundle', bundle };
}

/** Bytes that are not those of the digest under which the registry serves them. */
function changedBlob(signed: SignedCase, change: (whole: Buffer) => Buffer): Twin['serve'] {
  return (referrersApi) => {
    const shop = shopOfAll(referrersApi);
    const { digest } = signatureLayer(signed);
    shop.registry.storeBlob(digest, change(content.blob(digest)));
    return shop;
  };
}

function truncated(whole: Buffer): Buffer {
  return whole.subarray(0, whole.length / 2);
}

function flipped(whole: Buffer): Buffer {
  return Buffer.from(whole).fill((whole[0] ?? 0) ^ 1, 0, 1);
}

/** The signed manifest is in it, and its signature beside both. */
function asIndex(signed: SignedCase, mine: Signature): Twin['serve'] {
  return (referrersApi) => {
    const shop = shopWith(signed, mine, referrersApi);
    const { name } = signed;
    const digest = content.digest(name, '1.2.3');
    const size = content.manifestText(name, digest)?.length ?? 0;
    shop.registry.push(name, index([{ mediaType: OCI_MANIFEST, digest, size }]), '1.2.3', OCI_INDEX);
    return shop;
  };
}
