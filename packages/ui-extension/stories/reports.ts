import {
  CHECK_ORDER,
  Digest,
  problem,
  type Check,
  type CheckId,
  type Decision,
  type Dependency,
  type EvidenceItem,
  type Observation,
  type PolicyExplanation,
  type PgpSigner,
  type PolicyRef,
  type Problem,
  type Report,
  type Signer,
  type SkipReason,
  type SourceReport,
  type Verdict,
} from '@source-integrity/core/contract';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Fixtures are as old as their names say whenever they are looked at. */
export const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

export const digestOf = (seed: string): Digest => Digest.parse(`sha256:${seed.repeat(64).slice(0, 64)}`);

const chartDigest = digestOf('c6841b3a9f86d0817c3e');

export const acme: PgpSigner = {
  kind: 'pgp',
  fingerprint: '5E615389B53CA37F0EE60BD3843BBF981FC18762',
  keyId: '843BBF981FC18762',
  signingFingerprint: '5E615389B53CA37F0EE60BD3843BBF981FC18762',
  signingKeyId: '843BBF981FC18762',
  userIds: ['Acme Release <release@acme.test>'],
  algorithm: 'RSA 4096',
  hash: 'SHA-512',
  signedAt: ago(3 * DAY),
  expiresAt: '2031-03-12T00:00:00.000Z',
};

export const jane: PgpSigner = {
  ...acme,
  fingerprint: 'A2B77FC3799E8CBDDD6FC74A9699A7DA13423758',
  keyId: '9699A7DA13423758',
  signingFingerprint: 'A2B77FC3799E8CBDDD6FC74A9699A7DA13423758',
  signingKeyId: '9699A7DA13423758',
  userIds: ['Jane Roe <jane@acme.test>'],
};

export const subkeySigner: PgpSigner = {
  ...acme,
  algorithm: 'Ed25519',
  signingFingerprint: '1020CF3C033D4F35BAE1C19E1226061C665DF13E',
  signingKeyId: '1226061C665DF13E',
  expiresAt: ago(-12 * DAY),
};

export const requiring: PolicyRef = { entry: 'project.payments', list: 'helm', index: 1 };

/** Checks up to the first that is not passed; what follows it is skipped. */
export function checks(stop?: {
  readonly at: CheckId;
  readonly as: 'failed' | 'error';
  readonly problem: Problem;
}): Check[] {
  let stopped = false;
  return CHECK_ORDER.map((id): Check => {
    if (id === 'transparency-log' && stop?.at !== id) return { id, outcome: 'skipped', reason: 'does-not-apply' };
    if (stopped) return { id, outcome: 'skipped', reason: 'earlier-check-failed' };
    if (stop?.at !== id) return { id, outcome: 'passed' };
    stopped = stop.as === 'error' || id === 'signature-found';
    return { id, outcome: stop.as, problem: stop.problem };
  });
}

export const skipped = (reason: SkipReason): Check[] => CHECK_ORDER.map((id) => ({ id, outcome: 'skipped', reason }));

export const verified = (
  signer: Signer = acme,
  warnings: Problem[] = [],
): Extract<Observation, { status: 'verified' }> => ({
  status: 'verified',
  digest: chartDigest,
  signers: [signer],
  checks: checks(),
  warnings,
});

export const failed = (
  at: CheckId,
  first: Problem,
  signers: Signer[] = [acme],
  more: Problem[] = [],
): Extract<Observation, { status: 'failed' }> => ({
  status: 'failed',
  digest: chartDigest,
  problems: [first, ...more],
  signers,
  checks: checks({ at, as: 'failed', problem: first }),
  warnings: [],
});

const provenanceURL = 'https://charts.example.com/stable/payments-1.4.2.tgz.prov';
const missing = problem('provenance-missing', { searched: [provenanceURL] });

export const unsigned: Extract<Observation, { status: 'unsigned' }> = {
  status: 'unsigned',
  digest: chartDigest,
  problems: [missing],
  searched: [{ kind: 'provenance-url', location: provenanceURL, found: 'HTTP status 404' }],
  checks: checks({ at: 'signature-found', as: 'failed', problem: missing }),
};

const unreachable = problem('fetch-unreachable', {
  url: 'https://charts.example.com/stable/index.yaml',
  cause: 'refused',
  detail: 'ECONNREFUSED 10.0.0.7:443',
});

export const indeterminate: Extract<Observation, { status: 'indeterminate' }> = {
  status: 'indeterminate',
  problems: [unreachable],
  checks: checks({ at: 'signature-found', as: 'error', problem: unreachable }),
};

const inRegistry = problem('oci-index', { manifests: 3 });

export const unsupported: Extract<Observation, { status: 'unsupported' }> = {
  status: 'unsupported',
  problems: [inRegistry],
  checks: checks({ at: 'signature-found', as: 'error', problem: inRegistry }),
};

export const notRequired = (
  reason: 'no-policy' | 'mode-none' | 'git',
  observed: Observation | null,
): Extract<Verdict, { status: 'not-required' }> => ({ status: 'not-required', reason, observed });

