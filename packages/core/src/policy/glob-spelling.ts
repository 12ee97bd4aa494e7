import type { Glob } from './glob.ts';
import type { GlobNode } from './glob-syntax.ts';

/** What is wrong with a glob for URLs: it meets one spelling only (`write` meets all), or no clear URL at all. */
export type SpellingFault = { readonly write: string } | { readonly nothing: string };

/**
 * Looks for globs that a source's owner could step around by spelling the URL in another way: a source is matched by
 * its normal form, which such a glob does not meet. Null where the glob is fine as it is.
 */
export function urlSpellingFault(glob: Glob): SpellingFault | null {
  const nothing = textNobodyClearHas(glob.nodes, /[^A-Za-z0-9\-._~:/[\]@!$&'()*+,=%]/);
  if (nothing !== null) return { nothing: `a clear URL never holds ${nothing}` };
  const { pattern } = glob;
  const [, scheme = '', rest = ''] = /^([^/]*:\/\/)?(.*)$/s.exec(pattern) ?? [];
  // A star may already be past the host, so what comes after it is left as it is.
  const [, authority = '', path = ''] = /^([^/*]*)(.*)$/s.exec(rest) ?? [];
  const [literal = ''] = /^[^*?[{\\]*/.exec(path) ?? [];
  if (literal.includes('//')) return { nothing: 'the path of a clear URL never holds "//"' };
  if (/\/\.\.?\//.test(literal === path ? `${path}/` : literal)) {
    return { nothing: 'the path of a clear URL never holds "." or ".."' };
  }
  const host = withoutDefaultPort(
    scheme.toLowerCase(),
    authority.slice(authority.lastIndexOf('@') + 1).toLowerCase(),
    path,
  );
  const write = scheme.toLowerCase() + host + upperCaseEscapes(path).replace(/(?:\.git\/?)+$/, '');
  return write === pattern ? null : { write };
}

/** The same for globs under `oci`, where every URL is a registry's. */
export function registrySpellingFault(glob: Glob): SpellingFault | null {
  if (/^https?:\/\//i.test(glob.pattern)) return { nothing: 'what lies in a registry has a URL with "oci://"' };
  return urlSpellingFault(glob);
}

/** A chart's name has no other characters; `/` only in a registry. */
export function chartSpellingFault(glob: Glob): SpellingFault | null {
  const nothing = textNobodyClearHas(glob.nodes, /[^A-Za-z0-9._~+/-]/);
  return nothing === null ? null : { nothing: `the name of a chart never holds ${nothing}` };
}

function withoutDefaultPort(scheme: string, authority: string, path: string): string {
  if (path !== '' && !path.startsWith('/')) return authority;
  switch (scheme) {
    case 'https://':
    case 'oci://':
      return authority.replace(/(?<=.):443$/, '');
    case 'http://':
      return authority.replace(/(?<=.):80$/, '');
    default:
      return authority;
  }
}

function upperCaseEscapes(path: string): string {
  return path.replaceAll(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
}

function textNobodyClearHas(nodes: readonly GlobNode[], foreign: RegExp): string | null {
  for (const node of nodes) {
    if (node.kind === 'text' && foreign.test(node.text)) return `"${node.text}"`;
    if (node.kind !== 'choice') continue;
    for (const alternative of node.alternatives) {
      const found = textNobodyClearHas(alternative, foreign);
      if (found !== null) return found;
    }
  }
  return null;
}
