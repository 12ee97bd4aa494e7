import { describe, expect, it } from 'vitest';
import { type Application, parseApplication } from '../../src/application/application.ts';
import { specDeployment, whatWouldDeploy } from '../../src/application/operation.ts';
import { parseProject } from '../../src/application/project.ts';
import type { ChartEvidence } from '../../src/helm/collect-chart.ts';
import { readKeyring } from '../../src/pgp/keyring.ts';
import { missingPolicy, parsePolicy } from '../../src/policy/parse-policy.ts';
import { Report } from '../../src/report/report.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import { sha256 } from '../../src/verdict/sha256.ts';
import {
  type ApplicationJudgement,
  type ApplicationQuestion,
  verifyApplication,
} from '../../src/verify-application.ts';
import {
  armor,
  clearSigned,
  FLAG,
  join,
  Key,
  packet,
  primaryKey,
  subpackets as s,
  TAG,
  userId,
} from '../pgp/workshop.ts';

const MADE = 1_735_689_600;
const NOW = new Date('2026-06-01T00:00:00Z');
const URL = 'https://charts.example.com/stable';
const release = new Key(MADE);
const colleague = new Key(MADE);
const certified = { hashed: [s.created(MADE), s.keyFlags(FLAG.certify | FLAG.sign)] };
const entry = (key: Key, name: string): { name: string; bytes: Uint8Array } => ({
  name: key.hex.slice(-16),
  bytes: Buffer.from(armor('PGP PUBLIC KEY BLOCK', join(primaryKey(key), userId(key, name, certified)))),
});
const keyring = await readKeyring([entry(release, 'Release'), entry(colleague, 'Colleague')], 'argocd');

interface Served {
  readonly signer?: Key | null;
  readonly values?: string;
  readonly signed?: string;
  readonly indexDigest?: string;
}

/** What a repository serves as payments 1.4.2. */
function served({ signer = release, values = '1', signed = values, indexDigest }: Served = {}): ChartEvidence {
  const digest = sha256(Buffer.from(`chart ${values}`));
  const metadata = { name: 'payments', version: '1.4.2', appVersion: null, dependencies: [] };
  const text = `name: payments\nversion: 1.4.2\n\n...\nfiles:\n  payments-1.4.2.tgz: ${sha256(Buffer.from(`chart ${signed}`))}\n`;
  const location = `${URL}/payments-1.4.2.tgz.prov`;
  return {
    requested: { repoURL: URL, chart: 'payments', targetRevision: '1.4.2' },
    resolved: { revision: '1.4.2', kind: 'version' },
    version: '1.4.2',
    partial: null,
    indexEntry: { name: 'payments', version: '1.4.2', digest: null, urls: [], appVersion: null, created: null },
    indexDigest: indexDigest === undefined ? null : sha256(Buffer.from(indexDigest)),
    chartUrl: `${URL}/payments-1.4.2.tgz`,
    chart: { digest, size: 7, fileName: 'payments-1.4.2.tgz' },
    archive: { archive: { metadata, dependencies: [], fileCount: 1, unpackedBytes: 1 } },
    provenance:
      signer === null
        ? { state: 'absent', searched: [{ kind: 'provenance-url', location, found: 'HTTP 404' }] }
        : {
            state: 'found',
            location,
            bytes: clearSigned(text, (octets) =>
              packet(TAG.signature, signer.signature(1, octets, { hashed: [s.created(MADE + 1)] })),
            ),
          },
    observedAt: NOW.toISOString(),
  };
}

const requiring = (...keys: Key[]): string =>
  `helm: {policies: [{repos: [{url: "${URL}*"}], gpg: {mode: provenance, keys: [${keys.map(({ hex }) => `"${hex}"`).join(', ')}]}}]}`;

function application(
  spec: object = { source: { repoURL: URL, chart: 'payments', targetRevision: '1.4.2' } },
): Application {
  const parsed = parseApplication({
    metadata: { namespace: 'argocd', name: 'payments', uid: 'u' },
    spec: { project: 'shop', ...spec },
  });
  if ('problem' in parsed) throw new Error(parsed.problem.code);
  return parsed.application;
}

interface Asked {
  readonly policy?: Readonly<Record<string, string>>;
  readonly evidence?: ChartEvidence;
  readonly spec?: object;
  readonly operation?: object;
  readonly sourceRepos?: readonly string[];
  readonly judgement?: Partial<ApplicationJudgement>;
}

const unasked = (): never => {
  throw new Error('nobody is to be asked');
};

