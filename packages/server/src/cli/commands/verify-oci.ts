import {
  AuthorizationCache,
  collectReference,
  type CosignRequirement,
  formatReference,
  formatRepository,
  judgeReference,
  manifestOf,
  type Observation,
  parseReference,
  type RegistryAccess,
  type RegistryEvidence,
  type RepositoryName,
  entryOf,
} from '@source-integrity/core';
import type { ResolvedAccess } from '../../cluster/repository-access.ts';
import { answer, exitOf, unanswered, underKeyring } from '../answers.ts';
import {
  choice,
  type Command,
  flag,
  type Invocation,
  moment,
  type OptionValues,
  text,
  texts,
  UsageError,
} from '../command.ts';
import { artifactPage } from '../presentation/artifact-page.ts';
import type { Row } from '../presentation/page.ts';
import { commandLineFetcher } from '../repository-fetcher.ts';
import { readWantedSignature, SIGNATURE_OPTIONS, SIGNATURE_USAGE } from '../signature-options.ts';
import { type JudgedBy, KEY_OPTIONS, readJudgedBy } from '../verification-options.ts';
import { provenanceRows } from './verify-chart.ts';
import { repositoryAccess } from './verify-helm.ts';

export const verifyOci: Command = {
  words: ['verify', 'oci'],
  synopsis: '<ref> (--key <pem>... | --certificate-identity <text> --certificate-oidc-issuer <url>) [options]',
  operands: ['<ref>'],
  summary: 'Verifies the cosign signature of a chart or another artifact in a registry, by tag or digest.',
  usage: [
    ...SIGNATURE_USAGE,
    '--signature-repository <ref>',
    '                         where signatures are, beside the repository itself',
    '--keyring <file>...      also verify the provenance layer of a Helm chart; both have to hold',
    '--keys <id>...           of the key ring, trust only these',
    '--plain-http             ask over http, as for a registry on loopback (default: https)',
    '--username <name>        for the registry; with --password-stdin',
    '--password-stdin         read the password from standard input',
    "--ca-file <file>         PEM certificates that replace the system's roots",
  ],
  options: {
    ...SIGNATURE_OPTIONS,
    ...KEY_OPTIONS,
    'signature-repository': { type: 'string' },
    'plain-http': { type: 'boolean' },
    username: { type: 'string' },
    'password-stdin': { type: 'boolean' },
    'ca-file': { type: 'string' },
  },
  common: true,
  async run(invocation) {
    const { operands, options, terminal } = invocation;
    choice(options, 'output', ['table', 'json']);
    const now = moment(options);
    const reference = readReference(operands[0] ?? '');
    const signatureRepository = readSignatureRepository(options);
    const { requirement, warnings } = await readWantedSignature(options, now);
    const judgedBy = await readProvenanceKeys(options);
    const access = await repositoryAccess(invocation, `oci://${formatRepository(reference.repository)}`);
    const found = await collect(reference, signatureRepository, access, invocation, now);
    const observation =
      'evidence' in found ? await judge(found.evidence, requirement, judgedBy, now) : found.observation;
    const evidence = 'evidence' in found ? found.evidence : null;
    const shown = formatReference(reference.repository, reference.tagOrDigest);
    answer(terminal, options, observation, () =>
      artifactPage({
        subject: `${evidence?.form === 'chart' ? 'Chart' : 'Artifact'} ${shown}`,
        observation,
        searched: evidence?.signatures.searched ?? [],
        warnings,
        evidence: [
          ['reference', shown],
          ...(evidence === null ? [] : evidenceRows(evidence, judgedBy !== null)),
          ...trustRows(requirement),
          ...(judgedBy?.files ?? []).map((file) => ['key ring', file]),
        ],
      }),
    );
    return exitOf(observation.status);
  },
};

interface NamedArtifact {
  readonly repository: RepositoryName;
  readonly tagOrDigest: string;
}