export function policy(over: Partial<PolicyExplanation> = {}): PolicyExplanation {
  return {
    project: 'payments',
    enforcement: { value: 'enforce', from: 'project.payments' },
    requirements: [
      {
        ref: requiring,
        mode: 'provenance',
        keys: [acme.fingerprint],
        matched: {
          glob: 'https://charts.example.com/*',
          form: 'normal',
          text: 'https://charts.example.com/stable',
        },
        shadows: [{ entry: 'project.payments', list: 'helm', index: 3 }],
      },
    ],
    notMatched: [{ ref: { entry: 'all-projects', list: 'helm', index: 1 }, because: 'no-glob', glob: null }],
    unmatched: null,
    problems: [],
    ...over,
  };
}

export const noPolicy = (over: Partial<PolicyExplanation> = {}): PolicyExplanation =>
  policy({ requirements: [], unmatched: 'allow', ...over });

const evidence: EvidenceItem[] = [
  {
    kind: 'chart',
    digest: chartDigest,
    size: 18_422,
    mediaType: 'application/gzip',
    location: 'https://charts.example.com/stable/payments-1.4.2.tgz',
    retained: false,
  },
  {
    kind: 'provenance',
    digest: digestOf('0a1b2c3d4e5f6789'),
    size: 1_143,
    mediaType: 'text/plain',
    location: provenanceURL,
    retained: true,
  },
];

export const dependencies: Dependency[] = [
  { name: 'common', version: '2.30.0', repository: 'https://charts.example.com/stable', vendored: true },
  { name: 'redis', version: '^20.1', repository: 'https://charts.example.com/mirror', vendored: false },
];

const proposalOf = (...keys: string[]): string => `project.payments: |
  helm:
    policies:
      - repos:
          - url: "https://charts.example.com/stable"
        charts: ["payments"]
        gpg:
          mode: provenance
          keys:
${keys.map((key) => `            - ${key}\n`).join('')}`;

/** What would accept Jane's key beside the one that is trusted already. */
export const proposed = proposalOf(`"${acme.fingerprint}"`, `"${jane.fingerprint}" # Jane Roe <jane@acme.test>`);

/** What would require what nobody requires yet. */
export const requirable = proposalOf(`"${acme.fingerprint}" # Acme Release <release@acme.test>`);

const reproduce = [
  "kubectl -n argocd get configmap argocd-gpg-keys-cm -o go-template='{{range .data}}{{println .}}{{end}}' | gpg --dearmor > argocd-keys.gpg",
  'helm pull --prov --repo https://charts.example.com/stable --version 1.4.2 -- payments',
  `echo '${chartDigest.slice(7)}  ./payments-1.4.2.tgz' | sha256sum --check`,
  'helm verify --keyring argocd-keys.gpg -- ./payments-1.4.2.tgz',
];

export const allow: Decision = { action: 'allow', policy: null, because: [] };

export const refusal = (problems: readonly Problem[], action: 'deny' | 'warn' = 'deny'): Decision => ({
  action,
  policy: requiring,
  because: problems.map((each) => each.code),
});

export function source(verdict: Verdict, over: Partial<SourceReport> = {}): SourceReport {
  const problems = 'problems' in verdict ? verdict.problems : [];
  const asked = verdict.status !== 'not-required';
  return {
    index: 0,
    name: 'payments',
    kind: 'helm-http',
    repoURL: 'https://charts.example.com/stable',
    chart: 'payments',
    path: null,
    ref: null,
    targetRevision: '1.4.x',
    revision: '1.4.2',
    digest: chartDigest,
    verdict,
    decision: problems.length > 0 ? refusal(problems) : allow,
    obstacles: [],
    policy: asked ? policy() : noPolicy(),
    evidence,
    dependencies: [],
    observedAt: ago(2 * MINUTE),
    proposedPolicy: null,
    reproduce,
    ...over,
  };
}

/** A report of these sources; status and decision are the worst of theirs unless said otherwise. */
export function report(sources: readonly SourceReport[], over: Partial<Report> = {}): Report {
  const statuses = new Set(sources.map((each) => each.verdict.status));
  const worst = (['failed', 'unsigned', 'indeterminate', 'unsupported'] as const).find((each) => statuses.has(each));
  const unasked = sources.some(({ verdict }) => verdict.status === 'not-required' && verdict.reason !== 'git');
  const mixed = unasked ? 'partially-verified' : 'verified';
  return {
    application: { namespace: 'argocd', name: 'payments', uid: '7b1c2f5e', project: 'payments' },
    checkedAt: ago(2 * MINUTE),
    trigger: 'automated-sync',
    status: worst ?? (statuses.has('verified') ? mixed : 'not-required'),
    enforcement: 'enforce',
    decision: sources.find((each) => each.decision.action !== 'allow')?.decision ?? allow,
    sources: sources.map((each, index) => ({ ...each, index })),
    problems: [],
    exemption: null,
    deployedRevisions: ['1.4.1'],
    runningJob: null,
    ...over,
  };
}

export const gitSource = (over: Partial<SourceReport> = {}): SourceReport =>
  source(notRequired('git', null), {
    name: 'values',
    kind: 'ref',
    repoURL: 'https://github.com/acme/values',
    chart: null,
    ref: 'values',
    targetRevision: 'main',
    revision: '8c1f2e7a90b1',
    digest: null,
    evidence: [],
    reproduce: [],
    ...over,
  });
