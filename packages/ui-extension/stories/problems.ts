import {
  catalogue,
  entryOf,
  type Consequence,
  type Problem,
  type Report,
  type Verdict,
} from '@source-integrity/core/contract';
import { digestOf, failed, policy, report, source, unsigned, verified } from './reports.ts';

type Parameter = Problem['params'][string];

/** What parameters of these names hold; any other is a text. Long ones are as long as they come. */
const PLAUSIBLE: Readonly<Record<string, Parameter>> = {
  url: 'https://charts.example.com/a/rather/long/path/of/a/repository/index.yaml',
  digest: digestOf('c684'),
  otherDigest: digestOf('5a0f'),
  fingerprint: '5E615389B53CA37F0EE60BD3843BBF981FC18762',
  userId: 'Acme Release <release@acme.test>',
  keyId: '843BBF981FC18762',
  keyIds: ['843BBF981FC18762', '9699A7DA13423758'],
  searched: ['https://charts.example.com/stable/payments-1.4.2.tgz.prov'],
  known: ['repos', 'charts', 'gpg'],
  types: ['https://slsa.dev/provenance/v1', 'https://spdx.dev/Document'],
  codes: ['identity-mismatch', 'cosign-key-mismatch'],
  expected: 'https://github.com/acme/charts/.github/workflows/release.yaml@refs/tags/v1.4.2',
  actual: 'https://github.com/acme/charts/.github/workflows/rehearsal.yaml@refs/tags/v1.4.2',
  reason: 'is cut short after 17 of 812 bytes',
  cause: 'refused',
  field: 'subject',
  meant: 'provenance',
  entry: 'project.payments',
  forget: 'source-integrity digests forget --repo https://charts.example.com/stable --data-dir /data',
  fields: ['name', 'version'],
  forms: ['RIPEMD-160', 'SHA-1'],
  fingerprints: ['5E615389B53CA37F0EE60BD3843BBF981FC18762', 'A2B77FC3799E8CBDDD6FC74A9699A7DA13423758'],
  ...each(['candidates', 'nearest', 'newest', 'similar'], ['1.4.1', '1.4.0', '1.3.9']),
  ...each(['expiredAt', 'revokedAt', 'seenAt', 'since', 'time', 'until'], '2026-11-22T09:30:00.000Z'),
  ...each(['bits', 'column', 'count', 'layers', 'length', 'line', 'manifests', 'revisions', 'sources', 'versions'], 17),
  ...each(['maxRatio', 'maxRedirects', 'retryAfterSeconds', 'waiting'], 5),
  ...each(['budgetMs', 'bytes', 'comparisonLimit', 'limit', 'limitBytes', 'limitMiB', 'limitMs', 'maxBytes'], 65_536),
  status: 503,
};

function each(names: readonly string[], value: Parameter): Readonly<Record<string, Parameter>> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

/** A problem of a code, with the parameters that its words make use of. */
export function plausible(code: string): Problem {
  // Rest patterns ask for nothing by name: what they gather has to be there before.
  const params: Record<string, Parameter> = Object.fromEntries(
    ['fingerprint', 'userId', 'keyId', 'time'].map((name) => [name, PLAUSIBLE[name] ?? null]),
  );
  const asked = new Proxy<Record<string, Parameter>>(params, {
    get: (_, name) => {
      if (typeof name !== 'string') return undefined;
      params[name] ??= PLAUSIBLE[name] ?? `some ${name}`;
      return params[name];
    },
  });
  const entry = entryOf(code);
  if (entry === null) throw new Error(`there is no ${code}`);
  entry.sentence('Chart payments 1.4.2', asked);
  entry.remedy(asked);
  if (entry.compares !== undefined) void [asked['expected'], asked['actual']];
  return { code, params };
}

export const codes: readonly string[] = Object.keys(catalogue);

export const codesOf = (...consequences: Consequence[]): readonly string[] =>
  codes.filter((code) => consequences.includes(entryOf(code)?.consequence ?? 'failed'));

/** What the tab shows of a source with this problem. */
export function reportOf(code: string): Report {
  const problem = plausible(code);
  const consequence = entryOf(code)?.consequence ?? 'failed';
  switch (consequence) {
    case 'refused':
      return report([
        source(verified(), {
          obstacles: [problem],
          decision: { action: 'deny', policy: null, because: [code] },
        }),
      ]);
    case 'warning':
      return report([source(verified(undefined, [problem]))]);
    case 'failed':
    case 'unsigned':
    case 'indeterminate':
    case 'unsupported':
      return report([source(verdictOf(consequence, problem), { policy: policy() })]);
  }
}

function verdictOf(status: 'failed' | 'unsigned' | 'indeterminate' | 'unsupported', problem: Problem): Verdict {
  const found = failed('signature-valid', problem);
  switch (status) {
    case 'failed':
      return found;
    case 'unsigned':
      return { ...unsigned, problems: [problem] };
    case 'indeterminate':
    case 'unsupported':
      return { status, problems: [problem], checks: found.checks };
  }
}
