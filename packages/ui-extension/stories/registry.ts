import {
  CHECK_ORDER,
  problem,
  type Check,
  type CosignKeySigner,
  type EvidenceItem,
  type KeylessSigner,
  type Location,
  type Observation,
  type Problem,
  type Report,
  type SourceReport,
} from '@source-integrity/core/contract';
import { ago, checks, digestOf, failed, notRequired, policy, refusal, report, source, verified } from './reports.ts';

const DAY = 86_400_000;
const manifest = digestOf('9f86d081884c7d659a2feaa0c55ad015');
const repository = 'ghcr.io/acme/charts/payments';
const reference = `${repository}@${manifest}`;
const GITHUB = 'https://token.actions.githubusercontent.com';
const identity = (workflow: string): string =>
  `https://github.com/acme/charts/.github/workflows/${workflow}@refs/tags/v1.4.2`;

const releaseKey: CosignKeySigner = {
  kind: 'cosign-key',
  keyName: 'release-2026',
  fingerprint: `sha256:${'9f86d081'.repeat(8)}`,
  format: 'bundle',
  location: `${repository}@${digestOf('0a1b')}`,
  algorithm: 'ECDSA P-256',
  hash: 'SHA-256',
  logIndex: null,
  claimedReference: null,
  signedAt: null,
};

const legacyKey: CosignKeySigner = {
  ...releaseKey,
  format: 'legacy',
  location: `${repository}:${manifest.replace(':', '-')}.sig`,
  logIndex: 183_204_991,
  claimedReference: 'ghcr.io/acme/charts/payments:1.4.2',
  signedAt: ago(3 * DAY),
};

const workflow: KeylessSigner = {
  kind: 'keyless',
  subject: identity('release.yaml'),
  issuer: GITHUB,
  workflow: {
    repository: 'https://github.com/acme/charts',
    ref: 'refs/tags/v1.4.2',
    commit: '8c1f2e7a90b1c3d4e5f60718293a4b5c6d7e8f90',
    trigger: 'push',
    run: 'https://github.com/acme/charts/actions/runs/9876543210/attempts/1',
  },
  format: 'bundle',
  location: `${repository}@${digestOf('0a1b')}`,
  algorithm: 'ECDSA P-256',
  hash: 'SHA-256',
  logIndex: 183_204_991,
  claimedReference: null,
  signedAt: ago(3 * DAY),
  timeSource: 'transparency-log',
};

const person: KeylessSigner = {
  ...workflow,
  subject: 'release@acme.test',
  issuer: 'https://accounts.acme.test',
  workflow: null,
  timeSource: 'timestamp-authority',
  logIndex: null,
};

const item = (kind: EvidenceItem['kind'], seed: string, location: string, size: number): EvidenceItem => ({
  kind,
  digest: digestOf(seed),
  size,
  mediaType: 'application/json',
  location,
  retained: true,
});

const asking = (...keys: string[]): SourceReport['policy'] =>
  policy({
    requirements: [
      {
        ref: { entry: 'project.payments', list: 'oci', index: 1 },
        mode: 'signature',
        keys,
        matched: { glob: 'oci://ghcr.io/acme/**', form: 'artifact', text: `oci://${repository}` },
        shadows: [],
      },
    ],
  });

const byKeys = asking('release-2026', 'release-2025');
const byIdentities = asking(
  `${identity('release.yaml')} (${GITHUB})`,
  'release@acme.test (https://accounts.acme.test)',
);

function chart(verdict: SourceReport['verdict'], over: Partial<SourceReport> = {}): Report {
  return report([
    source(verdict, {
      kind: 'helm-oci',
      repoURL: 'ghcr.io/acme/charts',
      digest: manifest,
      policy: byKeys,
      evidence: [
        item('manifest', '9f86d081884c7d659a2feaa0c55ad015', reference, 812),
        item('signature', '0a1b', releaseKey.location, 3_204),
      ],
      reproduce: [
        `cosign verify --key release-2026.pub -- ${reference}`,
        `cosign verify --key release-2025.pub -- ${reference}`,
      ],
      ...over,
    }),
  ]);
}

const keyless: Partial<SourceReport> = {
  policy: byIdentities,
  reproduce: [
    `cosign verify --certificate-identity ${identity('release.yaml')} --certificate-oidc-issuer ${GITHUB} -- ${reference}`,
  ],
};

