import { problem, type Report } from '@source-integrity/core/contract';
import {
  acme,
  ago,
  allow,
  dependencies,
  failed,
  gitSource,
  indeterminate,
  jane,
  noPolicy,
  notRequired,
  policy,
  proposed,
  refusal,
  skipped,
  report,
  requirable,
  source,
  subkeySigner,
  unsigned,
  unsupported,
  verified,
} from './reports.ts';

const untrusted = problem('signer-not-trusted', {
  fingerprint: jane.fingerprint,
  userId: 'Jane Roe <jane@acme.test>',
  expected: acme.fingerprint,
  actual: jane.fingerprint,
});
const tampered = problem('chart-digest-mismatch', {
  file: 'payments-1.4.2.tgz',
  expected: 'sha256:c6841b3a9f86d0817c3ec6841b3a9f86d0817c3ec6841b3a9f86d0817c3ec684',
  actual: 'sha256:c6841b3a9f86d0817c3ec6841b3a9f86d0817c3e5a0f77e1c2d3b4a5968778aa',
});
const otherVersion = problem('metadata-mismatch', {
  field: 'version',
  where: 'the signed metadata',
  expected: '1.4.2',
  actual: '1.3.2',
});
const expired = problem('key-expired', {
  fingerprint: acme.fingerprint,
  userId: 'Acme Release <release@acme.test>',
  expiredAt: '2026-06-30T00:00:00.000Z',
});
const revoked = problem('key-revoked', {
  fingerprint: acme.fingerprint,
  userId: 'Acme Release <release@acme.test>',
  reason: 'the key has been compromised',
});
const stillVerifying = problem('verification-running', { budgetMs: 8000 });
const replaced = problem('chart-replaced', {
  otherDigest: 'sha256:5a0f77e1c2d3b4a5968778aa',
  seenAt: ago(5 * 3_600_000),
  until: ago(-19 * 3_600_000),
  forget: 'source-integrity digests forget --chart payments',
});

const misspelt = problem('policy-value-invalid', {
  entry: 'project.payments',
  line: 6,
  column: 15,
  field: 'mode',
  expected: '"none" or "provenance"',
  actual: '"provenence"',
  meant: 'provenance',
});

const longIdentity = `${'release-engineering-of-a-department-with-a-very-long-name.'.repeat(3)}team@a-subsidiary.acme.test`;

const signedByJane = failed('signer-trusted', untrusted, [jane]);

