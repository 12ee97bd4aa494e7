import type { CosignSigner } from '@source-integrity/core/contract';
import type { Row } from './page.ts';

const FORMATS: Readonly<Record<CosignSigner['format'], string>> = {
  bundle: 'Sigstore bundle',
  legacy: 'simple signing (.sig)',
};

const TIMES = { 'transparency-log': 'transparency log', 'timestamp-authority': 'timestamp authority' } as const;

/** Who made a cosign signature, when as far as others saw it, and where it lies. */
export function cosignSignerRows(signer: CosignSigner): Row[] {
  const { algorithm, hash, format, location, logIndex, claimedReference } = signer;
  return [
    ...whoRows(signer),
    ['algorithm', hash === null ? algorithm : `${algorithm}, ${hash}`],
    ...(logIndex === null ? [] : [['log index', String(logIndex)]]),
    ['format', FORMATS[format]],
    ['signature', location],
    ...(claimedReference === null ? [] : [['signed for', `${claimedReference} (says the signature; not checked)`]]),
  ];
}

function whoRows(signer: CosignSigner): Row[] {
  switch (signer.kind) {
    case 'cosign-key':
      return [
        ['key', signer.keyName],
        ['fingerprint', signer.fingerprint],
        ['signed at', signer.signedAt ?? 'unknown: no log and no authority that is trusted saw it'],
      ];
    case 'keyless': {
      const { subject, issuer, workflow, signedAt, timeSource } = signer;
      const build = Object.entries(workflow ?? {}).flatMap(([name, text]): Row[] =>
        text === null ? [] : [[name, text]],
      );
      return [['identity', subject], ['issuer', issuer], ...build, ['signed at', `${signedAt} (${TIMES[timeSource]})`]];
    }
  }
}
