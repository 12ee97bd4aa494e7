import type { PolicyRef } from '@source-integrity/core/contract';

/** How an entry of the policies is named wherever people read it: `project.payments › helm › 1`. */
export function policyName(ref: PolicyRef): string {
  return `${ref.entry} › ${ref.list} › ${ref.index}`;
}