function readReference(operand: string): NamedArtifact {
  const read = parseReference(operand);
  if ('problem' in read) throw new UsageError(referenceFault(read.problem.params));
  const { repository, tag, digest } = read.reference;
  const tagOrDigest = digest ?? tag;
  if (tagOrDigest !== null) return { repository, tagOrDigest };
  throw new UsageError(
    `The reference ${JSON.stringify(operand)} names neither a tag nor a digest: write ${formatRepository(repository)}:<tag> or ${formatRepository(repository)}@sha256:<digest>.`,
  );
}

function readSignatureRepository(options: OptionValues): RepositoryName | null {
  const written = text(options, 'signature-repository');
  if (written === undefined) return null;
  const read = parseReference(written);
  if ('problem' in read) throw new UsageError(`--signature-repository: ${referenceFault(read.problem.params)}`);
  const { repository, tag, digest } = read.reference;
  if (tag === null && digest === null) return repository;
  throw new UsageError(
    `--signature-repository takes a repository without a tag or digest, such as ${formatRepository(repository)}.`,
  );
}

function referenceFault({ reference, reason }: Readonly<Record<string, unknown>>): string {
  return `The reference ${JSON.stringify(reference)} ${String(reason)}.`;
}

/** Null: provenance is not asked for. */
async function readProvenanceKeys(options: OptionValues): Promise<JudgedBy | null> {
  if (texts(options, 'keyring').length > 0) return readJudgedBy(options);
  if (texts(options, 'keys').length > 0) throw new UsageError('--keys needs --keyring, of which it names keys.');
  choice(options, 'strict-rules', ['on', 'off']);
  return null;
}

async function collect(
  { repository, tagOrDigest }: NamedArtifact,
  signatureRepository: RepositoryName | null,
  access: ResolvedAccess,
  { options, signal }: Invocation,
  now: Date,
): Promise<{ readonly evidence: RegistryEvidence } | { readonly observation: Observation }> {
  const fetcher = commandLineFetcher(options);
  const plainHttp = flag(options, 'plain-http');
  const registry: RegistryAccess = {
    fetch: fetcher.fetch,
    access,
    plainHttp,
    authorizations: new AuthorizationCache(),
    tokenRealms: [],
    signal,
  };
  try {
    const collected = await collectReference({
      repository,
      tagOrDigest,
      signatureRepositories: signatureRepository === null ? [] : [formatRepository(signatureRepository)],
      registry,
      accessTo: (other) =>
        other.registry === repository.registry ? registry : { ...registry, access: anonymous(access, other) },
      now,
    });
    if ('evidence' in collected) return collected;
    const isUnsupported = entryOf(collected.problem.code)?.consequence === 'unsupported';
    return { observation: unanswered(isUnsupported ? 'unsupported' : 'indeterminate', collected.problem) };
  } finally {
    await fetcher.close();
  }
}

/** The credentials are for the registry of the artifact, and for no other. */
function anonymous(access: ResolvedAccess, { registry }: RepositoryName): ResolvedAccess {
  return { ...access, identity: 'command line, anonymous', url: `oci://${registry}`, username: '', password: '' };
}

async function judge(
  evidence: RegistryEvidence,
  requirement: CosignRequirement,
  judgedBy: JudgedBy | null,
  now: Date,
): Promise<Observation> {
  const observation = await judgeReference({ evidence, requirement, provenance: judgedBy, now });
  return underKeyring(observation, judgedBy?.unreadable ?? []);
}

function evidenceRows(evidence: RegistryEvidence, withProvenance: boolean): Row[] {
  const { digest, bytes } = manifestOf(evidence);
  const manifest: Row = ['manifest', digest, `${bytes.length} bytes`];
  if (evidence.form !== 'chart') {
    const { content } = evidence.artifact;
    return [manifest, ['content', content.digest, `${content.size} bytes`]];
  }
  const { chart, provenance } = evidence.chart;
  return [
    manifest,
    ['chart', chart.digest, `${chart.size} bytes`],
    ...(withProvenance ? provenanceRows(provenance) : []),
  ];
}

export function trustRows({ keys, trustRoot }: CosignRequirement): Row[] {
  return [
    ...keys.map(({ name, fingerprint }) => ['key', name, fingerprint]),
    ...(trustRoot === null ? [] : [['trust root', trustRoot.name, trustRoot.identity]]),
  ];
}
