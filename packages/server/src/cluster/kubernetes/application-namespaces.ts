import { matchesNamespace } from '@source-integrity/core';
import { LRUCache } from 'lru-cache';

/** In which namespaces Applications may be. */
export interface ApplicationNamespaces {
  /** Each of them; null: patterns say which, so that all have to be watched. */
  readonly names: readonly string[] | null;
  readonly permits: (namespace: string) => boolean;
}

const MAX_PATTERNS = 1000;
const PLAIN = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Reads `application.namespaces` of `argocd-cmd-params-cm`: names and patterns with commas between them, beside Argo
 * CD's own namespace (`IsNamespaceEnabled`). A pattern that cannot be read permits nothing, as in Argo CD.
 */
export function applicationNamespaces(text: string, controllerNamespace: string): ApplicationNamespaces {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .slice(0, MAX_PATTERNS);
  const names = new Set([controllerNamespace, ...entries.filter((entry) => PLAIN.test(entry))]);
  const patterns = entries.filter((entry) => !PLAIN.test(entry));
  const judged = new LRUCache<string, boolean>({ max: 10_000 });
  return {
    names: patterns.length === 0 ? [...names] : null,
    permits(namespace) {
      if (names.has(namespace)) return true;
      const known = judged.get(namespace);
      if (known !== undefined) return known;
      const permitted = patterns.some((pattern) => matchesNamespace(pattern, namespace) === 'matches');
      judged.set(namespace, permitted);
      return permitted;
    },
  };
}
