import {
  type PolicyExplanation,
  selectRequirements,
  type Source,
  sourceKind,
  sourceProblem,
  withoutUserInfo,
  wording,
} from '@source-integrity/core';
import { argocdSettings } from '../../verification/argocd-settings.ts';
import type { ClusterView } from '../../cluster/cluster.ts';
import { answer } from '../answers.ts';
import { CLUSTER_OPTIONS, CLUSTER_USAGE, readClusterFolder } from '../cluster-folder.ts';
import { choice, type Command, EXIT, type ExitStatus, required, text, UsageError } from '../command.ts';
import { explanationPage } from '../presentation/explanation-page.ts';

export const policyExplain: Command = {
  words: ['policy', 'explain'],
  synopsis: '--cluster-dir <folder> --project <name> --repo <url> [--chart <name>]',
  operands: [],
  summary: 'Says which policy entries apply to a source, and why; asks no repository.',
  usage: [
    ...CLUSTER_USAGE,
    "--project <name>         the Application's project",
    '--repo <url>             as an Application has it in repoURL',
    '--chart <name>           for a Helm chart; without it, a URL that is not oci:// is a Git repository',
  ],
  options: {
    ...CLUSTER_OPTIONS,
    project: { type: 'string' },
    repo: { type: 'string' },
    chart: { type: 'string' },
  },
  common: true,
  async run({ options, terminal }) {
    choice(options, 'output', ['table', 'json']);
    const repoURL = required(options, 'repo');
    const project = required(options, 'project');
    const chart = text(options, 'chart') ?? '';
    if (options['chart'] !== undefined && chart === '') throw new UsageError('--chart is empty.');
    const view = await readClusterFolder(options);
    const kind = sourceKind({ repoURL, chart, path: '', ref: '' }, view.enablesOCI(project));
    const source = { kind, repoURL, chart: kind === 'helm-http' || kind === 'helm-oci' ? chart : null };
    const { policy } = await argocdSettings(view);
    const { explanation } = selectRequirements(policy, project, source);
    answer(terminal, options, explanation, () =>
      explanationPage({
        source: { ...source, repoURL: withoutUserInfo(repoURL) },
        explanation,
        notes: permissionNotes(view, project, source),
      }),
    );
    return exitOfExplanation(explanation);
  },
};

/** What refuses the source before any policy is asked. */
function permissionNotes(view: ClusterView, name: string, source: Pick<Source, 'kind' | 'repoURL'>): string[] {
  const project = view.project(name);
  switch (project.status) {
    case 'missing':
      return ['There is no AppProject of this name in the folder: Argo CD and this server refuse its Applications.'];
    case 'unreadable':
      return [`The AppProject cannot be read: ${project.reason}.`];
    case 'found': {
      const forbidden = sourceProblem(project.value, source);
      return forbidden === null ? [] : [wording(forbidden, 'This source').sentence];
    }
  }
}

function exitOfExplanation({ problems, unmatched }: PolicyExplanation): ExitStatus {
  if (problems.length > 0) return EXIT.unknown;
  return unmatched === 'deny' ? EXIT.failed : EXIT.ok;
}
