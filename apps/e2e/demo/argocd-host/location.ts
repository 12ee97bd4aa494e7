import { useEffect, useState } from 'react';

/** What the page's address says: which page, which panel over it, and how the demo shows it. */
export interface Location {
  /** The open Application; null on the list. */
  readonly application: { readonly namespace: string; readonly name: string } | null;
  readonly search: URLSearchParams;
}

/** Kept from page to page: they are the demo's, not a page's. */
const KEPT = ['react', 'theme'];

/** Argo CD's root path, without a slash at its end. */
function base(): string {
  return new URL(document.baseURI).pathname.replace(/\/$/, '');
}

function readLocation(): Location {
  const path = window.location.pathname.slice(base().length);
  const [, namespace, name] = /^\/applications\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? [];
  return {
    application: namespace === undefined || name === undefined ? null : { namespace, name },
    search: new URLSearchParams(window.location.search),
  };
}

export function useLocation(): Location {
  const [location, setLocation] = useState(readLocation);
  useEffect(() => {
    const changed = (): void => setLocation(readLocation());
    window.addEventListener('popstate', changed);
    return () => window.removeEventListener('popstate', changed);
  }, []);
  return location;
}

/** The address of a page below Argo CD's root path, with the demo's own choices kept. */
export function addressOf(path: string, parameters: Readonly<Record<string, string>> = {}): string {
  const at = `${base()}${path}`;
  const search = new URLSearchParams(parameters);
  const current = new URLSearchParams(window.location.search);
  for (const name of KEPT) {
    const value = current.get(name);
    if (value !== null && !search.has(name)) search.set(name, value);
  }
  const query = search.toString();
  return query === '' ? at : `${at}?${query}`;
}

export function navigate(address: string): void {
  window.history.pushState(null, '', address);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

/** The same page with parameters set, or removed where null. */
export function withParameters(parameters: Readonly<Record<string, string | null>>): string {
  const search = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) search.delete(name);
    else search.set(name, value);
  }
  const query = search.toString();
  return `${window.location.pathname}${query === '' ? '' : `?${query}`}`;
}
