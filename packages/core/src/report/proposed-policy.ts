import { matchesSigner } from '../pgp/key-reference.ts';
import type { HelmPolicy, PolicyEntryName, PolicySet } from '../policy/policy-set.ts';
import { type PolicySource, sourceForms } from '../policy/source-forms.ts';
import type { PgpSigner } from '../verdict/verdict.ts';

export interface AcceptedSource {
  readonly project: string;
  readonly source: PolicySource;
  readonly signer: PgpSigner;
  /** The entries in force that require provenance of this source; each of them must hold. */
  readonly requiring: readonly HelmPolicy[];
  readonly policy: Pick<PolicySet, 'baseline'>;
}

/**
 * The entries of `argocd-source-integrity-cm` that would accept exactly this signer for exactly this chart beside the
 * keys that are trusted already, as YAML: one for each entry in force that does not, to be written before it, or one
 * for the project where none is in force. Null where no entry could name the source.
 *
 * Chart, URL and user IDs are the attacker's words: JSON strings are YAML's double-quoted scalars, and a comment
 * ends at any line break, so none is let through.
 */
export function proposedPolicy({ project, source, signer, requiring, policy }: AcceptedSource): string | null {
  const forms = sourceForms(source);
  // A ConfigMap has no other keys than these.
  if ('unclear' in forms || source.chart === null || !/^[-._a-zA-Z0-9]+$/.test(project)) return null;
  const url = forms.texts.find(({ form }) => form === 'normal')?.text ?? '';
  const distrusting = requiring.filter(({ keys }) => !keys.some((key) => matchesSigner(key, signer)));
  const wanted: readonly (readonly [entry: string, trusted: readonly string[]])[] =
    requiring.length === 0
      ? [[`project.${project}`, []]]
      : distrusting.map(({ ref, keys }) => [ref.entry, keys] as const);
  const [userId] = signer.userIds;
  const comment = userId === undefined ? '' : ` # ${oneLine(userId)}`;
  const lines: string[] = [];
  for (const [entry, trusted] of wanted) {
    lines.push(`${entry}: |`);
    if (entry === BASELINE) lines.push(`  unmatched: ${policy.baseline?.unmatched ?? 'allow'}`);
    lines.push(
      '  helm:',
      '    policies:',
      '      - repos:',
      `          - url: ${JSON.stringify(literalGlob(url))}`,
      `        charts: [${JSON.stringify(literalGlob(source.chart))}]`,
      '        gpg:',
      '          mode: provenance',
      '          keys:',
      ...trusted.map((key) => `            - ${JSON.stringify(key)}`),
      `            - ${JSON.stringify(signer.fingerprint)}${comment}`,
    );
  }
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}

const BASELINE: PolicyEntryName = 'all-projects';

/** A glob that matches `text` alone. */
function literalGlob(text: string): string {
  return text.replace(/[\\*?[\]{}!]/g, String.raw`\$&`);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu, '\u{FFFD}').slice(0, 200);
}
