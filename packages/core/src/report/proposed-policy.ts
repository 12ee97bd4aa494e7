import type { PgpSigner } from '../verdict/verdict.ts';

export interface AcceptedSource {
  readonly project: string;
  readonly repoURL: string;
  readonly chart: string;
  readonly signer: PgpSigner;
  /** Keys that the entry in force trusts already; kept in the proposal, before the new one. */
  readonly trusted: readonly string[];
}

/**
 * The entry of `argocd-source-integrity-cm` that would accept exactly this signer for exactly this chart, as YAML.
 * Chart, URL and user IDs are the attacker's words: JSON strings are YAML's double-quoted scalars, and a comment
 * ends at any line break, so none is let through.
 */
export function proposedPolicy({ project, repoURL, chart, signer, trusted }: AcceptedSource): string {
  const [userId] = signer.userIds;
  const keys = trusted.filter((key) => key !== signer.fingerprint).map((key) => `            - ${JSON.stringify(key)}`);
  return [
    `project.${project}: |`,
    '  helm:',
    '    policies:',
    '      - repos:',
    `          - url: ${JSON.stringify(repoURL)}`,
    `        charts: [${JSON.stringify(literalGlob(chart))}]`,
    '        gpg:',
    '          mode: provenance',
    '          keys:',
    ...keys,
    `            - ${JSON.stringify(signer.fingerprint)}${userId === undefined ? '' : ` # ${oneLine(userId)}`}`,
    '',
  ].join('\n');
}

/** A glob that matches `text` alone. */
function literalGlob(text: string): string {
  return text.replace(/[\\*?[\]{}!]/g, String.raw`\$&`);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/gu, '\u{FFFD}').slice(0, 200);
}