/** The report on an Application whose repository serves `evidence`; every report travels as it is. */
async function reportOn(asked: Asked = {}): Promise<Report> {
  const { policy = { 'project.shop': requiring(release) }, evidence = served(), spec, operation } = asked;
  const app = application(spec);
  const project = parseProject(
    { metadata: { name: 'shop', namespace: 'argocd' }, spec: { sourceRepos: asked.sourceRepos ?? ['*'] } },
    'shop',
  );
  if ('problem' in project) throw new Error('the project is well-formed');
  const { namespace, name, uid } = app;
  const question: Omit<ApplicationQuestion, 'deployment'> = {
    application: { namespace, name, uid, project: 'shop' },
    project,
    trigger: 'opened',
    deployedRevisions: [],
    runningJob: null,
  };
  const deployments =
    operation === undefined
      ? [specDeployment(app, () => false)]
      : deploymentsOf({ spec: { project: 'shop', ...spec }, operation });
  const [deployment] = deployments;
  if (deployment === undefined) throw new Error('nothing would be deployed');
  const report = await verifyApplication(
    { ...question, deployment },
    {
      argocdNamespace: 'argocd',
      policy: parsePolicy(policy),
      keyring,
      signatureTrust: {
        cosignKeys: { entries: new Map() },
        trustRoots: { entries: new Map() },
        publicGood: unasked,
      },
      now: NOW,
      observe: true,
      collectChart: async () => ({ evidence }),
      collectRegistrySource: async () => ({ problem: problem('verification-busy', { waiting: 1 }) }),
      verifySignatures: unasked,
      otherBytes: async () => [],
      otherArtifacts: async () => [],
      hasCredentials: () => false,
      isPlainHttp: () => false,
      ...asked.judgement,
    },
  );
  expect(Report.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  return report;
}

function deploymentsOf(object: object): ApplicationQuestion['deployment'][] {
  const would = whatWouldDeploy({ operation: 'UPDATE', object, oldObject: {} }, () => false);
  return would.kind === 'deploys' ? [...would.deployments] : [];
}

/** Status, decision and reasons in one line. */
function summary({ status, decision }: Report): string {
  return [status, decision.action, ...decision.because].join(' ');
}

describe('a chart over HTTP', () => {
  it.each<readonly [string, Served, string]>([
    ['signed by a trusted key', {}, 'verified allow'],
    ['signed by another key of the ring', { signer: colleague }, 'failed deny signer-not-trusted'],
    ['signed by a key that is not there', { signer: new Key(MADE) }, 'failed deny signature-unknown-key'],
    ['unsigned', { signer: null }, 'unsigned deny provenance-missing'],
    ['changed after signing', { values: '2', signed: '1' }, 'failed deny chart-digest-mismatch'],
    ['unlike the digest of its index', { indexDigest: 'x' }, 'failed deny index-digest-mismatch'],
  ])('that is %s is judged so', async (_case, evidence, expected) => {
    expect(summary(await reportOn({ evidence: served(evidence) }))).toBe(expected);
  });

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['warns', { enforcement: 'warn', 'project.shop': requiring(release) }, 'unsigned warn provenance-missing'],
    ['is silent', { enforcement: 'off', 'project.shop': requiring(release) }, 'unsigned allow'],
    ['asks for nothing', {}, 'not-required allow'],
    ['is for another project', { 'project.toys': requiring(release) }, 'not-required allow'],
    ['denies what nobody mentions', { 'all-projects': 'unmatched: deny' }, 'not-required deny source-unmatched'],
    [
      'exempts the Application',
      {
        exemptions: '[{application: argocd/payments, reason: R, until: 2026-06-01T00:00:01Z}]',
        'project.shop': requiring(release),
      },
      'unsigned warn provenance-missing',
    ],
    [
      'exempted it until now',
      {
        exemptions: '[{application: argocd/payments, reason: R, until: 2026-06-01T00:00:00Z}]',
        'project.shop': requiring(release),
      },
      'unsigned deny provenance-missing',
    ],
    ['has an error', { 'project.shop': 'helm: {polices: []}' }, 'indeterminate deny policy-field-unknown'],
  ])('that is unsigned under a policy that %s', async (_case, policy, expected) => {
    expect(summary(await reportOn({ policy, evidence: served({ signer: null }) }))).toBe(expected);
  });

  it('satisfies the baseline and the project, or neither', async () => {
    const both = (baseline: Key, project: Key): Record<string, string> => ({
      'all-projects': `{unmatched: allow, ${requiring(baseline)}}`,
      'project.shop': requiring(project),
    });
    expect(summary(await reportOn({ policy: both(release, release) }))).toBe('verified allow');
    expect(summary(await reportOn({ policy: both(release, colleague) }))).toBe('failed deny signer-not-trusted');
    expect(summary(await reportOn({ policy: both(colleague, release) }))).toBe('failed deny signer-not-trusted');
  });

  it('is observed where nothing is required, and then only for who wants to see it', async () => {
    const seen = await reportOn({ policy: {} });
    expect(seen.sources[0]?.verdict).toMatchObject({
      status: 'not-required',
      reason: 'no-policy',
      observed: { status: 'verified' },
    });
    const unseen = await reportOn({ policy: {}, judgement: { observe: false, collectChart: unasked } });
    expect(unseen.sources[0]?.verdict).toEqual({ status: 'not-required', reason: 'no-policy', observed: null });
    const none = requiring(release)
      .replace('provenance', 'none')
      .replace(/, keys: \[.*?\]/, '');
    const exempt = await reportOn({ policy: { 'project.shop': none } });
    expect(exempt.sources[0]?.verdict).toMatchObject({ reason: 'mode-none', observed: { status: 'verified' } });
  });

  it('is offered a policy only for a signer whose signature is genuine', async () => {
    const offered = async (evidence: Served, policy?: Record<string, string>): Promise<boolean> =>
      (await reportOn({ evidence: served(evidence), ...(policy === undefined ? {} : { policy }) })).sources[0]
        ?.proposedPolicy !== null;
    expect(await offered({ signer: colleague })).toBe(true);
    expect(await offered({}, {})).toBe(true);
    expect(await offered({})).toBe(false);
    expect(await offered({ signer: null }, {})).toBe(false);
    expect(await offered({ signer: new Key(MADE) }, {})).toBe(false);
    expect(await offered({ signer: colleague, values: '2', signed: '1' })).toBe(false);
    expect(await offered({ signer: colleague, indexDigest: 'x' })).toBe(false);
  });

  it('cannot be judged without policy, key ring or repository, and is refused', async () => {
    const missing = problem('keyring-missing', {});
    const busy = problem('verification-busy', { waiting: 1 });
    const cases: Partial<ApplicationJudgement>[] = [
      { policy: missingPolicy(), collectChart: unasked },
      { keyring: { problem: missing } },
      { collectChart: async () => ({ problem: busy }) },
    ];
    const summaries = await Promise.all(cases.map(async (judgement) => summary(await reportOn({ judgement }))));
    expect(summaries).toEqual([
      'indeterminate deny policy-missing',
      'indeterminate deny keyring-missing',
      'indeterminate deny verification-busy',
    ]);
  });

  it('of which other bytes were seen is refused for what those were, not for what could not be told of them', async () => {
    const HOUR = 3_600_000;
    const seen = async (other: Served | 'unknown', age: number): Promise<string> => {
      const evidence =
        other === 'unknown'
          ? {
              ...served({ values: '2' }),
              provenance: { state: 'unknown' as const, problem: problem('keyring-missing', {}) },
            }
          : served({ values: '2', ...other });
      const lastSeen = new Date(NOW.getTime() - age);
      return summary(await reportOn({ judgement: { otherBytes: async () => [{ evidence, lastSeen }] } }));
    };
    expect(await seen({ signer: null }, HOUR)).toBe('verified deny chart-replaced');
    expect(await seen({ signed: '1' }, HOUR)).toBe('verified deny chart-replaced');
    expect(await seen({ signer: colleague }, 24 * HOUR - 1)).toBe('verified deny chart-replaced');
    expect(await seen({ signer: null }, 24 * HOUR)).toBe('verified allow');
    expect(await seen({ signed: '2' }, HOUR)).toBe('verified allow');
    expect(await seen('unknown', HOUR)).toBe('verified allow');
  });
});

