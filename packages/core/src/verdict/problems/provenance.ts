import type { ProblemEntries } from '../problem.ts';

/** Problems of a Helm provenance file, and of a chart that is compared with it. */
export type ProvenanceProblems = {
  'provenance-missing': { readonly searched: readonly string[] };
  /** `found` says what was there instead: "an HTML page", "an empty file". */
  'provenance-not-a-provenance-file': { readonly location: string; readonly found: string };
  'provenance-too-large': { readonly location: string; readonly limitBytes: number };
  /** A signed message that is not the two parts that Helm signs. */
  'provenance-malformed': { readonly reason: string };
  'provenance-files-unreadable': { readonly reason: string; readonly line: number | null };
  'chart-not-listed': { readonly actual: string; readonly digest: string; readonly expected: string };
  'chart-digest-mismatch': { readonly file: string; readonly expected: string; readonly actual: string };
  /** The right digest in a spelling that Helm doesn't take: no label, another label, upper-case hex. */
  'chart-digest-misspelt': { readonly file: string; readonly expected: string; readonly actual: string };
  'file-name-differs': { readonly expected: string; readonly actual: string };
  'metadata-mismatch': {
    readonly field: string;
    /** The two places that are compared: "signed metadata and Chart.yaml". */
    readonly where: string;
    readonly expected: string;
    readonly actual: string;
  };
  'signed-metadata-unreadable': { readonly reason: string; readonly line: number | null };
  'chart-metadata-unreadable': { readonly reason: string; readonly line: number | null };
  'index-digest-mismatch': { readonly expected: string; readonly actual: string };
};

export const provenanceProblems: ProblemEntries<ProvenanceProblems> = {
  'provenance-missing': {
    consequence: 'unsigned',
    responsible: 'chart maintainer',
    sentence: (subject, { searched }) => `${subject} has no provenance file (looked at ${searched.join(', ')})`,
    remedy: () =>
      'Sign the chart with helm package --sign and publish the .prov file beside the .tgz, or ask its maintainers to. To deploy it unsigned, an administrator can set mode: none for it.',
  },
  'provenance-not-a-provenance-file': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { location, found }) =>
      `${subject} has no usable signature: the repository serves ${found} in place of its provenance file (${location})`,
    remedy: () =>
      'Open the address and see what the repository answers there. It has to serve the signed .prov file, or 404 if the chart is not signed.',
  },
  'provenance-too-large': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { location, limitBytes }) =>
      `${subject} has a provenance file of more than ${limitBytes} bytes at ${location}, which is not read`,
    remedy: () => 'Check what is published there; provenance files are a few kilobytes long.',
  },
  'provenance-malformed': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { reason }) => `${subject} has a provenance file that is not one of Helm's: ${reason}`,
    remedy: () => 'Make the file again with helm package --sign and publish it unchanged.',
  },
  'provenance-files-unreadable': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { reason, line }) =>
      `${subject} has a provenance file whose list of files can't be read: ${reason}${atLine(line)}`,
    remedy: () => 'Make the file again with helm package --sign and publish it unchanged.',
  },
  'chart-not-listed': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    compares: 'file',
    sentence: (subject, { expected, actual }) =>
      `${subject} comes with the provenance file of something else: it is about ${expected === '' ? 'no file at all' : expected}, not about ${actual}`,
    remedy: () =>
      'Publish the provenance file that was made with this very chart. If the repository has mixed up versions, fetch both files again; if it persists, treat the chart as not signed.',
  },
  'chart-digest-mismatch': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    compares: 'digest',
    sentence: (subject, { file }) =>
      `${subject} is not what was signed: the SHA-256 of ${file} is another than the signed one`,
    remedy: () =>
      'Do not deploy it: the chart was changed or replaced after signing. Ask the maintainers whether they published it again, and for a chart with its own signature.',
  },
  'chart-digest-misspelt': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    compares: 'digest',
    sentence: (subject, { file }) =>
      `${subject} has a provenance file that gives the digest of ${file} in a form that Helm does not accept`,
    remedy: () => 'Make the file again with helm package --sign: the digest is sha256: and 64 lower-case hex digits.',
  },
  'file-name-differs': {
    consequence: 'warning',
    responsible: 'chart maintainer',
    compares: 'file name',
    sentence: (subject, { expected, actual }) =>
      `${subject} was signed under the file name ${expected} and is served as ${actual}`,
    remedy: () =>
      'Nothing has to be done: the signed digest is this chart. helm verify refuses it until the file has its signed name.',
  },
  'metadata-mismatch': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    compares: ({ field }) => field,
    sentence: (subject, { field, where, expected, actual }) =>
      `${subject} is not the chart that it claims to be: the ${field} differs between ${where} (${expected} and ${actual})`,
    remedy: () =>
      'Do not deploy it before this is explained: a correctly signed chart may be served in place of another one. Compare the repository with what its maintainers published.',
  },
  'signed-metadata-unreadable': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { reason, line }) =>
      `${subject} can't be compared with what was signed: the metadata in the provenance file can't be read, ${reason}${atLine(line)}`,
    remedy: () =>
      'Make the file again with helm package --sign. An administrator can accept such files with strictRules metadata: accept.',
  },
  'chart-metadata-unreadable': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { reason, line }) => `${subject} has a Chart.yaml that can't be read: ${reason}${atLine(line)}`,
    remedy: () => 'Correct Chart.yaml, and package and sign the chart again.',
  },
  'index-digest-mismatch': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    compares: 'digest',
    sentence: (subject) =>
      `${subject} is not what the repository's index promises: index.yaml has another digest for it`,
    remedy: () =>
      'Run helm repo index again over the published charts, and find out which of the two was changed. Helm itself does not compare them.',
  },
};

function atLine(line: number | null): string {
  return line === null ? '' : ` (line ${line})`;
}
