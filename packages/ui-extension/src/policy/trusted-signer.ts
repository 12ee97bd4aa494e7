/** What an entry for signatures trusts: a key of argocd-cosign-keys-cm, or an identity that an issuer vouches for. */
export interface TrustedSignerText {
  readonly name: string;
  /** Null: a key. */
  readonly issuer: string | null;
}

/** Reads what travels as one text: `subject (issuer)`, where names of keys have neither space nor bracket. */
export function trustedSigner(text: string): TrustedSignerText {
  const at = text.endsWith(')') ? text.lastIndexOf(' (') : -1;
  return at === -1 ? { name: text, issuer: null } : { name: text.slice(0, at), issuer: text.slice(at + 2, -1) };
}
