import * as z from 'zod/mini';

/** Names one entry of `argocd-source-integrity-cm`: `project.payments › helm › 1`. */
export const PolicyRef = z.object({
  /** Key of the ConfigMap: `all-projects` or `project.<name>`. */
  entry: z.string(),
  list: z.enum(['helm', 'oci']),
  /** Position in the list, from 1. */
  index: z.number(),
});
export type PolicyRef = z.infer<typeof PolicyRef>;

export const Enforcement = z.enum(['enforce', 'warn', 'off']);
export type Enforcement = z.infer<typeof Enforcement>;

/** What a sync meets: `warn` lets it pass and says what `enforce` would have refused. */
export const Decision = z.object({
  action: z.enum(['allow', 'warn', 'deny']),
  /** The entry that asks for more than there is; null when nothing is asked or nothing is missing. */
  policy: z.nullable(PolicyRef),
  /** Problem codes, the most important first; empty for `allow`. */
  because: z.array(z.string()),
});
export type Decision = z.infer<typeof Decision>;
