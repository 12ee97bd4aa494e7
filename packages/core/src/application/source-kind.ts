import * as z from 'zod/mini';

/** What Argo CD takes a source for: see `sourceKind`. */
export const SourceKind = z.enum(['helm-http', 'helm-oci', 'oci', 'git', 'ref']);
export type SourceKind = z.infer<typeof SourceKind>;
