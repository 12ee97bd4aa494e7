import { application, listAt, textAt } from './proof.ts';

/** What Argo CD passes on from the gate; or, of a repo-server with the guard, from that. */
export const REFUSED = /admission webhook "gate\.source-integrity\.io" denied the request: |source-integrity: /;

/** Why Argo CD does not deploy an Application by itself; null while nothing of ours keeps it from that. */
export async function refusalOf(name: string): Promise<string | null> {
  const conditions = listAt(await application(name), 'status', 'conditions');
  const messages = conditions
    .filter((each) => ['SyncError', 'ComparisonError'].includes(textAt(each, 'type')))
    .map((each) => textAt(each, 'message'));
  return messages.find((message) => REFUSED.test(message)) ?? null;
}
