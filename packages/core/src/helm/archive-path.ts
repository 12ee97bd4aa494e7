const MAX_PATH = 1_000;
const MAX_DEPTH = 64;

/**
 * What is wrong with a path in a chart archive, to complete "the path …"; null: nothing.
 * Helm refuses absolute paths, parent folders and drive letters (4.3.1, pkg/chart/loader/archive/archive.go
 * `LoadArchiveFiles`); it also reads a backslash as a slash, which no other reader does.
 */
export function faultOfPath(path: string, type: 'file' | 'directory'): string | null {
  if (path.length > MAX_PATH) return `is longer than ${MAX_PATH} characters`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is absolute';
  if (path.includes('\\')) return 'has a backslash';
  if (/\p{Cc}|\ufffd/u.test(path)) return 'has control characters or is not UTF-8';
  const segments = path.split('/');
  if (type === 'directory' && segments.at(-1) === '') segments.pop();
  if (segments.length > MAX_DEPTH) return `is deeper than ${MAX_DEPTH} folders`;
  if (segments.includes('..')) return 'leads to a parent folder';
  if (segments.includes('.') || segments.includes('')) return 'has an empty part or a dot';
  if (/^[A-Za-z]:/.test(segments[1] ?? '')) return 'is absolute';
  return null;
}
