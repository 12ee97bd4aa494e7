import { createHash } from 'node:crypto';
import { type ApplicationName, notThisApplication } from './install-manifests.ts';

const WEBHOOKS = [
  { kind: 'mutatingwebhookconfiguration', webhook: 'pin.source-integrity.io' },
  { kind: 'validatingwebhookconfiguration', webhook: 'gate.source-integrity.io' },
] as const;

/** Commands for a shell that take one Application out of both webhooks, and as comments those that take it back. */
export function breakGlass(namespace: string, application: ApplicationName): string {
  const condition = notThisApplication(conditionName(application), application);
  const patch = (entry: object): readonly string[] =>
    WEBHOOKS.map(({ kind, webhook }) => {
      const json = JSON.stringify({ webhooks: [{ name: webhook, matchConditions: [entry] }] });
      return `kubectl patch ${kind} source-integrity-${namespace} --type strategic --patch '${json.replaceAll("'", String.raw`'\''`)}'`;
    });
  return [
    `# Nothing of ${application.namespace}/${application.name} is verified from here on, whatever is synced, and nothing records it.`,
    '# Only for a server that is away: while it runs, write an exemption with a reason and an end into the policy.',
    ...patch(condition),
    '# Back to normal, once the server runs again:',
    ...patch({ name: condition.name, $patch: 'delete' }).map((line) => `#   ${line}`),
    '',
  ].join('\n');
}

/** One for each Application, so that the second does not take the place of the first; a condition's name is short. */
function conditionName({ namespace, name }: ApplicationName): string {
  const digest = createHash('sha256').update(`${namespace}/${name}`).digest('hex');
  return `break-glass-${digest.slice(0, 12)}`;
}
