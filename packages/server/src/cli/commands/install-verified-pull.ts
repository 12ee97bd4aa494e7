import { Document } from 'yaml';
import { installFile, printDocuments } from './install-files.ts';

export const VERIFIED_PULL_FORMS = ['kubectl', 'helm-values', 'removal'] as const;

export interface VerifiedPull {
  /** Commands for a shell, values for Argo CD's own Helm chart, or the commands that take it away again. */
  readonly form: (typeof VERIFIED_PULL_FORMS)[number];
  readonly namespace: string;
  /** Whose init container brings the guard; null: the name that the files have. */
  readonly image: string | null;
}

const POD = ['spec', 'template', 'spec'] as const;

/** The guard in front of the repo-server's Helm: how it comes there, and how it goes again. */
export async function renderVerifiedPull(asked: VerifiedPull): Promise<string> {
  switch (asked.form) {
    case 'kubectl':
      return commands(asked);
    case 'helm-values':
      return helmValues(asked);
    case 'removal':
      return removal(asked);
  }
}

/** To have the API server vouch for the repo-server's token. */
export function verifiedPullPermissions(namespace: string): Promise<Document.Parsed[]> {
  return installFile('components/verified-pull/permissions.yaml', namespace);
}

async function repoServer({ namespace, image }: VerifiedPull): Promise<Document.Parsed> {
  const [deployment] = await installFile('components/verified-pull/argocd-repo-server.yaml', namespace);
  if (deployment === undefined) throw new Error('the component verified-pull has no Deployment');
  if (image !== null) deployment.setIn([...POD, 'initContainers', 0, 'image'], image);
  deployment.setIn(['metadata', 'namespace'], namespace);
  return deployment;
}

/**
 * Under a field manager of its own: what somebody else has set is a conflict and stays, and what is taken away again
 * is exactly what came.
 */
const APPLY = "kubectl apply --server-side --field-manager=source-integrity-verified-pull -f - <<'END'";

async function commands(asked: VerifiedPull): Promise<string> {
  const { namespace } = asked;
  const objects = [...(await verifiedPullPermissions(namespace)), await repoServer(asked)];
  return lines(
    `# Verified pull for the Argo CD in namespace ${namespace}. Read it, then run it with sh. The server has to run already.`,
    '# The way back: source-integrity install --print-verified-pull removal',
    'set -e',
    APPLY,
    printDocuments(objects).trimEnd(),
    'END',
    ...replaced(namespace, '!source-integrity.io/verified-pull'),
    '# What was rendered without the guard lies in Redis. Servers of argocd-redis-ha copy it from one another.',
    `if kubectl -n ${namespace} get statefulset argocd-redis-ha-server >/dev/null 2>&1; then`,
    `  for pod in $(kubectl -n ${namespace} get pods -l app.kubernetes.io/name=argocd-redis-ha -o name); do`,
    `    kubectl -n ${namespace} exec "$pod" -c redis -- sh -c 'redis-cli --no-auth-warning -a "$AUTH" flushall'`,
    '  done',
    'else',
    `  kubectl -n ${namespace} rollout restart deployment argocd-redis`,
    'fi',
  );
}

function removal({ namespace }: VerifiedPull): string {
  const nothing = new Document({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'argocd-repo-server', namespace },
  });
  return lines(
    `# Takes verified pull away from the Argo CD in namespace ${namespace}, where --print-verified-pull kubectl brought it.`,
    'set -e',
    '# Applied with nothing in it, whatever came under this field manager goes; all else stays.',
    APPLY,
    nothing.toString().trimEnd(),
    'END',
    ...replaced(namespace, 'source-integrity.io/verified-pull'),
    `kubectl delete --ignore-not-found clusterrole,clusterrolebinding source-integrity-${namespace}-guard`,
  );
}

/** Until no pod of the repo-server is left that has, or has not, the guard: it could fill the caches once more. */
function replaced(namespace: string, selected: string): string[] {
  const pods = `app.kubernetes.io/name=argocd-repo-server,${selected}`;
  return [
    `kubectl -n ${namespace} rollout status deployment argocd-repo-server --timeout 10m`,
    `kubectl -n ${namespace} wait pod -l '${pods}' --for delete --timeout 10m`,
  ];
}

/** The same places, by the names that they have in the chart `argo-cd` of argo-helm. */
async function helmValues(asked: VerifiedPull): Promise<string> {
  const deployment = await repoServer(asked);
  const part = (...path: readonly (string | number)[]): unknown =>
    deployment.getIn(['spec', 'template', ...path], true);
  const values = new Document({ repoServer: {} });
  const put = (name: string, value: unknown): void => {
    values.setIn(['repoServer', name], value);
  };
  put('podLabels', part('metadata', 'labels'));
  // The account that the server answers; the chart would name it after the release.
  put('serviceAccount', values.createNode({ name: 'argocd-repo-server' }));
  put('env', part('spec', 'containers', 0, 'env'));
  put('initContainers', part('spec', 'initContainers'));
  put('volumeMounts', part('spec', 'containers', 0, 'volumeMounts'));
  put('volumes', part('spec', 'volumes'));
  values.commentBefore = [
    " Verified pull, for Argo CD's own Helm chart (argo-cd of argo-helm). Put it beside your values, each list after",
    ' what you have there already. The rights come with source-integrity install --print --verified-pull, or with',
    ' verifiedPull.enabled in our chart. To remove it, leave it out again.',
  ].join('\n');
  return values.toString({ lineWidth: 120 });
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
