import type { KeyPair } from './issue.ts';

/** What the admission listener serves, kept current while it runs. */
export interface Certificates {
  /** The certificate to begin with; `serve` is called with each that takes its place. Throws where there is none. */
  readonly start: (serve: (pair: KeyPair) => void) => Promise<KeyPair>;
  /** What an administrator should know, as whole sentences. */
  readonly notes: () => readonly string[];
  /** The ends of what is in use; null where it is not known. */
  readonly expiry: () => { readonly serving: Date | null; readonly authority: Date | null };
  readonly close: () => Promise<void>;
}

/** Something that could not be renewed or read: logged, counted, told by /readyz, and tried again. */
export interface CertificateFault {
  readonly step: 'secret' | 'webhook' | 'files';
  /** A whole sentence. */
  readonly sentence: string;
}

/** How faults get to people. */
export type OnCertificateFault = (fault: CertificateFault) => void;
