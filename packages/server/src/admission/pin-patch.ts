import { type Deployment, isPinned } from '@source-integrity/core';
import * as z from 'zod';

/** One operation of a JSON Patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** As much of an Application as pin may copy from or write to; sources stay as they are, unknown fields included. */
const Written = z.object({
  spec: z.object({ source: z.unknown().optional(), sources: z.array(z.unknown()).nullish() }).nullish(),
  operation: z
    .object({
      sync: z
        .object({
          source: z.unknown().optional(),
          sources: z.array(z.unknown()).nullish(),
          revision: z.string().nullish(),
          revisions: z.array(z.string().nullish()).nullish(),
          manifests: z.array(z.unknown()).nullish(),
        })
        .nullish(),
      retry: z.object({ refresh: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
});

/**
 * What makes an operation mean one thing only. `resolved` has the revision that each source of the deployment was
 * resolved to, in their order; null: it stays as it is.
 *
 * Automated sync stops only once `spec.source` deep-equals the source of the result and the revision is the desired
 * one (Argo CD 3.6.1, `controller/appcontroller.go`, `alreadyAttemptedSync`): so a source is only ever an exact copy
 * of the spec's, and a revision that means one thing is never written anew. Values that Go would leave out again
 * (an empty text, false) are not written either: the controller's copy of the operation has to equal it.
 */
export function pinningPatch(
  object: unknown,
  deployment: Deployment,
  resolved: readonly (string | null)[],
): readonly PatchOperation[] {
  const written = Written.safeParse(object);
  if (!written.success) return [];
  const { spec, operation } = written.data;
  const sync = operation?.sync ?? null;
  if (sync === null) return [];
  const patch: PatchOperation[] = [];
  // Where it may mean several things, or brings its own manifests, it is refused as it is.
  if (deployment.ambiguity === null && isEmpty(sync.manifests))
    patch.push(...pinSources(sync, spec ?? {}, deployment, resolved));
  if (operation?.retry?.refresh === true) patch.push({ op: 'remove', path: '/operation/retry/refresh' });
  return patch;
}

type Sync = NonNullable<NonNullable<z.infer<typeof Written>['operation']>['sync']>;
type Spec = NonNullable<z.infer<typeof Written>['spec']>;

function pinSources(
  sync: Sync,
  spec: Spec,
  deployment: Deployment,
  resolved: readonly (string | null)[],
): readonly PatchOperation[] {
  const ownSources = !isEmpty(sync.sources) || isPresent(sync.source);
  const from = ownSources ? sync : spec;
  const many = !isEmpty(from.sources);
  // A hydrator's source is written by Argo CD; there is none to copy.
  if (!many && !isPresent(from.source)) return [];
  const given = many ? (sync.revisions ?? []) : [sync.revision ?? ''];
  // Lists of different length count for nothing, and are refused.
  if (given.length > 0 && given.length !== deployment.sources.length) return [];

  const revisions = deployment.sources.map((planned, place) => {
    const exact = planned.pinned && planned.source.kind !== 'git' && planned.source.kind !== 'ref';
    return resolved[place] ?? (isText(given[place]) ? given[place] : exact ? planned.revision : '');
  });
  const patch: PatchOperation[] = [];
  if (!ownSources) {
    patch.push(
      many
        ? { op: 'add', path: '/operation/sync/sources', value: from.sources }
        : { op: 'add', path: '/operation/sync/source', value: from.source },
    );
  }
  const said = ownSources ? resolved.some((revision) => revision !== null) : revisions.some(isText);
  const same =
    revisions.length === given.length && revisions.every((revision, place) => revision === (given[place] ?? ''));
  if (said && !same) {
    patch.push(
      many
        ? { op: 'add', path: '/operation/sync/revisions', value: revisions }
        : { op: 'add', path: '/operation/sync/revision', value: revisions[0] },
    );
  }
  return patch;
}

/** A revision for a source, if it is one that can mean nothing else. */
export function pinFor({ source }: Deployment['sources'][number], revision: string | null): string | null {
  return revision !== null && isPinned(source.kind, revision) ? revision : null;
}

function isEmpty(list: readonly unknown[] | null | undefined): boolean {
  return (list ?? []).length === 0;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isText(text: string | null | undefined): text is string {
  return text !== undefined && text !== null && text !== '';
}
