import type { Gap } from '@source-integrity/core/contract';
import * as z from 'zod';
import type { ApiFailure, Outcome } from '../../cluster/kubernetes/api-failure.ts';
import type { KubernetesClient } from '../../cluster/kubernetes/client.ts';
import { RESOURCES } from '../../cluster/kubernetes/resource.ts';
import { GATE_CONDITION } from '../match-conditions.ts';
import { authoritiesOf } from './stored.ts';

/** As much of a Mutating- or ValidatingWebhookConfiguration as is read here. */
const Configuration = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  webhooks: z
    .array(
      z.object({
        name: z.string(),
        failurePolicy: z.string().optional(),
        namespaceSelector: z
          .object({
            matchExpressions: z
              .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() }))
              .optional(),
          })
          .optional(),
        objectSelector: z.looseObject({}).optional(),
        rules: z
          .array(
            z.object({
              apiGroups: z.array(z.string()).optional(),
              apiVersions: z.array(z.string()).optional(),
              operations: z.array(z.string()).optional(),
              resources: z.array(z.string()).optional(),
            }),
          )
          .optional(),
        matchConditions: z.array(z.object({ name: z.string(), expression: z.string() })).optional(),
        clientConfig: z.object({ caBundle: z.string().optional() }),
      }),
    )
    .optional(),
});
type Webhook = NonNullable<z.infer<typeof Configuration>['webhooks']>[number];

/** A label that the API server gives to every namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

type Kind = 'mutatingWebhooks' | 'validatingWebhooks';

export interface WebhookConfigurationsOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'patch'>;
  /** Of both objects. */
  readonly name: string;
}

/** How the API server is told to ask us: the two webhook configurations of this instance. */
export class WebhookConfigurations {
  readonly #options: WebhookConfigurationsOptions;
  /** What was last seen of each: its first webhook, that there is none, or nothing yet. */
  readonly #seen = new Map<Kind, Webhook | 'missing'>();

  constructor(options: WebhookConfigurationsOptions) {
    this.#options = options;
  }

  /** What keeps the gate from being asked about syncs, beside what its namespaces do: clauses. */
  get narrowings(): readonly string[] {
    const gate = this.#seen.get('validatingWebhooks');
    return gate === undefined || gate === 'missing' ? [] : narrowingsOf(gate);
  }

  /** What is not as a policy that enforces needs it; null while nothing is known. */
  get gaps(): readonly Gap[] | null {
    const gate = this.#seen.get('validatingWebhooks');
    const pin = this.#seen.get('mutatingWebhooks');
    if (gate === undefined && pin === undefined) return null;
    const gaps: Gap[] = [];
    if (gate === 'missing') gaps.push('gate-missing');
    else if (gate?.failurePolicy === 'Ignore') gaps.push('gate-lets-through');
    if (pin === 'missing') gaps.push('pin-missing');
    return gaps;
  }

