import { type Document, isScalar, isSeq } from 'yaml';
import { installFile, printDocuments } from './install-files.ts';
import { verifiedPullPermissions } from './install-verified-pull.ts';

export interface ApplicationName {
  readonly namespace: string;
  readonly name: string;
}

export interface Installation {
  /** Argo CD's namespace: this instance. */
  readonly namespace: string;
  readonly enforcement: 'warn' | 'enforce';
  /** Other namespaces with Applications, by exact name. */
  readonly applicationNamespaces: readonly string[];
  /** Null: the name that the files have, for an image that is yet to be built. */
  readonly image: string | null;
  /** The one Application that neither webhook is asked about. */
  readonly excludedApplication: ApplicationName | null;
  /** CIDRs that kube-apiserver's requests come from; empty: anybody may ask the webhooks. */
  readonly apiServerAddresses: readonly string[];
  /** Users, and groups as `group:<name>`; without quotes and backslashes. */
  readonly trustRootWriters: readonly string[];
  /** Whether the server is to answer the guard of the repo-server. */
  readonly withVerifiedPull: boolean;
  readonly withPolicy: boolean;
}

/** Everything of ours as one stream of YAML. There is no secret in it. */
export async function renderManifests(installation: Installation): Promise<string> {
  const documents: Document.Parsed[] = [];
  for (const file of await baseFiles(installation)) {
    documents.push(...(await installFile(`base/${file}`, installation.namespace)));
  }
  documents.push(...(await applicationNamespaces(installation)));
  if (installation.withVerifiedPull) documents.push(...(await verifiedPullPermissions(installation.namespace)));
  for (const document of documents) adapt(document, installation);
  return `${introduction(installation)}${printDocuments(documents)}`;
}

async function baseFiles({ namespace, withPolicy }: Installation): Promise<string[]> {
  const [kustomization] = await installFile('base/kustomization.yaml', namespace);
  const resources = kustomization?.get('resources');
  const files = isSeq(resources) ? resources.items.map((item) => (isScalar(item) ? String(item.value) : '')) : [];
  return files.filter((file) => withPolicy || file !== 'policy.yaml');
}

/** The ClusterRole once, and the RoleBinding of the file's first example for each namespace. */
async function applicationNamespaces(installation: Installation): Promise<Document.Parsed[]> {
  const documents: Document.Parsed[] = [];
  for (const namespace of installation.applicationNamespaces) {
    const [role, binding] = await installFile(
      'overlays/namespaced/application-namespaces.yaml',
      installation.namespace,
    );
    if (role !== undefined && documents.length === 0) documents.push(role);
    binding?.setIn(['metadata', 'namespace'], namespace);
    if (binding !== undefined) documents.push(binding);
  }
  return documents;
}

function adapt(document: Document.Parsed, installation: Installation): void {
  const kind = document.get('kind');
  switch (kind) {
    case 'MutatingWebhookConfiguration':
    case 'ValidatingWebhookConfiguration':
      return adaptWebhook(document, installation);
    case 'ConfigMap':
      return document.setIn(['data', 'enforcement'], installation.enforcement);
    case 'Service':
      // One that is not ready names the cause. In warn nobody is to be stopped by it.
      if (installation.enforcement === 'enforce') document.setIn(['spec', 'publishNotReadyAddresses'], true);
      return;
    case 'NetworkPolicy':
      return adaptNetwork(document, installation.apiServerAddresses);
    case 'StatefulSet':
      if (installation.image !== null) document.setIn([...CONTAINER, 'image'], installation.image);
      return;
    case 'ValidatingAdmissionPolicy':
      return adaptTrustRoots(document, installation.trustRootWriters);
    default:
  }
}

const CONTAINER = ['spec', 'template', 'spec', 'containers', 0] as const;

function adaptWebhook(document: Document.Parsed, installation: Installation): void {
  if (installation.enforcement === 'enforce') document.setIn(['webhooks', 0, 'failurePolicy'], 'Fail');
  const selected = ['webhooks', 0, 'namespaceSelector', 'matchExpressions', 0, 'values'];
  for (const namespace of installation.applicationNamespaces) document.addIn(selected, namespace);
  if (installation.excludedApplication !== null) {
    document.addIn(
      ['webhooks', 0, 'matchConditions'],
      document.createNode(notThisApplication('not-our-own-installation', installation.excludedApplication)),
    );
  }
}

/**
 * A match condition under which no webhook is asked about one Application, by exact namespace and name. A name that is
 * yet to be generated is none: an expression that fails would keep a webhook that may be ignored from being asked.
 */
export function notThisApplication(
  condition: string,
  { namespace, name }: ApplicationName,
): { name: string; expression: string } {
  return {
    name: condition,
    expression: `!(object.metadata.namespace == '${namespace}' && object.metadata.?name.orValue('') == '${name}')`,
  };
}

/** By its place, as the component has it; a test compares. */
function adaptNetwork(document: Document.Parsed, addresses: readonly string[]): void {
  if (addresses.length === 0) return;
  const repoServer = { matchLabels: { 'app.kubernetes.io/name': 'argocd-repo-server' } };
  const from = [...addresses.map((cidr) => ({ ipBlock: { cidr } })), { podSelector: repoServer }];
  document.setIn(['spec', 'ingress', 1, 'from'], document.createNode(from));
}

function adaptTrustRoots(document: Document.Parsed, writers: readonly string[]): void {
  const groups = writers.flatMap((writer) => (writer.startsWith('group:') ? [writer.slice('group:'.length)] : []));
  const users = writers.filter((writer) => !writer.startsWith('group:'));
  if (users.length > 0) document.setIn(['spec', 'variables', 0, 'expression'], celList(users));
  if (groups.length > 0) document.setIn(['spec', 'variables', 1, 'expression'], celList(['system:masters', ...groups]));
}

function celList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(', ')}]`;
}

function introduction({ namespace, image, withPolicy }: Installation): string {
  return [
    `# Source integrity for the Argo CD in namespace ${namespace}. Read it; then apply it with`,
    '#   kubectl apply --server-side -f -',
    `# Before that, once, the token that Argo CD and this server share:`,
    `#   ${tokenCommand(namespace)}`,
    `# After it, Argo CD's own configuration:`,
    `#   source-integrity install --print-registration${namespace === 'argocd' ? '' : ` --namespace ${namespace}`}`,
    ...(image === null ? ['# No image is published: build deploy/Dockerfile, and name it with --image.'] : []),
    ...(withPolicy ? ['# Your policy stays as it is in an upgrade --without-policy.'] : []),
    '',
  ].join('\n');
}

/** Makes a token where there was none or another; it is in no process list, and nothing prints it. */
export function tokenCommand(namespace: string): string {
  return `printf '{"stringData":{"source-integrity.token":"%s"}}' "$(openssl rand -hex 32)" | kubectl -n ${namespace} patch secret argocd-secret --type merge --patch-file /dev/stdin`;
}
