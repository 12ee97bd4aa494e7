import { readFile } from 'node:fs/promises';
import type { Certificates, OnCertificateFault } from './certificates.ts';
import type { KeyPair } from './issue.ts';
import { Rounds } from './rounds.ts';
import { expiryOf, isPair } from './stored.ts';
import type { WebhookConfigurations } from './webhook-configurations.ts';

export interface FileCertificatesOptions {
  readonly certFile: string;
  readonly keyFile: string;
  /** Whose failure policy is looked at; null where no API server is read. */
  readonly webhooks: WebhookConfigurations | null;
  readonly now: () => Date;
  readonly onFault: OnCertificateFault;
  /** Milliseconds between two looks at the files. */
  readonly intervalMs?: number;
}

/**
 * A certificate that somebody else renews, such as cert-manager by a mounted Secret. The files are read again and
 * again rather than watched: kubelet swaps a link above them. A pair that does not fit is not taken.
 */
export class FileCertificates implements Certificates {
  readonly #options: FileCertificatesOptions;
  readonly #rounds: Rounds;
  #serve: (pair: KeyPair) => void = () => undefined;
  #served: KeyPair | null = null;
  #fault: string | null = null;

  constructor(options: FileCertificatesOptions) {
    this.#options = options;
    this.#rounds = new Rounds(
      async () => {
        if (this.#served !== null) await this.#round(this.#served);
        await options.webhooks?.look();
        return options.intervalMs ?? 10_000;
      },
      (error) => {
        options.onFault({ step: 'files', sentence: `The certificates of the webhooks failed: ${String(error)}.` });
      },
    );
  }

  async start(serve: (pair: KeyPair) => void): Promise<KeyPair> {
    const read = await this.#read();
    if ('fault' in read) throw new Error(read.fault);
    this.#served = read.pair;
    this.#serve = serve;
    void this.#rounds.start();
    return read.pair;
  }

  notes(): readonly string[] {
    const { serving } = this.expiry();
    const expired =
      serving !== null && serving <= this.#options.now() ? ['The certificate of the webhooks has expired.'] : [];
    return [...(this.#fault === null ? [] : [this.#fault]), ...expired];
  }

  expiry(): ReturnType<Certificates['expiry']> {
    return { serving: this.#served === null ? null : expiryOf(this.#served.cert), authority: null };
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #round(served: KeyPair): Promise<void> {
    const read = await this.#read();
    if ('fault' in read) {
      // The two files are not replaced at one moment for whoever reads them: one odd look is none.
      if (this.#fault === null) this.#fault = read.fault;
      else this.#options.onFault({ step: 'files', sentence: read.fault });
      return;
    }
    this.#fault = null;
    if (read.pair.cert === served.cert && read.pair.key === served.key) return;
    this.#served = read.pair;
    this.#serve(read.pair);
  }

  async #read(): Promise<{ readonly pair: KeyPair } | { readonly fault: string }> {
    const { certFile, keyFile } = this.#options;
    try {
      const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
      if (isPair({ cert, key })) return { pair: { cert, key } };
      return { fault: `${certFile} and ${keyFile} are not a certificate and its key.` };
    } catch {
      return { fault: `${certFile} and ${keyFile} cannot be read.` };
    }
  }
}