  /**
   * Those of these namespaces whose Applications the gate is not asked about: Argo CD syncs them, and its webhook does
   * not name them. What else a selector may say is not judged here.
   */
  unasked(namespaces: Iterable<string>): readonly string[] {
    const gate = this.#seen.get('validatingWebhooks');
    if (gate === undefined || gate === 'missing') return [];
    const named = (gate.namespaceSelector?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }) =>
      key === NAMESPACE_NAME && operator === 'In' ? [values] : [],
    );
    return [...new Set(namespaces)].filter((namespace) => named.some((values) => !values.includes(namespace)));
  }

  /** Looks at both, and changes nothing. Answers why one could not be read. */
  async look(): Promise<readonly string[]> {
    const read = await Promise.all([this.#read('mutatingWebhooks'), this.#read('validatingWebhooks')]);
    return read.flatMap((each) => ('failure' in each ? [this.#sentence('read', each.failure)] : []));
  }

  /**
   * Makes both trust these authorities and no others. `inForce`: those that both trusted before, and so by now every
   * API server does. A configuration that is not installed is not waited for.
   */
  async trust(
    authorities: readonly string[],
  ): Promise<{ readonly inForce: ReadonlySet<string>; readonly faults: readonly string[] }> {
    const bundle = Buffer.from(authorities.join(''), 'utf8').toString('base64');
    const faults: string[] = [];
    let inForce = new Set(authorities);
    for (const kind of ['mutatingWebhooks', 'validatingWebhooks'] as const) {
      const read = await this.#read(kind);
      if ('failure' in read) {
        if (read.failure.kind !== 'not-found') {
          faults.push(this.#sentence('read', read.failure));
          inForce = new Set();
        }
        continue;
      }
      const { resourceVersion, webhooks } = read.value;
      for (const { clientConfig } of webhooks) {
        const before = inForce;
        inForce = new Set(trusted(clientConfig.caBundle).filter((authority) => before.has(authority)));
      }
      const behind = [...webhooks.entries()].filter(([, { clientConfig }]) => clientConfig.caBundle !== bundle);
      if (behind.length === 0) continue;
      const patched = await this.#options.client.patch(this.#collection(kind), this.#options.name, [
        // By its place in the list: whoever changes the list meanwhile is not to be hit.
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
        ...behind.map(([place]) => ({
          op: 'add' as const,
          path: `/webhooks/${place}/clientConfig/caBundle`,
          value: bundle,
        })),
      ]);
      if ('failure' in patched) faults.push(this.#sentence('changed', patched.failure));
    }
    return { inForce, faults };
  }

  async #read(
    kind: Kind,
  ): Promise<Outcome<{ readonly resourceVersion: string; readonly webhooks: readonly Webhook[] }>> {
    const got = await this.#options.client.get(this.#collection(kind), this.#options.name);
    if ('failure' in got) {
      if (got.failure.kind === 'not-found') this.#seen.set(kind, 'missing');
      return got;
    }
    const parsed = Configuration.safeParse(got.value);
    if (!parsed.success) return { failure: { kind: 'malformed', reason: 'it is not what the API server writes' } };
    const { metadata, webhooks = [] } = parsed.data;
    this.#seen.set(kind, webhooks[0] ?? 'missing');
    return { value: { resourceVersion: metadata.resourceVersion, webhooks } };
  }

  #collection(kind: Kind): Parameters<KubernetesClient['get']>[0] {
    return { resource: RESOURCES[kind], namespace: null };
  }

  #sentence(done: 'read' | 'changed', { reason }: ApiFailure): string {
    return `The webhook configurations ${this.#options.name} cannot be ${done}: ${reason}.`;
  }
}

function narrowingsOf({ objectSelector = {}, rules, matchConditions = [] }: Webhook): readonly string[] {
  const narrowings: string[] = [];
  for (const { name, expression } of matchConditions) {
    const condition = `its match condition ${JSON.stringify(name)}`;
    const left = LEFT_OUT.exec(expression);
    if (left !== null) narrowings.push(`${condition} leaves out Application ${left[1]}/${left[2]}`);
    else if (name !== GATE_CONDITION.name) narrowings.push(`${condition} is none of these manifests`);
    else if (words(expression) !== words(GATE_CONDITION.expression))
      narrowings.push(`${condition} is another than this server's version has`);
  }
  if (Object.values(objectSelector).some((selects) => !isNothing(selects))) {
    narrowings.push('it has an objectSelector, which any label of an Application can be made to miss');
  }
  if (rules !== undefined && !['CREATE', 'UPDATE'].every((operation) => rules.some(asksAbout(operation)))) {
    narrowings.push('its rules do not name every way in which Applications are written');
  }
  return narrowings.map((how) => how.replace(/^it /, "the gate's webhook ").replace(/^its /, "the gate's "));
}

/** As `install` writes it, for self-hosting and for break-glass. */
const LEFT_OUT =
  /^!\(object\.metadata\.namespace == '([a-z0-9.-]+)' && object\.metadata\.\?name\.orValue\(''\) == '([a-z0-9.-]+)'\)$/;

function asksAbout(operation: string): (rule: NonNullable<Webhook['rules']>[number]) => boolean {
  return ({ apiGroups = [], apiVersions = [], operations = [], resources = [] }) =>
    has(apiGroups, 'argoproj.io') &&
    has(apiVersions, 'v1alpha1') &&
    has(operations, operation) &&
    (has(resources, 'applications') || resources.includes('*/*'));
}

function has(list: readonly string[], value: string): boolean {
  return list.includes(value) || list.includes('*');
}

function isNothing(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function words(expression: string): string {
  return expression.trim().replaceAll(/\s+/g, ' ');
}

function trusted(bundle: string | undefined): readonly string[] {
  return authoritiesOf(Buffer.from(bundle ?? '', 'base64').toString('utf8'));
}
