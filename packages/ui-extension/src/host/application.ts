/** The Application that a call is about, as Argo CD's proxy wants it named. */
export interface ApplicationIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly project: string;
}

/** Reads the identity out of the object that Argo CD hands over; null where it is not an Application. */
export function identify(resource: unknown): ApplicationIdentity | null {
  const metadata = field(resource, 'metadata');
  const name = field(metadata, 'name');
  const namespace = field(metadata, 'namespace');
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string' || namespace === '') return null;
  const project = field(field(resource, 'spec'), 'project');
  // Argo CD takes an absent or empty project for `default`.
  return { namespace, name, project: typeof project === 'string' && project !== '' ? project : 'default' };
}

/** Changes when something about the Application changes that its report may depend on. */
export function changeMark(resource: unknown): string {
  const spec = field(resource, 'spec');
  const status = field(resource, 'status');
  const operation = field(status, 'operationState');
  return JSON.stringify([
    field(spec, 'source'),
    field(spec, 'sources'),
    field(field(status, 'sync'), 'revision'),
    field(field(status, 'sync'), 'revisions'),
    field(operation, 'phase'),
    field(operation, 'finishedAt'),
  ]);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
