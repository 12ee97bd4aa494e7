import {
  type Application,
  AuthorizationCache,
  collectChart,
  collectRegistrySource,
  createIndexThread,
  HELM_RULES,
  parseApplication,
  quotable,
  type Report,
  specDeployment,
  verifyApplication as judgeApplication,
  verifyArtifact,
} from '@source-integrity/core';
import type { ClusterView } from '../../cluster/cluster.ts';
import { readManifests } from '../../cluster/manifests/read-manifests.ts';
import { argocdSettings } from '../../verification/argocd-settings.ts';
import { judgedProject } from '../../verification/judged-project.ts';
import { registryAccess } from '../../verification/registries.ts';
import { shippedTrustRoot } from '../../trust-root/seed.ts';
import { signatureTrust } from '../../verification/signature-trust.ts';
import { answer, exitOf } from '../answers.ts';
import { CLUSTER_OPTIONS, CLUSTER_USAGE, readClusterFolder } from '../cluster-folder.ts';
import { choice, type Command, EXIT, type ExitStatus, InputError, type Invocation, moment } from '../command.ts';
import { readTextInput } from '../input-files.ts';
import { reportPage } from '../presentation/report-page.ts';
import { commandLineFetcher } from '../repository-fetcher.ts';

const MAX_FILE_BYTES = 4 * 1024 * 1024;

export const verifyApplication: Command = {
  words: ['verify', 'application'],
  synopsis: '<file.yaml> --cluster-dir <folder>',
  operands: ['<file.yaml>'],
  summary: 'Verifies an Application as it stands in a file, by the projects, policy, keys and Secrets of a folder.',
  usage: CLUSTER_USAGE,
  options: CLUSTER_OPTIONS,
  common: true,
  async run(invocation) {
    const { operands, options, terminal } = invocation;
    choice(options, 'output', ['table', 'json']);
    const application = await readApplication(operands[0] ?? '');
    const report = await verify(application, await readClusterFolder(options), invocation);
    answer(terminal, options, report, () => reportPage(report));
    return exitOfReport(report);
  },
};

async function verify(application: Application, view: ClusterView, { options, signal }: Invocation): Promise<Report> {
  const helmRules = choice(options, 'strict-rules', ['on', 'off']) === 'off';
  const now = moment(options);
  const { policy, keyring } = await argocdSettings(view);
  const { namespace, name, uid, project } = application;
  const fetcher = commandLineFetcher(options);
  const indexThread = createIndexThread();
  const authorizations = new AuthorizationCache();
  try {
    return await judgeApplication(
      {
        application: { namespace, name, uid, project },
        deployment: specDeployment(application, view.enablesOCI(project)),
        project: judgedProject(view, project),
        trigger: 'command-line',
        deployedRevisions: application.deployedRevisions,
        runningJob: null,
      },
      {
        argocdNamespace: view.controllerNamespace,
        policy: helmRules ? { ...policy, strictRules: HELM_RULES } : policy,
        keyring,
        now,
        observe: true,
        collectChart: async ({ source, revision }) => {
          const resolved = view.access(source.repoURL, project);
          if ('problem' in resolved) return resolved;
          return collectChart({
            repoURL: source.repoURL,
            chart: source.chart ?? '',
            targetRevision: revision,
            access: resolved.access,
            passCredentials: source.passCredentials,
            fetch: fetcher.fetch,
            indexThread,
            now,
            signal,
          });
        },
        collectRegistrySource: async ({ source, revision }, signatureRepositories) => {
          const { repoURL, chart } = source;
          const accessTo = (url: string): ReturnType<typeof registryAccess> =>
            registryAccess(
              view.access(url, project),
              { fetch: fetcher.fetch, authorizations, tokenRealms: [] },
              signal,
            );
          const registry = accessTo(repoURL);
          if ('problem' in registry) return registry;
          return collectRegistrySource({
            repoURL,
            chart,
            targetRevision: revision,
            signatureRepositories,
            registry,
            accessTo: ({ registry: host, name }) => accessTo(`oci://${host}/${name}`),
            now,
          });
        },
        verifySignatures: async ({ artifact, discovered, requirement, now: at }) =>
          verifyArtifact(artifact, discovered.candidates, discovered.searched, requirement, at),
        signatureTrust: signatureTrust(view, () => shippedTrustRoot(now)),
        // What was served before is the server's to know.
        otherBytes: async () => [],
        otherArtifacts: async () => [],
        hasCredentials: ({ repoURL }) => {
          const resolved = view.access(repoURL, project);
          return 'access' in resolved && resolved.access.username !== '';
        },
        isPlainHttp: ({ repoURL }) => {
          const resolved = view.access(repoURL, project);
          return 'access' in resolved && resolved.access.insecureOCIForceHttp;
        },
      },
    );
  } finally {
    await fetcher.close();
  }
}

/** The one Application of a file, as the API server would take it. */
async function readApplication(path: string): Promise<Application> {
  const file = JSON.stringify(path);
  const manifests = readManifests(path, await readTextInput({ what: 'The file', path, maxBytes: MAX_FILE_BYTES }));
  const [fault] = manifests.flatMap(({ kind, fault }) =>
    fault !== null && (kind === null || kind === 'Application') ? [fault] : [],
  );
  if (fault !== undefined) {
    throw new InputError(`${file}, line ${fault.line}: ${fault.reason}. A cluster would refuse it.`);
  }
  const applications = manifests.filter(({ kind }) => kind === 'Application');
  const [only, ...others] = applications;
  if (only === undefined) {
    const kinds = [...new Set(manifests.map(({ kind }) => kind ?? 'nothing'))].join(', ');
    throw new InputError(`${file} holds no Application${kinds === '' ? '; it is empty' : `, but ${quotable(kinds)}`}.`);
  }
  if (others.length > 0) {
    const names = applications.map(({ name, line }) => `${String(name)} (line ${line})`).join(', ');
    throw new InputError(
      `${file} holds ${applications.length} Applications: ${quotable(names)}. Give a file with the one that is meant.`,
    );
  }
  const parsed = parseApplication(only.object);
  if ('application' in parsed) return parsed.application;
  const { path: field, reason } = parsed.problem.params;
  throw new InputError(`${file}: ${String(field)} ${String(reason)}.`);
}

/** A source that nothing is wrong with, but that may not be synced, has not passed either. */
function exitOfReport({ status, sources }: Report): ExitStatus {
  const exit = exitOf(status);
  return exit === EXIT.ok && sources.some(({ obstacles }) => obstacles.length > 0) ? EXIT.failed : exit;
}
