import type { HistoryEntry, Report, SourceReport } from '@source-integrity/core/contract';
import { signerIdentity, signerName, signersOf } from '../sentence/signer-name.ts';

type Revision = Pick<SourceReport, 'revision' | 'digest'>;

/** Argo CD names what it has deployed by version; what lies in a registry also by digest. */
export function isDeployed({ revision, digest }: Revision, deployed: string | undefined): boolean {
  return deployed !== undefined && (deployed === revision || deployed === digest);
}

/** The newest verification of what Argo CD says is deployed. Git sources, which are not verified here, fit any. */
export function deployedEntry(entries: readonly HistoryEntry[], deployed: readonly string[]): HistoryEntry | undefined {
  return entries.find(
    ({ sources }) =>
      sources.length === deployed.length &&
      sources.some((source, index) => isDeployed(source, deployed[index])) &&
      sources.every((source, index) => source.revision === null || isDeployed(source, deployed[index])),
  );
}

/** The last time that the very same revisions were well, where they no longer are: a key was revoked, a policy changed. */
export function goodBefore(entries: readonly HistoryEntry[], report: Report): HistoryEntry | undefined {
  const isGood = (status: Report['status']): boolean => status === 'verified' || status === 'partially-verified';
  if (isGood(report.status) || report.status === 'not-required') return undefined;
  const revisions = (sources: readonly Pick<SourceReport, 'name' | 'revision'>[]): string =>
    JSON.stringify(sources.map(({ name, revision }) => [name, revision]));
  const wanted = revisions(report.sources);
  return entries.find((entry) => isGood(entry.status) && revisions(entry.sources) === wanted);
}

/** What a sync would bring that what is deployed did not have. */
export type Novelty =
  | { readonly kind: 'signer'; readonly source: string; readonly before: string; readonly now: string }
  | { readonly kind: 'unsigned'; readonly source: string; readonly before: string }
  | { readonly kind: 'bytes'; readonly source: string; readonly revision: string };

/** Compares each source with what a verification of the deployed revisions found. */
export function noveltiesSince(entry: HistoryEntry, report: Report): readonly Novelty[] {
  return report.sources.flatMap((source, index) => {
    const before = entry.sources[index];
    return before === undefined || before.name !== source.name ? [] : noveltiesOf(source, before);
  });
}

function noveltiesOf(source: SourceReport, before: HistoryEntry['sources'][number]): Novelty[] {
  const novelties: Novelty[] = [];
  const now = signersOf(source.verdict);
  const [first] = before.signers;
  if (first !== undefined) {
    const known = new Set(before.signers.map(signerIdentity));
    const stranger = now[0];
    if (stranger !== undefined && !now.some((signer) => known.has(signerIdentity(signer)))) {
      novelties.push({ kind: 'signer', source: source.name, before: signerName(first), now: signerName(stranger) });
    }
    if (source.verdict.status === 'unsigned') {
      novelties.push({ kind: 'unsigned', source: source.name, before: signerName(first) });
    }
  }
  const { revision, digest } = source;
  if (revision !== null && revision === before.revision && digest !== null && before.digest !== null) {
    if (digest !== before.digest) novelties.push({ kind: 'bytes', source: source.name, revision });
  }
  return novelties;
}
