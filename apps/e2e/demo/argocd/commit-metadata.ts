import { isRecord } from './application.ts';

/** Who signed the commits of the repositories that the demo's Git sources name; nothing of it is behind an address. */
const SIGNED_BY: Readonly<Record<string, string>> = { 'platform-deploy.git': '843BBF981FC18762' };
const AUTHOR = 'Jane Roe <jane@acme.test>';

/**
 * Argo CD's `RevisionMetadata` of a commit (upstream: reposerver/repository/repository.go, GetRevisionMetadata): with
 * a result where a Git policy of the project covers the repository.
 */
export function commitMetadata(project: unknown, repoURL: string, revision: string): object {
  const keys = keysAllowed(project, repoURL);
  return {
    author: AUTHOR,
    date: '2026-11-20T09:12:44Z',
    message: 'A commit that stands in for a real one',
    ...(keys === null ? {} : resultOf(keys, repoURL, revision)),
  };
}

function resultOf(keys: readonly string[], repoURL: string, revision: string): object {
  const key = SIGNED_BY[repoURL.split('/').at(-1) ?? ''];
  const failed = (why: string): string[] => [`Failed verifying revision ${revision} by '${AUTHOR}': ${why}`];
  const problems =
    key === undefined
      ? failed('unsigned (key_id=)')
      : keys.includes(key)
        ? null
        : failed(`signed with unallowed key (key_id=${key})`);
  return {
    // Go's own names: upstream gives the result's fields none for JSON.
    sourceIntegrityResult: { Checks: [{ Name: 'GIT/GPG', Problems: problems }] },
    signatureInfo: key === undefined ? 'Revision is not signed.' : `Good signature from ${AUTHOR} key ${key}`,
  };
}

/** The keys of the policy that covers the repository; null: there is none. Patterns here only know `*`, at the end. */
function keysAllowed(project: unknown, repoURL: string): readonly string[] | null {
  const spec = isRecord(project) && isRecord(project['spec']) ? project['spec'] : {};
  const integrity = isRecord(spec['sourceIntegrity']) ? spec['sourceIntegrity'] : {};
  const git = isRecord(integrity['git']) ? integrity['git'] : {};
  for (const policy of listOf(git['policies'])) {
    const covers = listOf(policy['repos']).some(({ url }) => {
      const glob = String(url);
      return glob === repoURL || (glob.endsWith('*') && repoURL.startsWith(glob.slice(0, -1)));
    });
    const gpg = policy['gpg'];
    if (!covers || !isRecord(gpg) || gpg['mode'] === 'none') continue;
    return Array.isArray(gpg['keys']) ? gpg['keys'].map(String) : [];
  }
  return null;
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
