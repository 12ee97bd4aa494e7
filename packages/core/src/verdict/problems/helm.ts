import type { ProblemEntries } from '../problem.ts';

/** Problems of target revisions, of the repository's index and of chart archives. */
export type HelmProblems = {
  'revision-empty': Record<never, never>;
  'revision-too-long': { readonly length: number; readonly limit: number };
  'revision-not-understood': { readonly revision: string; readonly comparisonLimit: number };
  'revision-no-match': { readonly revision: string; readonly versions: number; readonly newest: readonly string[] };
  'revision-list-too-long': { readonly versions: number; readonly limit: number };
  'revision-list-invalid': { readonly version: string };
  /** Argo CD shows it as a version, Helm takes it for a range; `full` is what it deploys now. */
  'revision-partial': { readonly revision: string; readonly full: string };

  'index-empty': Record<never, never>;
  'index-html': Record<never, never>;
  /** `line` is null where the reader gives none. */
  'index-unreadable': { readonly line: number | null; readonly detail: string };
  /** `field` is a path such as `entries.payments[3].version`; `detail` completes "… is". */
  'index-invalid': { readonly line: number | null; readonly field: string; readonly detail: string };
  /** Different readers read it differently, so nobody can say what Helm makes of it. */
  'index-ambiguous': { readonly line: number | null; readonly detail: string };
  'index-too-large': { readonly maxBytes: number };
  'index-too-many-entries': { readonly limit: number };
  'index-too-complex': { readonly limitMiB: number };
  'index-too-slow': { readonly limitMs: number };
  'index-reader-failed': { readonly detail: string };
  'chart-not-in-index': { readonly chart: string; readonly similar: readonly string[] };
  'version-not-in-index': { readonly version: string; readonly nearest: readonly string[] };
  'version-ambiguous': { readonly version: string; readonly candidates: readonly string[] };
  'version-without-url': { readonly version: string };

  'chart-url-invalid': { readonly url: string };
  'chart-url-unsupported': { readonly url: string; readonly scheme: string };
  'chart-missing': { readonly url: string; readonly status: number };

  /** `looksLike` says what the bytes are instead: "an HTML page", "a plain tar archive", "something else". */
  'archive-not-gzip': { readonly looksLike: string };
  'archive-truncated': Record<never, never>;
  'archive-damaged': { readonly detail: string };
  'archive-too-large': { readonly maxBytes: number };
  'archive-too-dense': { readonly maxRatio: number };
  'archive-too-many-files': { readonly limit: number };
  'archive-file-too-large': { readonly path: string; readonly maxBytes: number };
  /** `reason` completes "the path …". */
  'archive-path': { readonly path: string; readonly reason: string };
  'archive-link': { readonly path: string; readonly type: string };
  'archive-empty': Record<never, never>;
  'archive-no-chart-yaml': Record<never, never>;
  /** Chart.lock, requirements.yaml, or the Chart.yaml of a vendored chart. */
  'archive-file-unreadable': { readonly path: string; readonly detail: string };
};

const reindex = 'Write the index anew with "helm repo index", or ask who runs the repository to do so.';
const repackage = 'Package the chart again with "helm package" and publish it.';

