import type {
  LintResult,
  Problem,
  TrustRootDescription,
  TrustRootPart,
  TrustRootPartKind,
} from '@source-integrity/core';
import { wording } from '@source-integrity/core/contract';
import { problemRows, writeProblems } from './findings.ts';
import { Page, type Row } from './page.ts';

const KINDS: Readonly<Record<TrustRootPartKind, string>> = {
  'certificate-authority': 'certificate authority',
  'certificate-transparency-log': 'log of certificates',
  'transparency-log': 'transparency log',
  'timestamp-authority': 'timestamp authority',
};

const HEADER: Row = ['', 'URL', 'KEY', 'FROM', 'UNTIL', 'STATE', 'SHA-256'];

export interface ShownTrustRoots {
  readonly roots: readonly TrustRootDescription[];
  readonly problems: readonly Problem[];
  readonly checkedAt: string | null;
}

/** One row for each authority and log, the IDs of logs beneath. */
export function trustRootPage({ roots, problems, checkedAt }: ShownTrustRoots): string {
  const page = new Page();
  roots.forEach(({ name, identity, parts }, at) => {
    if (at > 0) page.line();
    page.line(`Trust root ${name}, ${identity}`);
    if (checkedAt !== null) page.line(`vouched for by its TUF mirror at ${checkedAt}`);
    else if (name === 'public-good') page.line('as it came with this version');
    page.line().table([HEADER, ...parts.flatMap(rows)]);
  });
  writeProblems(page, problems, 'It');
  return page.text();
}

function rows(part: TrustRootPart): Row[] {
  const { kind, name, algorithm, fingerprint, logId, validFrom, validUntil, state, unusable } = part;
  const digest = (fingerprint ?? 'unknown').replace('sha256:', '');
  return [
    [
      KINDS[kind],
      name,
      algorithm ?? 'unknown',
      day(validFrom),
      day(validUntil),
      unusable === null ? state : 'unusable',
      digest,
    ],
    ...(logId === null || logId === digest ? [] : [['', '', '', '', '', 'log ID', logId]]),
    ...(unusable === null ? [] : [['', `does not count: it ${unusable}`]]),
  ];
}

function day(time: string | null): string {
  return time === null ? 'open' : time.slice(0, 10);
}

/** What `trust-root lint` found. */
export function trustRootLintPage(file: string, count: number, { errors, warnings }: LintResult): string {
  const page = new Page();
  const roots = `${count} ${count === 1 ? 'trust root' : 'trust roots'}`;
  const found = [
    `${errors.length === 0 ? 'no' : errors.length} ${errors.length === 1 ? 'error' : 'errors'}`,
    ...(warnings.length === 0 ? [] : [`${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`]),
  ];
  page.line(`${file} holds ${roots} with ${found.join(' and ')}.`);
  for (const each of errors) write(page, 'error', each);
  for (const each of warnings) write(page, 'warning', each);
  return page.text();
}

function write(page: Page, severity: string, problem: Problem): void {
  page.heading(severity).line(wording(problem, 'A source').sentence, 2).table(problemRows(problem), 4);
}
