import {
  type ChartEvidence,
  collectChart,
  createIndexThread,
  type Observation,
  sourceKind,
  verifyChart as judgeChart,
  withoutUserInfo,
  wording,
} from '@source-integrity/core';
import type { ResolvedAccess } from '../../cluster/repository-access.ts';
import { answer, exitOf, unanswered, underKeyring } from '../answers.ts';
import {
  type Command,
  flag,
  InputError,
  type Invocation,
  type OptionValues,
  required,
  text,
  UsageError,
} from '../command.ts';
import { readTextInput } from '../input-files.ts';
import { chartPage } from '../presentation/chart-page.ts';
import type { Row } from '../presentation/page.ts';
import { commandLineFetcher } from '../repository-fetcher.ts';
import { type JudgedBy, KEY_OPTIONS, KEY_USAGE, readJudgedBy } from '../verification-options.ts';
import { provenanceRows } from './verify-chart.ts';

export const verifyHelm: Command = {
  words: ['verify', 'helm'],
  synopsis: '--repo <url> --chart <name> --version <v> --keyring <file>... [--keys <id>...]',
  operands: [],
  summary: 'Verifies a chart as its repository serves it now.',
  usage: [
    '--repo <url>             of the chart repository, as an Application has it in repoURL',
    '--chart <name>           name of the chart',
    '--version <v>            a version, or a range, resolved as Argo CD does',
    ...KEY_USAGE,
    '--username <name>        for the repository; with --password-stdin',
    '--password-stdin         read the password from standard input',
    "--ca-file <file>         PEM certificates that replace the system's roots",
    '--pass-credentials       also send them to other hosts that the index names',
  ],
  options: {
    repo: { type: 'string' },
    chart: { type: 'string' },
    version: { type: 'string' },
    username: { type: 'string' },
    'password-stdin': { type: 'boolean' },
    'ca-file': { type: 'string' },
    'pass-credentials': { type: 'boolean' },
    ...KEY_OPTIONS,
  },
  common: true,
  async run(invocation) {
    const { options, terminal } = invocation;
    const request = {
      repoURL: required(options, 'repo'),
      chart: required(options, 'chart'),
      targetRevision: required(options, 'version'),
    };
    if (sourceKind({ ...request, path: '', ref: '' }, () => false) !== 'helm-http') {
      const repo = JSON.stringify(withoutUserInfo(request.repoURL));
      throw new InputError(
        `${repo} is a registry's, which "verify helm" does not ask: it is for chart repositories at http:// and https://.`,
      );
    }
    const judgedBy = await readJudgedBy(options);
    const access = await repositoryAccess(invocation, request.repoURL);
    const { observation, evidence } = await verify(request, access, judgedBy, invocation);
    answer(terminal, options, observation, () =>
      chartPage({
        subject: `Chart ${request.chart} ${evidence?.version ?? request.targetRevision}`,
        observation,
        keysNamed: judgedBy.trust !== 'any-key',
        notes: partialNote(evidence),
        evidence: [
          ['repository', withoutUserInfo(request.repoURL)],
          ...(evidence === null ? [] : evidenceRows(evidence)),
          ...judgedBy.files.map((file) => ['key ring', file]),
        ],
      }),
    );
    return exitOf(observation.status);
  },
};

interface Request {
  readonly repoURL: string;
  readonly chart: string;
  readonly targetRevision: string;
}

interface Verified {
  readonly observation: Observation;
  /** Null where the chart was not to be had. */
  readonly evidence: ChartEvidence | null;
}

async function verify(
  request: Request,
  access: ResolvedAccess,
  { keyring, unreadable, trust, rules, now }: JudgedBy,
  { options, signal }: Invocation,
): Promise<Verified> {
  const fetcher = commandLineFetcher(options);
  try {
    const collected = await collectChart({
      ...request,
      access,
      passCredentials: flag(options, 'pass-credentials'),
      fetch: fetcher.fetch,
      indexThread: createIndexThread(),
      now,
      signal,
    });
    if ('problem' in collected) return { observation: unanswered('indeterminate', collected.problem), evidence: null };
    const { evidence } = collected;
    const { observation } = await judgeChart({
      chart: {
        ...evidence.chart,
        metadata: 'archive' in evidence.archive ? evidence.archive.archive.metadata : null,
        problems: 'problem' in evidence.archive ? [evidence.archive.problem] : [],
      },
      requested: { name: request.chart, version: evidence.version },
      indexDigest: evidence.indexDigest,
      provenance: evidence.provenance,
      keyring,
      trust,
      rules,
      now,
    });
    return { observation: underKeyring(observation, unreadable), evidence };
  } finally {
    await fetcher.close();
  }
}

/** A range is no fault here, where nothing is deployed; but it may stand for another version tomorrow. */
function partialNote(evidence: ChartEvidence | null): string[] {
  const partial = evidence?.partial ?? null;
  return partial === null ? [] : [wording(partial, `Chart ${evidence?.requested.chart ?? ''}`).sentence];
}

function evidenceRows({ chart, chartUrl, indexDigest, provenance }: ChartEvidence): Row[] {
  return [
    ['chart', chartUrl, `${chart.size} bytes`, chart.digest],
    ['index.yaml', indexDigest === null ? 'promises no digest' : `promises ${indexDigest}`],
    ...provenanceRows(provenance),
  ];
}

export async function repositoryAccess({ options, terminal }: Invocation, url: string): Promise<ResolvedAccess> {
  const username = text(options, 'username') ?? '';
  if (flag(options, 'password-stdin') !== (username !== '')) {
    throw new UsageError('--username and --password-stdin belong together.');
  }
  const password = username === '' ? '' : (await terminal.stdin()).replace(/\r?\n$/, '');
  return {
    identity: 'command line',
    url,
    username,
    password,
    tls: { ca: await certificates(options), clientCert: null, clientKey: null, insecure: false },
    enableOCI: false,
    insecureOCIForceHttp: false,
    proxy: '',
    noProxy: '',
    forceHttpBasicAuth: false,
  };
}

async function certificates(options: OptionValues): Promise<string | null> {
  const path = text(options, 'ca-file');
  if (path === undefined) return null;
  const pem = await readTextInput({ what: 'The file of certificates', path, maxBytes: 4 * 1024 * 1024 });
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new InputError(`The file of certificates ${JSON.stringify(path)} holds no certificate in PEM form.`);
}