export const helmProblems: ProblemEntries<HelmProblems> = {
  'revision-empty': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject) => `${subject} could not be checked: its targetRevision is empty`,
    remedy: () => 'Write the full version of the chart into targetRevision.',
  },
  'revision-too-long': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { length, limit }) =>
      `${subject} could not be checked: its targetRevision has ${length} characters, more than the ${limit} that Helm accepts`,
    remedy: () => 'Write the full version of the chart into targetRevision.',
  },
  'revision-not-understood': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { revision }) =>
      `${subject} could not be checked: its targetRevision "${revision}" is neither a version nor a version range, and the repository has no version of that name`,
    brief: ({ revision }) => `could not be checked: its targetRevision "${revision}" is no version and no range`,
    remedy: ({ comparisonLimit }) =>
      `Write a full version (1.2.3) or a range such as ^1.2 into targetRevision. A range may have up to ${comparisonLimit} comparisons.`,
  },
  'revision-no-match': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { revision, versions, newest }) =>
      versions === 0
        ? `${subject} could not be checked: the repository has no version at all, so none is within "${revision}"`
        : `${subject} could not be checked: no version in the repository is within "${revision}"${newest.length > 0 ? ` (the newest ${newest.length === 1 ? 'is' : 'are'} ${newest.join(', ')})` : ''}`,
    remedy: () =>
      'Write a version that exists into targetRevision. Prereleases match only a range that names one itself, such as ^1.2.0-0.',
  },
  'revision-list-too-long': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { versions, limit }) =>
      `${subject} could not be checked: the repository lists ${versions} versions of it, more than the limit of ${limit}`,
    remedy: () => 'Remove versions that nobody needs from the repository.',
  },
  'revision-list-invalid': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { version }) =>
      `${subject} could not be checked: the repository lists a version "${version}" that is no valid version, and Argo CD resolves no range while it is there`,
    brief: ({ version }) => `could not be checked: its repository lists "${version}", which is no version`,
    remedy: ({ version }) =>
      `Remove "${version}" from the repository. Until then write a full version into targetRevision.`,
  },
  'revision-partial': {
    consequence: 'refused',
    responsible: 'application owner',
    sentence: (subject, { revision, full }) =>
      `${subject} is not pinned: Helm takes "${revision}" for a range, which now means ${full}`,
    remedy: ({ full }) => `Write ${full} into targetRevision.`,
  },

  'index-empty': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject) => `${subject} could not be checked: the index.yaml of its repository is empty`,
    remedy: () => reindex,
  },
  'index-html': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject) =>
      `${subject} could not be checked: its repository answers with an HTML page where the index.yaml should be`,
    remedy: () =>
      'Check the repository URL; it may be that of a web page about the repository, or the server may want a login.',
  },
  'index-unreadable': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { line, detail }) =>
      `${subject} could not be checked: the index.yaml of its repository can't be read${atLine(line)} (${detail})`,
    remedy: () => reindex,
  },
  'index-invalid': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { line, field, detail }) =>
      `${subject} could not be checked: Helm rejects the index.yaml of its repository, since ${field} is ${detail}${atLine(line)}`,
    brief: () => 'could not be checked: Helm rejects the index.yaml of its repository',
    remedy: ({ field }) => `Correct ${field}: one wrong field spoils the whole index. ${reindex}`,
  },
  'index-ambiguous': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { line, detail }) =>
      `${subject} could not be checked: the index.yaml of its repository can be read in two ways${atLine(line)} (${detail})`,
    remedy: () => reindex,
  },
  'index-too-large': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { maxBytes }) =>
      `${subject} could not be checked: the index.yaml of its repository is larger than the limit of ${mebibytes(maxBytes)}`,
    remedy: () => 'Remove versions that nobody needs from the repository, or split it.',
  },
  'index-too-many-entries': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { limit }) =>
      `${subject} could not be checked: the index.yaml of its repository has more than ${limit} entries`,
    remedy: () => 'Remove versions that nobody needs from the repository, or split it.',
  },
  'index-too-complex': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { limitMiB }) =>
      `${subject} could not be checked: reading the index.yaml of its repository takes more than ${limitMiB} MiB of memory`,
    remedy: () => reindex,
  },
  'index-too-slow': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { limitMs }) =>
      `${subject} could not be checked: reading the index.yaml of its repository takes longer than ${limitMs / 1000} s`,
    remedy: () => reindex,
  },
  'index-reader-failed': {
    consequence: 'indeterminate',
    responsible: 'platform administrator',
    sentence: (subject, { detail }) =>
      `${subject} could not be checked: the thread that reads the index.yaml of its repository broke off (${detail})`,
    remedy: () =>
      'Choose Re-verify. If it happens again, give Source Integrity more memory and report it with the log.',
  },
  'chart-not-in-index': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { chart, similar }) =>
      `${subject} could not be checked: the repository has no chart "${chart}"${similar.length > 0 ? ` (it has ${similar.join(', ')})` : ''}`,
    remedy: () => 'Check the chart and the repository URL of the source.',
  },
  'version-not-in-index': {
    consequence: 'indeterminate',
    responsible: 'application owner',
    sentence: (subject, { version, nearest }) =>
      `${subject} could not be checked: the repository has no version "${version}" of it${nearest.length > 0 ? ` (it has ${nearest.join(', ')})` : ''}`,
    remedy: () => 'Write a version that the repository has into targetRevision.',
  },
  'version-ambiguous': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { version, candidates }) =>
      `${subject} could not be checked: the repository lists several files for "${version}" and it is chance which of them Helm takes (${candidates.join(', ')})`,
    brief: ({ version }) => `could not be checked: its repository lists several files for "${version}"`,
    remedy: () => 'Leave one entry for each version in the index.',
  },
  'version-without-url': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { version }) =>
      `${subject} could not be checked: the index.yaml of its repository has no URL for version ${version}`,
    remedy: () => reindex,
  },

  'chart-url-invalid': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { url }) =>
      `${subject} could not be checked: the index.yaml of its repository gives "${url}" as its URL, which is none`,
    remedy: () => reindex,
  },
  'chart-url-unsupported': {
    consequence: 'unsupported',
    responsible: 'application owner',
    sentence: (subject, { url, scheme }) =>
      `${subject} can't be verified: the index.yaml of its repository leads to ${url}, and charts behind ${scheme}:// in an index are not supported`,
    brief: ({ scheme }) => `can't be verified: its index.yaml leads to ${scheme}://, which is not supported there`,
    remedy: () =>
      'If the chart is in an OCI registry, use the registry itself as the repository of the source. Otherwise serve the chart over https.',
  },
  'chart-missing': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { url, status }) =>
      `${subject} could not be checked: index.yaml lists it, but ${url} is not there (HTTP status ${status})`,
    remedy: () => 'Publish the file again, or remove the version from the index.',
  },

  'archive-not-gzip': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { looksLike }) => `${subject} is not a chart archive but ${looksLike}`,
    remedy: () => `Check that the URL in the index leads to the chart. ${repackage}`,
  },
  'archive-truncated': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject) => `${subject} could not be checked: its archive ends too early`,
    remedy: () => 'Choose Re-verify. If it stays so, publish the chart again.',
  },
  'archive-damaged': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { detail }) => `${subject} could not be checked: its archive is damaged (${detail})`,
    remedy: () => repackage,
  },
  'archive-too-large': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { maxBytes }) =>
      `${subject} could not be checked: its archive unpacks to more than ${mebibytes(maxBytes)}`,
    remedy: () => 'Make the chart smaller, for example with a .helmignore file.',
  },
  'archive-too-dense': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { maxRatio }) =>
      `${subject} could not be checked: its archive unpacks to more than ${maxRatio} times its size, as if it were made to fill a disk`,
    brief: ({ maxRatio }) => `could not be checked: its archive unpacks to more than ${maxRatio} times its size`,
    remedy: () => 'Find out what fills the archive so; a chart has no need of it.',
  },
  'archive-too-many-files': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { limit }) => `${subject} could not be checked: its archive has more than ${limit} entries`,
    remedy: () => 'Make the chart smaller, for example with a .helmignore file.',
  },
  'archive-file-too-large': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { path, maxBytes }) =>
      `${subject} could not be checked: "${path}" in its archive is larger than ${mebibytes(maxBytes)}`,
    remedy: () => 'Make the file smaller.',
  },
  'archive-path': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { path, reason }) => `${subject} has a file in its archive whose path ${reason}: "${path}"`,
    remedy: () => `Find out who made this archive; "helm package" never writes such a path. ${repackage}`,
  },
  'archive-link': {
    consequence: 'failed',
    responsible: 'chart maintainer',
    sentence: (subject, { path, type }) =>
      `${subject} has an entry in its archive that is no file but a ${type}: "${path}"`,
    remedy: () => `Helm and Argo CD read such entries differently, and "helm package" never writes them. ${repackage}`,
  },
  'archive-empty': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject) => `${subject} could not be checked: its archive has no files`,
    remedy: () => repackage,
  },
  'archive-no-chart-yaml': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject) => `${subject} could not be checked: its archive has no Chart.yaml in its top folder`,
    remedy: () => repackage,
  },
  'archive-file-unreadable': {
    consequence: 'indeterminate',
    responsible: 'chart maintainer',
    sentence: (subject, { path, detail }) =>
      `${subject} could not be checked: "${path}" in its archive can't be read (${detail})`,
    remedy: () => `Correct the file. ${repackage}`,
  },
};

function atLine(line: number | null): string {
  return line === null ? '' : ` at line ${line}`;
}

function mebibytes(count: number): string {
  return `${Math.round((count / (1024 * 1024)) * 10) / 10} MiB`;
}
