import {
  type Check,
  type CheckId,
  type Observation,
  type Problem,
  type Signer,
  type SkipReason,
  type Verdict,
  wording,
} from '@source-integrity/core/contract';
import { cosignSignerRows } from './cosign-signer.ts';
import type { Page, Row } from './page.ts';

const CHECKS: Readonly<Record<CheckId, string>> = {
  'signature-found': 'Signature found',
  'signature-valid': 'Signature valid',
  'signer-trusted': 'Signer trusted',
  'artifact-integrity': 'Content is what was signed',
  'transparency-log': 'Transparency log',
};

/** Why a check was skipped; `no-policy` reads differently where keys are given on the command line. */
export type SkipWords = Readonly<Record<SkipReason, string>>;

export const SKIP_WORDS: SkipWords = {
  'does-not-apply': 'does not apply to PGP signatures',
  'earlier-check-failed': 'an earlier check failed',
  'no-policy': 'no policy names a signer',
  'not-looked-up': 'not looked up',
};

/** Checks, signers, what is wrong and what is worth knowing. */
export function writeFindings(
  page: Page,
  verdict: Verdict | Observation,
  subject: string,
  words: SkipWords = SKIP_WORDS,
  indent = 0,
): void {
  const seen = verdict.status === 'not-required' ? verdict.observed : verdict;
  if (seen === null) return;
  page.heading('Checks', indent).table(
    seen.checks.map((check) => checkRow(check, words)),
    indent + 2,
  );
  const signers = 'signers' in seen ? seen.signers : [];
  for (const signer of signers) page.heading('Signer', indent).table(signerRows(signer), indent + 2);
  writeProblems(page, seen.status === 'verified' ? [] : seen.problems, subject, indent);
  writeProblems(page, 'warnings' in seen ? seen.warnings : [], subject, indent, 'Worth knowing');
}

/** Problems in whole sentences, with what was expected, what was found, and what to do. */
export function writeProblems(
  page: Page,
  problems: readonly Problem[],
  subject: string,
  indent = 0,
  heading = 'Problems',
): void {
  if (problems.length === 0) return;
  page.heading(heading, indent);
  for (const problem of problems) {
    page.line(wording(problem, subject).sentence, indent + 2);
    page.table(problemRows(problem), indent + 4);
  }
}

export function problemRows(problem: Problem): Row[] {
  const { remedy, responsible, compares } = wording(problem, '');
  const { expected, actual } = problem.params;
  const comparison =
    compares === null || expected === undefined || actual === undefined
      ? []
      : [
          [`expected ${compares}`, String(expected)],
          [`actual ${compares}`, String(actual)],
        ];
  return [...comparison, ['to do', `${remedy} (${responsible})`], ['code', problem.code]];
}

/** The first of the signers, in words; empty where there is none. */
export function signedBy({ signers: [signer] }: { readonly signers: readonly Signer[] }): string {
  if (signer === undefined) return '';
  switch (signer.kind) {
    case 'pgp':
      return `${signer.userIds[0] ?? 'a key without user ID'} (${signer.fingerprint})`;
    case 'cosign-key':
      return `the key ${signer.keyName}`;
    case 'keyless':
      return `${signer.subject} (${signer.issuer})`;
  }
}

function checkRow(check: Check, words: SkipWords): Row {
  const name = CHECKS[check.id];
  switch (check.outcome) {
    case 'passed':
      return ['passed', name];
    case 'failed':
    case 'error':
      return [check.outcome, name, check.problem.code];
    case 'skipped':
      return ['skipped', name, words[check.reason]];
  }
}

function signerRows(signer: Signer): Row[] {
  const common: Row[] = [
    ['algorithm', signer.hash === null ? signer.algorithm : `${signer.algorithm}, ${signer.hash}`],
    ['signed at', signer.signedAt ?? 'unknown'],
  ];
  switch (signer.kind) {
    case 'pgp': {
      const bySubkey = signer.signingFingerprint !== signer.fingerprint;
      return [
        ...(signer.userIds.length === 0 ? [['user ID', 'none']] : signer.userIds.map((userId) => ['user ID', userId])),
        ['fingerprint', signer.fingerprint],
        ['key ID', signer.keyId],
        ...(bySubkey ? [['signed by subkey', signer.signingFingerprint]] : []),
        ...common,
        ['key expires', signer.expiresAt ?? 'never'],
      ];
    }
    case 'cosign-key':
    case 'keyless':
      return cosignSignerRows(signer);
  }
}
