import { type ClearSignOutcome, decodeClearSigned } from '../pgp/clearsign.ts';
import { parseProvenanceDocument, type ProvenanceDocumentOutcome } from './provenance-document.ts';

/** A provenance file taken apart. Nothing in it has been believed yet. */
export interface ProvenanceReading {
  readonly signed: ClearSignOutcome;
  /** Null where there is no signed text. */
  readonly document: ProvenanceDocumentOutcome | null;
}

/** Reading depends on the bytes alone, and takes longer than judging them. Forgotten together with the bytes. */
const readings = new WeakMap<Uint8Array, ProvenanceReading>();

/** Takes a provenance file apart, once for the same piece of memory, which nobody writes to after it was received. */
export function readProvenance(bytes: Uint8Array): ProvenanceReading {
  const known = readings.get(bytes);
  if (known !== undefined) return known;
  const signed = decodeClearSigned(bytes);
  const document = 'message' in signed ? parseProvenanceDocument(signed.message.text) : null;
  const reading = { signed, document };
  readings.set(bytes, reading);
  return reading;
}
