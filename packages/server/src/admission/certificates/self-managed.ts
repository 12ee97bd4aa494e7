import { createPrivateKey } from 'node:crypto';
import type { CertificateSecret } from './certificate-secret.ts';
import type { CertificateFault, Certificates, OnCertificateFault } from './certificates.ts';
import { issueAuthority, issueServing, type KeyPair } from './issue.ts';
import { Rounds } from './rounds.ts';
import { expiryOf, isIssuedBy, renewed, type StoredCertificates } from './stored.ts';
import type { WebhookConfigurations } from './webhook-configurations.ts';

export interface SelfManagedOptions {
  readonly secret: CertificateSecret;
  readonly webhooks: WebhookConfigurations;
  /** DNS names and IP addresses by which the API server asks. */
  readonly names: readonly string[];
  readonly now: () => Date;
  readonly onFault: OnCertificateFault;
  /** Milliseconds between two looks, and after one that failed or changed something. */
  readonly intervals?: { readonly steady: number; readonly soon: number };
}

const INTERVALS = { steady: 10_000, soon: 5_000 };

/**
 * Certificates of an authority of our own. Nothing is served before the webhook configurations trust its authority,
 * as long as what is served now still holds: so neither a new certificate nor a new authority is ever an outage.
 */
export class SelfManagedCertificates implements Certificates {
  readonly #options: SelfManagedOptions;
  readonly #rounds: Rounds;
  #serve: (pair: KeyPair) => void = () => undefined;
  #served: KeyPair | null = null;
  #temporary = false;
  #stored: StoredCertificates | null = null;
  #faults: readonly CertificateFault[] = [];

  constructor(options: SelfManagedOptions) {
    this.#options = options;
    const { steady, soon } = options.intervals ?? INTERVALS;
    this.#rounds = new Rounds(
      async () => ((await this.#round()) ? steady : soon),
      (error) => {
        this.#tell([{ step: 'secret', sentence: `The certificates of the webhooks failed: ${String(error)}.` }]);
      },
    );
  }

  async start(serve: (pair: KeyPair) => void): Promise<KeyPair> {
    await this.#rounds.start();
    // Without the API server nobody asks; it is served in the meantime, and trusted by nobody.
    this.#served ??= this.#temporaryPair();
    this.#serve = serve;
    return this.#served;
  }

  notes(): readonly string[] {
    const now = this.#options.now();
    const expiry = this.expiry().serving;
    const expired = expiry !== null && expiry <= now ? ['The certificate of the webhooks has expired.'] : [];
    const temporary = this.#temporary ? ['The certificate of the webhooks is one that no API server trusts yet.'] : [];
    return [...this.#faults.map(({ sentence }) => sentence), ...temporary, ...expired];
  }

  expiry(): ReturnType<Certificates['expiry']> {
    const [authority] = this.#stored?.authorities ?? [];
    return {
      serving: this.#served === null ? null : expiryOf(this.#served.cert),
      authority: authority === undefined ? null : expiryOf(authority),
    };
  }

  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** Whether all is as it should be. */
  async #round(): Promise<boolean> {
    const { secret, webhooks, names, now } = this.#options;
    const agreed = await secret.agree((stored) => renewed(stored, names, now()));
    if ('failure' in agreed) {
      this.#tell([
        {
          step: 'secret',
          sentence: `The Secret with the certificates of the webhooks cannot be used: ${agreed.failure.reason}.`,
        },
      ]);
      return false;
    }
    const stored = agreed.value;
    this.#stored = stored;
    const { inForce, faults } = await webhooks.trust(stored.authorities);
    this.#tell(faults.map((sentence) => ({ step: 'webhook' as const, sentence })));
    if (this.#served?.cert !== stored.serving.cert) {
      const trusted = [...inForce].some((authority) => isIssuedBy(stored.serving.cert, authority));
      if (!trusted && this.#holds()) return false;
      this.#served = stored.serving;
      this.#temporary = false;
      this.#serve(stored.serving);
    }
    return faults.length === 0;
  }

  /** Whether what is served now is trusted, and will be for the moment. */
  #holds(): boolean {
    if (this.#served === null || this.#temporary) return false;
    const expiry = expiryOf(this.#served.cert);
    return expiry !== null && this.#options.now() < expiry;
  }

  #temporaryPair(): KeyPair {
    const { names, now } = this.#options;
    this.#temporary = true;
    const authority = issueAuthority(now());
    return issueServing({ cert: authority.cert, key: createPrivateKey(authority.key) }, names, now());
  }

  #tell(faults: readonly CertificateFault[]): void {
    this.#faults = faults;
    for (const fault of faults) this.#options.onFault(fault);
  }
}
