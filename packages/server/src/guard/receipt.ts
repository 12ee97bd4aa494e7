import { sign, verify, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import type { GuardedPull, Receipt } from './wire.ts';

const Text = z.object({ verified: z.string(), policy: z.string(), until: z.string() });

/** As long as Argo CD keeps a chart itself. */
const COUNTS_MS = 24 * 60 * 60 * 1000;
/** A purpose of its own: nothing else that this key signs can be taken for a receipt. */
const PURPOSE = 'source-integrity receipt v1\n';

interface ServingPair {
  readonly cert: string;
  readonly key: string;
}

/** Issues receipts with whatever certificate the admission listener has at that moment. */
export class Receipts {
  #pair: ServingPair | null = null;

  use(pair: ServingPair): void {
    this.#pair = pair;
  }

  /** `policy` is the digest of the policy by which the chart was verified. Null without a certificate. */
  issue(call: GuardedPull, policy: string, now: Date): Receipt | null {
    if (this.#pair === null) return null;
    const { cert, key } = this.#pair;
    const until = new Date(now.getTime() + COUNTS_MS).toISOString();
    const text = JSON.stringify({ verified: nameOf(call), policy, until } satisfies z.infer<typeof Text>);
    return { text, signature: sign('sha256', Buffer.from(PURPOSE + text), key).toString('base64'), certificate: cert };
  }
}

/** What a receipt has to be for. */
export interface Vouched {
  readonly call: GuardedPull;
  /** Digest of the policy in force. */
  readonly policy: string;
  /** PEM bundle that the server's certificate has to be issued by. */
  readonly authority: string;
  readonly now: Date;
}

/**
 * Whether a receipt says that exactly these bytes were verified under this policy, less than a day ago. Whoever can
 * write where receipts are kept can write none that counts.
 */
export function vouchesFor(receipt: Receipt, { call, policy, authority, now }: Vouched): boolean {
  try {
    const certificate = new X509Certificate(receipt.certificate);
    const isIssued = authorities(authority).some(
      (each) => certificate.checkIssued(each) && certificate.verify(each.publicKey) && isValid(each, now),
    );
    if (!isIssued || !isValid(certificate, now)) return false;
    const signature = Buffer.from(receipt.signature, 'base64');
    if (!verify('sha256', Buffer.from(PURPOSE + receipt.text), certificate.publicKey, signature)) return false;
    const text = Text.safeParse(JSON.parse(receipt.text));
    if (!text.success) return false;
    const { verified, policy: under, until } = text.data;
    return verified === nameOf(call) && under === policy && now < new Date(until);
  } catch {
    return false;
  }
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  return validFromDate <= now && now <= validToDate;
}

/** A bundle holds the authority before as well while it is being replaced. */
function authorities(bundle: string): X509Certificate[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.slice(0, 20).map((block) => new X509Certificate(block));
}

function nameOf({ repository, registry, chart, version, passCredentials, digest }: GuardedPull): string {
  return JSON.stringify([repository, registry, chart, version, passCredentials, digest]);
}
