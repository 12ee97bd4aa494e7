import { matchesSigner } from '../pgp/key-reference.ts';
import type { HelmPolicy, PolicyEntryName, PolicySet } from '../policy/policy-set.ts';
import { type PolicySource, sourceForms } from '../policy/source-forms.ts';
import type { PgpSigner } from '../verdict/verdict.ts';
import { type AcceptingSignature, signatureEntry } from './proposed-signature.ts';

export interface AcceptedSource {
  readonly project: string;
  readonly source: PolicySource;
  /** Who signed the provenance file; null: nobody whom an entry would have to accept. */
  readonly signer: PgpSigner | null;
  /** The entries in force that require provenance of this source; each of them must hold. */
  readonly requiring: readonly HelmPolicy[];
  /** cosign signatures that would be accepted, one for each entry that does not accept any. */
  readonly signatures?: readonly AcceptingSignature[];
  readonly policy: Pick<PolicySet, 'baseline'>;
}

/** One item of `policies` of one list in an entry of the ConfigMap. */
interface Proposal {
  readonly entry: string;
  readonly list: 'helm' | 'oci';
  readonly lines: readonly string[];
}

/**
 * The entries of `argocd-source-integrity-cm` that would accept exactly this signer for exactly this source beside what
 * is trusted already, as YAML: one for each entry in force that does not, to be written before it, or one for the
 * project where none is in force. Null where no entry could name the source or the signer.
 *
 * Chart, URL, user IDs and identities are the attacker's words: JSON strings are YAML's double-quoted scalars, and a
 * comment ends at any line break, so none is let through.
 */
export function proposedPolicy(accepted: AcceptedSource): string | null {
  const { project, source, policy } = accepted;
  const forms = sourceForms(source);
  // A ConfigMap has no other keys than these.
  if ('unclear' in forms || !/^[-._a-zA-Z0-9]+$/.test(project)) return null;
  const textOf = (wanted: 'normal' | 'artifact'): string =>
    literalGlob(forms.texts.find(({ form }) => form === wanted)?.text ?? '');
  const charts = chartProposals(accepted, textOf('normal'));
  const artifacts = signatureProposals(accepted, textOf(source.chart === null ? 'normal' : 'artifact'));
  if (charts === null || artifacts === null) return null;
  const proposals = [...charts, ...artifacts];
  const entries = [...new Set(proposals.map(({ entry }) => entry))];
  const lines = entries.flatMap((entry) =>
    entryLines(
      entry,
      policy,
      proposals.filter((proposal) => proposal.entry === entry),
    ),
  );
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}

const BASELINE: PolicyEntryName = 'all-projects';

function chartProposals({ project, source, signer, requiring }: AcceptedSource, url: string): Proposal[] | null {
  if (signer === null) return [];
  if (source.chart === null) return null;
  const { chart } = source;
  const distrusting = requiring.filter(({ keys }) => !keys.some((key) => matchesSigner(key, signer)));
  const wanted: readonly (readonly [entry: string, trusted: readonly string[]])[] =
    requiring.length === 0
      ? [[`project.${project}`, []]]
      : distrusting.map(({ ref, keys }) => [ref.entry, keys] as const);
  const [userId] = signer.userIds;
  const comment = userId === undefined ? '' : ` # ${oneLine(userId)}`;
  return wanted.map(([entry, trusted]) => ({
    entry,
    list: 'helm',
    lines: [
      '- repos:',
      `    - url: ${JSON.stringify(url)}`,
      `  charts: [${JSON.stringify(literalGlob(chart))}]`,
      '  gpg:',
      '    mode: provenance',
      '    keys:',
      ...trusted.map((key) => `      - ${JSON.stringify(key)}`),
      `      - ${JSON.stringify(signer.fingerprint)}${comment}`,
    ],
  }));
}

function signatureProposals({ project, signatures = [] }: AcceptedSource, url: string): Proposal[] | null {
  const proposals: Proposal[] = [];
  for (const accepting of signatures) {
    const lines = signatureEntry(url, accepting);
    if (lines === null) return null;
    proposals.push({ entry: accepting.entry ?? `project.${project}`, list: 'oci', lines });
  }
  return proposals;
}

function entryLines(entry: string, { baseline }: AcceptedSource['policy'], proposals: readonly Proposal[]): string[] {
  const unmatched = entry === BASELINE ? [`  unmatched: ${baseline?.unmatched ?? 'allow'}`] : [];
  return [`${entry}: |`, ...unmatched, ...proposals.flatMap(listOf)];
}

function listOf({ list, lines }: Proposal): string[] {
  return [`  ${list}:`, '    policies:', ...lines.map((line) => `      ${line}`)];
}

/** A glob that matches `text` alone. */
function literalGlob(text: string): string {
  return text.replace(/[\\*?[\]{}!]/g, String.raw`\$&`);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}]/gu, '\u{FFFD}').slice(0, 200);
}
