import * as z from 'zod';
import { compileGlob, isGlobFault } from '../policy/glob.ts';

const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const Destinations = z.array(z.object({ server: Text, name: Text, namespace: Text })).nullish();
const Kinds = z.array(z.object({ group: Text, kind: Text, name: Text })).nullish();
const ProjectFields = z.object({
  spec: z
    .object({
      destinations: Destinations,
      permitOnlyProjectScopedClusters: z.boolean().nullish(),
      clusterResourceWhitelist: Kinds,
      clusterResourceBlacklist: Kinds,
      namespaceResourceWhitelist: Kinds,
      namespaceResourceBlacklist: Kinds,
    })
    .nullish(),
});
type Destination = NonNullable<z.infer<typeof Destinations>>[number];
type KindList = z.infer<typeof Kinds>;
type Kind = readonly [group: string, kind: string];

/** The cluster that Argo CD itself runs in, as every installation has it. Under another address it is not known here. */
const HERE = { server: 'https://kubernetes.default.svc', name: 'in-cluster' };

/** What is enough, in Argo CD's namespace, to take the server's place, its key, or Argo CD's own rights. */
const IN_NAMESPACE: readonly Kind[] = [
  ...kinds('', 'Pod', 'ReplicationController', 'Service', 'Secret', 'ConfigMap'),
  ...kinds('apps', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'),
  ...kinds('batch', 'Job', 'CronJob'),
  ...kinds('rbac.authorization.k8s.io', 'Role', 'RoleBinding'),
  ...kinds('argoproj.io', 'AppProject'),
];
/** What is enough, in the cluster, to switch enforcement off or to be allowed to. */
const IN_CLUSTER: readonly Kind[] = [
  ...kinds('admissionregistration.k8s.io', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'),
  ...kinds('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'),
  ...kinds('rbac.authorization.k8s.io', 'ClusterRole', 'ClusterRoleBinding'),
  ...kinds('apiextensions.k8s.io', 'CustomResourceDefinition'),
];

function kinds(group: string, ...names: readonly string[]): Kind[] {
  return names.map((name) => [group, name]);
}

/**
 * Whether an AppProject lets its Applications replace, by Argo CD's own controller, what enforces: objects in Argo CD's
 * namespace, or webhook configurations and the like (`AppProject.IsResourcePermitted`). What a restriction to names
 * leaves over is not looked at; what cannot be read counts as permitted.
 */
export function undermines(project: unknown, controllerNamespace: string): boolean {
  const parsed = ProjectFields.safeParse(project);
  if (!parsed.success) return true;
  const spec = parsed.data.spec ?? {};
  // Argo CD's own cluster belongs to no project.
  if (spec.permitOnlyProjectScopedClusters === true) return false;
  const destinations = spec.destinations ?? [];
  if (!destinations.some((item) => isHere(item))) return false;
  const { clusterResourceWhitelist, clusterResourceBlacklist } = spec;
  if (IN_CLUSTER.some((kind) => lists(clusterResourceWhitelist, kind) && !listsWhole(clusterResourceBlacklist, kind))) {
    return true;
  }
  const { namespaceResourceWhitelist, namespaceResourceBlacklist } = spec;
  return (
    isPermitted(destinations, controllerNamespace) &&
    IN_NAMESPACE.some(
      (kind) =>
        ((namespaceResourceWhitelist ?? null) === null || lists(namespaceResourceWhitelist, kind)) &&
        !listsWhole(namespaceResourceBlacklist, kind),
    )
  );
}

/** `AppProject.isDestinationMatched`, of a namespace in Argo CD's own cluster. */
function isPermitted(destinations: readonly Destination[], namespace: string): boolean {
  let permitted = false;
  for (const item of destinations) {
    const [server, name] = [matches(item.server, HERE.server), matches(item.name, HERE.name)];
    const inNamespace = matches(item.namespace, namespace);
    if ((server || name) && inNamespace) permitted = true;
    else if ((!name && isDenial(item.name)) || (!server && isDenial(item.server) && inNamespace)) return false;
    else if (!inNamespace && isDenial(item.namespace) && server) return false;
  }
  return permitted;
}

function isHere({ server, name }: Destination): boolean {
  return matches(server, HERE.server) || matches(name, HERE.name);
}

function lists(list: KindList, [group, kind]: Kind): boolean {
  return (list ?? []).some((item) => matches(item.group, group) && matches(item.kind, kind));
}

/** One that names single objects leaves the others. */
function listsWhole(list: KindList, kind: Kind): boolean {
  return lists(
    (list ?? []).filter(({ name }) => name === ''),
    kind,
  );
}

/** `globMatch`: a `!` in front turns it around. */
function matches(pattern: string, text: string): boolean {
  if (isDenial(pattern)) return !matches(pattern.slice(1), text);
  const compiled = compileGlob(pattern);
  return isGlobFault(compiled) || compiled.matches(text);
}

function isDenial(pattern: string): boolean {
  return pattern.startsWith('!');
}
