/** Where credentials of a template may go. */
interface Scope {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  /** Segments of the path, none of them empty. */
  readonly path: readonly string[];
}

const DEFAULT_PORTS: Readonly<Partial<Record<string, string>>> = { http: '80', https: '443', oci: '443', '': '443' };

/**
 * How many segments of the path a template shares with a repository that its credentials are for; null where they
 * are not. Stricter than Argo CD, which compares text (`getRepositoryCredentialIndex`): there the template
 * `https://charts.example.com` also serves `https://charts.example.com.evil.net`, and anybody who may write that URL
 * into an Application is sent the password. Here scheme, host and port are the same, and the template's path ends
 * where a segment of the repository's ends. As in Argo CD, `oci://ghcr.io/x` and `ghcr.io/x` stay apart.
 *
 * A URL that clients could take for another one – user info, dot segments, escapes – gets no template's credentials.
 */
export function coveredSegments(templateURL: string, repoURL: string): number | null {
  const template = scopeOf(templateURL);
  const repository = scopeOf(repoURL);
  if (template === null || repository === null) return null;
  const isSameOrigin =
    template.scheme === repository.scheme && template.host === repository.host && template.port === repository.port;
  if (!isSameOrigin || !template.path.every((segment, at) => segment === repository.path[at])) return null;
  return template.path.length;
}

/** Case does not count, as in Argo CD's own comparison, nor does a `.git` at the end. */
function scopeOf(url: string): Scope | null {
  const normal = url
    .trim()
    .toLowerCase()
    .replace(/\.git$/, '');
  const parts = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d+))?(\/[^?#]*)?$/.exec(normal);
  if (parts === null) return null;
  const [, scheme = '', host = '', port = DEFAULT_PORTS[scheme] ?? '', path = ''] = parts;
  const segments = path.split('/').filter((segment) => segment !== '');
  const isPlain =
    !path.includes('//') &&
    segments.every((segment) => !/[%\\\s\p{C}]/u.test(segment) && segment !== '.' && segment !== '..');
  return isPlain ? { scheme, host, port, path: segments } : null;
}