describe('an Application', () => {
  it('whose project forbids a source, or cannot be read, makes nobody ask a repository', async () => {
    const judgement = { collectChart: unasked };
    expect(summary(await reportOn({ sourceRepos: ['https://other.example/*'], judgement }))).toBe(
      'failed deny project-forbids-source',
    );
  });

  it('with sources of which some need no signature is partially verified', async () => {
    const sources = [
      { repoURL: URL, chart: 'payments', targetRevision: '1.4.2' },
      { repoURL: 'https://free.example.com', chart: 'payments', targetRevision: '1.4.2' },
      { repoURL: 'https://git.example.com/values.git', targetRevision: 'main', ref: 'values' },
    ];
    const report = await reportOn({ spec: { sources } });
    expect(report.status).toBe('partially-verified');
    expect(report.sources.map(({ verdict }) => verdict.status)).toEqual(['verified', 'not-required', 'not-required']);
  });

  it('under an operation answers for its revisions where a policy applies, and only there', async () => {
    const source = { repoURL: URL, chart: 'payments', targetRevision: '^1.4' };
    const range = { sync: { source } };
    expect(summary(await reportOn({ spec: { source }, operation: range }))).toBe('verified deny revision-not-pinned');
    expect(summary(await reportOn({ spec: { source } }))).toBe('verified allow');
    expect(summary(await reportOn({ spec: { source }, operation: range, policy: {} }))).toBe('not-required allow');
    const pinned = { sync: { source, revision: '1.4.2' } };
    expect(summary(await reportOn({ spec: { source }, operation: pinned }))).toBe('verified allow');
    const empty = { sync: {} };
    expect(summary(await reportOn({ spec: { source }, operation: empty }))).toContain('operation-without-source');
    expect(summary(await reportOn({ spec: { source }, operation: empty, policy: {} }))).toBe('not-required allow');
  });

  it('is asked for provenance though its repository is written as a registry', async () => {
    const source = {
      repoURL: 'oci://registry.example.com/charts/payments',
      targetRevision: `sha256:${'a'.repeat(64)}`,
    };
    const policy = { 'project.shop': requiring(release).replace(`${URL}*`, '*') };
    expect(summary(await reportOn({ spec: { source }, policy }))).toBe('indeterminate deny verification-busy');
    const unobserved = { observe: false, collectRegistrySource: unasked };
    expect(summary(await reportOn({ spec: { source }, policy: {}, judgement: unobserved }))).toBe('not-required allow');
  });
});
