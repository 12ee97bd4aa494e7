import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const KUSTOMIZE = new URL('../../../../deploy/kustomize/', import.meta.url);

const Metadata = z.looseObject({ name: z.string(), namespace: z.optional(z.string()) });
const Manifest = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: Metadata });
export type Manifest = z.infer<typeof Manifest>;

/** The objects of a text of YAML; throws for a fault or a warning in it. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw fault;
    const object: unknown = document.toJS();
    return object === null ? [] : [Manifest.parse(object)];
  });
}

/** Every object in the files of a folder below deploy/kustomize, kustomization.yaml apart. */
export function manifestsIn(folder: string): Manifest[] {
  const url = new URL(`${folder}/`, KUSTOMIZE);
  return readdirSync(url)
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .flatMap((name) => manifestsOf(readFileSync(new URL(name, url), 'utf8')));
}

/** The object of this kind and name; throws where there is none. */
export function manifest(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found === undefined) throw new Error(`no ${kind} ${name ?? ''}`);
  return found;
}
