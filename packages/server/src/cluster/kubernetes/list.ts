import { failure, type Outcome } from './api-failure.ts';
import type { KubernetesClient, KubernetesObject, PageOptions } from './client.ts';
import type { Collection } from './resource.ts';

/** Pages of one list; more is no list that ends. */
const MAX_PAGES = 100_000;

/**
 * Reads a list page by page, and answers the version that all of it is of. A page that is too large, or that an API
 * server under load has no time for, is asked for in smaller ones: tenants may fill each of their objects up to what
 * etcd takes.
 */
export async function listAll(
  client: KubernetesClient,
  collection: Collection,
  { selection, limit: most, signal }: Omit<PageOptions, 'token'>,
  onObject: (object: KubernetesObject) => void,
): Promise<Outcome<string>> {
  let limit = most;
  let token: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await client.page(collection, { selection, limit, token, signal });
    if ('failure' in page) {
      const { kind } = page.failure;
      if (signal.aborted || !(kind === 'too-large' || (kind === 'unavailable' && token !== null)) || limit === 1)
        return page;
      limit = Math.max(1, Math.floor(limit / 4));
      continue;
    }
    for (const object of page.value.items) onObject(object);
    token = page.value.continue;
    if (token === null) return { value: page.value.resourceVersion };
  }
  return failure('malformed', 'the API server answers a list that does not end');
}
