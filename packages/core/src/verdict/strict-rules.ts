import * as z from 'zod/mini';

const Rule = z.enum(['reject', 'accept']);

/**
 * Rules beyond Helm's own, each on unless an administrator switches it off. With `accept`, what Helm 4.3 accepts is
 * accepted here too, and the problem becomes a warning.
 */
export const StrictRules = z.object({
  /** Signatures over a SHA-1 digest (RFC 9580, section 9.5: deprecated; collisions are practical). */
  sha1: Rule,
  /** Signatures by DSA keys (RFC 9580, section 9.1: deprecated). */
  dsa: Rule,
  /** Signatures by RSA keys of fewer than 2048 bits. */
  rsaBelow2048: Rule,
  /** Signed metadata, Chart.yaml and the requested name and version that are not the same chart. */
  metadata: Rule,
});
export type StrictRules = z.infer<typeof StrictRules>;

export const DEFAULT_STRICT_RULES: StrictRules = {
  sha1: 'reject',
  dsa: 'reject',
  rsaBelow2048: 'reject',
  metadata: 'reject',
};

/** Nothing beyond Helm 4.3: what `--strict-rules off` means. */
export const HELM_RULES: StrictRules = { sha1: 'accept', dsa: 'accept', rsaBelow2048: 'accept', metadata: 'accept' };