const found = (kind: Location['kind'], location: string, what = 'not there (HTTP status 404)'): Location => ({
  kind,
  location,
  found: what,
});

function unsigned(because: Problem): Extract<Observation, { status: 'unsigned' }> {
  const tag = manifest.replace(':', '-');
  return {
    status: 'unsigned',
    digest: manifest,
    problems: [because],
    searched: [
      found('referrers', `${repository}, referrers of ${manifest}`, 'no referrers API (HTTP status 404)'),
      found('fallback-tag', `${repository}:${tag}`),
      found('signature-tag', `${repository}:${tag}.sig`),
      found('signature-tag', `${repository}:${tag}.att`),
    ],
    checks: checks({ at: 'signature-found', as: 'failed', problem: because }),
  };
}

const unsupported = (because: Problem): Extract<Observation, { status: 'unsupported' }> => ({
  status: 'unsupported',
  problems: [because],
  checks: checks({ at: 'signature-found', as: 'error', problem: because }),
});

const logged = (given: ReturnType<typeof verified>): ReturnType<typeof verified> => ({
  ...given,
  checks: CHECK_ORDER.map((id): Check => ({ id, outcome: 'passed' })),
});

const otherKey = problem('cosign-key-mismatch', {
  expected: 'release-2026, release-2025',
  actual: `sha256:${'5a0f77e1'.repeat(8)}`,
});
const otherIdentity = problem('identity-mismatch', {
  expected: identity('release.yaml'),
  actual: identity('rehearsal.yaml'),
});
const otherIssuer = problem('issuer-mismatch', { expected: GITHUB, actual: 'https://gitlab.acme.test' });
const onlyPart = problem('identity-matches-part', {
  field: 'subject',
  expected: 'release@acme.test',
  actual: 'release@acme.test.attacker.example',
});
const byCertificate = problem('signed-by-certificate', { expected: 'release-2026', actual: workflow.subject });
const otherArtifact = problem('signed-other-artifact', { expected: manifest, actual: digestOf('5a0f77e1c2d3b4a5') });
const unlogged = problem('log-entry-missing', {});
const attested = problem('oci-attestations-only', { types: ['https://slsa.dev/provenance/v1'] });
const notation = problem('signature-form-unsupported', { form: 'Notation' });
const oldBundle = problem('bundle-version-unsupported', {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.9+json',
});

/** Sources in registries, by signing form and verdict. */
export const registryStates = {
  keyVerified: chart(verified(releaseKey)),
  keyFailed: chart(failed('signer-trusted', otherKey, [])),
  keyOfCertificate: chart(failed('signer-trusted', byCertificate, [workflow])),
  keyUnsigned: chart(unsigned(problem('oci-unsigned', {})), { evidence: [] }),
  keyUnsupported: chart(unsupported(notation)),
  keylessVerified: chart(logged(verified(workflow)), keyless),
  keylessPerson: chart(verified(person), keyless),
  keylessIdentity: chart(
    failed('signer-trusted', otherIdentity, [{ ...workflow, subject: identity('rehearsal.yaml') }]),
    keyless,
  ),
  keylessIssuer: chart(
    failed('signer-trusted', otherIssuer, [{ ...workflow, issuer: 'https://gitlab.acme.test' }]),
    keyless,
  ),
  keylessPart: chart(
    failed('signer-trusted', onlyPart, [{ ...person, subject: 'release@acme.test.attacker.example' }]),
    keyless,
  ),
  keylessUnlogged: chart(failed('transparency-log', unlogged, [workflow]), keyless),
  keylessUnsigned: chart(unsigned(attested), { ...keyless, evidence: [] }),
  keylessUnsupported: chart(unsupported(oldBundle), keyless),
  legacyVerified: chart(logged(verified(legacyKey))),
  legacyFailed: chart(failed('artifact-integrity', otherArtifact, [legacyKey])),
  notRequired: chart(notRequired('no-policy', logged(verified(workflow))), {
    policy: policy({ requirements: [], unmatched: 'allow' }),
    reproduce: [],
  }),
  artifactFailed: chart(failed('signer-trusted', otherKey, []), {
    kind: 'oci',
    name: 'config',
    repoURL: 'oci://ghcr.io/acme/config',
    chart: null,
    targetRevision: '2.1.0',
    revision: '2.1.0',
    decision: refusal([otherKey]),
  }),
} satisfies Record<string, Report>;