/** Reports of one source, by what they show. */
export const states = {
  verified: report([source(verified())], { deployedRevisions: ['1.4.2'] }),
  verifiedBySubkey: report([source(verified(subkeySigner), { dependencies })], { deployedRevisions: ['1.4.2'] }),
  otherSigner: report([source(signedByJane, { proposedPolicy: proposed })]),
  unknownKey: report([
    source(failed('signer-trusted', problem('signature-unknown-key', { keyIds: ['843BBF981FC18762'] }), [])),
  ]),
  tampered: report([source(failed('artifact-integrity', tampered))]),
  anotherVersion: report([source(failed('artifact-integrity', otherVersion, [acme], [tampered]))]),
  expiredKey: report([
    source(failed('signature-valid', expired, [{ ...acme, expiresAt: '2026-06-30T00:00:00.000Z' }])),
  ]),
  revokedKey: report([source(failed('signature-valid', revoked), { targetRevision: '1.4.1', revision: '1.4.1' })]),
  tenSigners: report([
    source({
      ...verified(),
      signers: [
        acme,
        ...Array.from({ length: 9 }, (_, index) => ({
          ...jane,
          userIds: [`${longIdentity.slice(0, 190)}-${index}`],
          fingerprint: `${index}${jane.fingerprint.slice(1)}`,
        })),
      ],
    }),
  ]),
  changedSigner: report([source(verified(jane))]),
  unsigned: report([source(unsigned, { evidence: [] })]),
  couldNotCheck: report([
    source(indeterminate, { revision: null, digest: null, evidence: [], reproduce: [], observedAt: null }),
  ]),
  stillVerifying: report([
    source(
      { status: 'indeterminate', problems: [stillVerifying], checks: skipped('not-looked-up') },
      { digest: null, evidence: [], reproduce: [], observedAt: null },
    ),
  ]),
  unsupported: report([
    source(unsupported, {
      kind: 'oci',
      name: 'ghcr.io/acme/config',
      repoURL: 'oci://ghcr.io/acme/config',
      chart: null,
      targetRevision: '2.1.0',
      revision: '2.1.0',
      evidence: [],
      reproduce: [],
    }),
  ]),
  signedButNotRequired: report([source(notRequired('no-policy', verified()), { proposedPolicy: requirable })], {
    trigger: 'opened',
  }),
  unsignedNotRequired: report([source(notRequired('no-policy', unsigned))]),
  tamperedNotRequired: report([source(notRequired('no-policy', failed('artifact-integrity', tampered)))]),
  couldNotCheckNotRequired: report([source(notRequired('no-policy', indeterminate), { digest: null })]),
  notLookedAt: report([source(notRequired('no-policy', null))]),
  modeNone: report([
    source(notRequired('mode-none', unsigned), {
      policy: policy({
        requirements: [
          {
            ref: { entry: 'project.sandbox', list: 'helm', index: 1 },
            mode: 'none',
            keys: [],
            matched: {
              glob: 'https://charts.example.com/labs/*',
              form: 'normal',
              text: 'https://charts.example.com/labs/x',
            },
            shadows: [],
          },
        ],
      }),
    }),
  ]),
  git: report([gitSource({ kind: 'git', ref: null, path: 'routes' })], { deployedRevisions: [] }),
  partiallyVerified: report([
    source(verified()),
    source(notRequired('no-policy', unsigned), { name: 'load-test', chart: 'load-test' }),
    gitSource(),
  ]),
  warned: report(
    [
      source(signedByJane, {
        decision: refusal([untrusted], 'warn'),
        proposedPolicy: proposed,
        policy: policy({ enforcement: { value: 'warn', from: 'enforcement' } }),
      }),
    ],
    { enforcement: 'warn' },
  ),
  letThrough: report([source(verified())], {
    deployedRevisions: ['1.4.2'],
    gaps: ['gate-lets-through', 'pin-missing'],
  }),
  gateMissing: report([source(signedByJane, { proposedPolicy: proposed })], { gaps: ['gate-missing'] }),
  notEnforced: report(
    [
      source(signedByJane, {
        decision: allow,
        policy: policy({ enforcement: { value: 'off', from: 'project.payments' } }),
      }),
    ],
    { enforcement: 'off' },
  ),
  exempted: report([source(signedByJane, { decision: refusal([untrusted], 'warn') })], {
    exemption: { reason: 'INC-1234: the signing service is down', until: '2026-12-01T00:00:00.000Z' },
  }),
  replaced: report([source(verified(), { obstacles: [replaced], decision: refusal([replaced]) })], {
    status: 'verified',
  }),
  uncovered: report([
    source(notRequired('no-policy', verified()), {
      obstacles: [problem('source-unmatched', { project: 'payments' })],
      decision: { action: 'deny', policy: null, because: ['source-unmatched'] },
      policy: noPolicy({ unmatched: 'deny' }),
      proposedPolicy: requirable,
    }),
  ]),
  noProject: report([], {
    status: 'failed',
    problems: [problem('project-missing', { project: 'payments' })],
    decision: { action: 'deny', policy: null, because: ['project-missing'] },
  }),
  policyError: report([
    source(
      { status: 'indeterminate', problems: [misspelt], checks: skipped('earlier-check-failed') },
      { digest: null, evidence: [], reproduce: [], policy: noPolicy({ unmatched: null, problems: [misspelt] }) },
    ),
  ]),
  unknownCode: report([
    source(failed('signature-valid', { code: 'signature-of-tomorrow', params: { expected: 'a', actual: 'b' } })),
  ]),
} satisfies Record<string, Report>;

const named = (name: string): { name: string; chart: string } => ({ name, chart: name });

export const fiveSources = report([
  source(signedByJane, { proposedPolicy: proposed }),
  source(verified(), { ...named('orders'), targetRevision: '3.0.4', revision: '3.0.4' }),
  source(unsigned, { ...named('notifications'), targetRevision: '0.4.2', revision: '0.4.2', evidence: [] }),
  source(notRequired('no-policy', verified()), { ...named('load-test'), proposedPolicy: requirable }),
  gitSource(),
]);

export const fortySources = report(
  Array.from({ length: 40 }, (_, index) =>
    source(index % 13 === 5 ? unsigned : verified(), {
      ...named(`service-${String(index + 1).padStart(2, '0')}`),
      targetRevision: `1.${index}.0`,
      revision: `1.${index}.0`,
    }),
  ),
);

/** What an adversary would write: markup, another direction of text, nothing visible, no end. */
export const hostile = report([
  source(
    verified(
      {
        ...acme,
        userIds: [
          'Acme Release \u202E<tset.emca@esaeler>\u202C',
          '<img src=x onerror=alert(1)> <b>bold</b>',
          `Zero\u200Bwidth <${longIdentity}>`,
        ],
      },
      [problem('file-name-differs', { expected: 'payments-1.4.2.tgz', actual: 'pay\u202Egzt.stnem' })],
    ),
    {
      name: 'pay\u202Estnem<script>alert(1)</script>',
      repoURL: `https://charts.example.com/${'very/'.repeat(40)}deep`,
    },
  ),
]);
