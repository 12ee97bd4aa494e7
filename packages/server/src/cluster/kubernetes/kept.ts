import { isPlainObject, own } from '../json-object.ts';
import type { Json } from '../view.ts';

/** Of `metadata`, what is read. */
function metadataOf(object: Json): Json {
  const { name, namespace, uid, labels } = { ...plain(own(object, 'metadata')) };
  return { name, namespace, uid, labels };
}

/** Of an AppProject's `spec`, where from and where to; its roles and status are nobody's business here. */
const OF_PROJECT = [
  'sourceRepos',
  'sourceNamespaces',
  'destinations',
  'permitOnlyProjectScopedClusters',
  'clusterResourceWhitelist',
  'clusterResourceBlacklist',
  'namespaceResourceWhitelist',
  'namespaceResourceBlacklist',
] as const;

export function keptProject(object: Json): Json {
  const spec = { ...plain(own(object, 'spec')) };
  const kept = OF_PROJECT.flatMap((field) => (spec[field] === undefined ? [] : [[field, spec[field]] as const]));
  return { metadata: metadataOf(object), spec: Object.fromEntries(kept) };
}

export function keptConfigMap(object: Json): Json {
  return { metadata: metadataOf(object), data: own(object, 'data') };
}

/** Credentials that are for Git alone: only that they are there counts. */
const GIT_CREDENTIALS = ['sshPrivateKey', 'githubAppPrivateKey', 'azureServicePrincipalClientSecret', 'bearerToken'];
const PRESENT = Buffer.from('present').toString('base64');

/** What is kept of a repository's Secret: no credentials that this server has no use for. */
export function keptSecret(object: Json): Json {
  const data = { ...plain(own(object, 'data')) };
  for (const key of GIT_CREDENTIALS) if (data[key] !== undefined && data[key] !== '') data[key] = PRESENT;
  return { metadata: metadataOf(object), data };
}

function plain(value: unknown): Json {
  return isPlainObject(value) ? value : {};
}
