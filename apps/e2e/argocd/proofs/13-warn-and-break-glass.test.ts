import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAD, type Condition, KINDS } from '../artifacts.ts';
import { installed, setPolicy, suitePolicy } from '../install.ts';
import { printed, shell } from '../installing.ts';
import type { JsonObject } from '../json.ts';
import {
  applicationManifest,
  controls,
  createApplication,
  createProject,
  deployed,
  heard,
  kubernetes,
  path,
  source,
  sync,
  syncToEnd,
  textAt,
  tidy,
  until,
  type Wanted,
} from '../proof.ts';

const ALL: readonly Condition[] = ['good', ...BAD];
const bad = (): JsonObject => source('plain OCI by key', 'unsigned');

beforeAll(async () => {
  await installed();
  await createProject('teams', { sourceNamespaces: ['team-a'] });
});
afterAll(async () => {
  await controls.ensureServer();
  await tidy();
  await installed();
});

describe('13. warn mode', () => {
  beforeAll(() => installed('warn'));

  test('lets everything through while the server runs, and kubectl is told', async () => {
    const found = await kubernetes.ask(
      'POST',
      `${path.application()}?dryRun=All`,
      applicationManifest('warned', bad(), { beside: { operation: { sync: {} } } }),
    );
    expect(found.status).toBe(201);
    expect(found.warning).toContain('Source Integrity: ');
    heard('warn mode: the warning of kubectl', found.warning);
    await createApplication('warned', bad());
    expect(await syncToEnd('warned')).toBe('Succeeded');
    expect(await deployed('warned')).not.toEqual([]);
  });

  describe('with the server stopped', () => {
    beforeAll(() => controls.stopServer());
    afterAll(() => controls.ensureServer());

    for (const [k, kind] of KINDS.entries()) {
      test(`every sync of ${kind} succeeds`, async () => {
        for (const [c, state] of ALL.entries()) {
          const name = `warn-${k}-${c}`;
          await createApplication(name, source(kind, state));
          expect(await syncToEnd(name), state).toBe('Succeeded');
          expect(await deployed(name)).not.toEqual([]);
        }
      });
    }
  });
});

/** Whether an Application would be taken with an operation of what is unsigned: nothing is stored. */
async function asked(metadata: JsonObject, wanted: Wanted = {}): Promise<string> {
  const { namespace = 'argocd' } = wanted;
  const object = applicationManifest('', bad(), { ...wanted, beside: { operation: { sync: {} } } });
  const { status, body } = await kubernetes.ask('POST', `${path.application('', namespace)}?dryRun=All`, {
    ...object,
    metadata: { namespace, ...metadata },
  });
  return status === 201 ? 'let through' : textAt(body, 'message');
}

/** The same for the Application argocd/emergency, which is there. */
async function emergency(): Promise<string> {
  const { status, body } = await kubernetes.ask(
    'PATCH',
    `${path.application('emergency')}?dryRun=All`,
    { spec: { source: bad() }, operation: { sync: { source: bad() } } },
    'application/merge-patch+json',
  );
  return status === 200 ? 'let through' : textAt(body, 'message');
}

/** Those that are like argocd/emergency in one way or another. */
const ALIKE: readonly (readonly [string, JsonObject, Wanted])[] = [
  ['a longer name', { name: 'emergency-2' }, {}],
  ['the same name elsewhere', { name: 'emergency' }, { namespace: 'team-a', project: 'teams' }],
  ['a generated name', { generateName: 'emergency' }, {}],
  [
    'its labels and annotations',
    {
      name: 'other',
      labels: { 'app.kubernetes.io/instance': 'emergency', 'source-integrity.io/exempt': 'true' },
      annotations: { 'argocd.argoproj.io/tracking-id': 'emergency', 'source-integrity.io/exempt': 'argocd/emergency' },
    },
    {},
  ],
];

describe('13. enforce mode with the server dead', () => {
  beforeAll(async () => {
    await controls.ensureServer();
    await installed('enforce');
    await createApplication('emergency', source('plain OCI by key', 'good'));
    await createApplication('emergency-bad', bad());
    await controls.killServer();
  });
  afterAll(() => controls.ensureServer());

  test('refuses every sync, with what is wrong', async () => {
    const refused = await sync('emergency');
    heard('enforce mode with the server dead', refused.message);
    expect(refused.status).not.toBe(200);
    expect(refused.message).toContain('failed calling webhook "pin.source-integrity.io"');
    expect(await deployed('emergency')).toEqual([]);
  });

  test('break-glass lets the one Application through, no other, and is taken back', async () => {
    const commands = await printed('--print-break-glass', 'argocd/emergency', '--namespace', 'argocd');
    expect(await shell(commands)).toMatchObject({ code: 0 });
    await until('it is let through', async () => (await emergency()) === 'let through');

    for (const [what, metadata, wanted] of ALIKE) {
      expect(await asked(metadata, wanted), what).toContain('failed calling webhook');
    }
    expect((await sync('emergency-bad')).status).not.toBe(200);
    expect(await syncToEnd('emergency')).toBe('Succeeded');
    expect(await deployed('emergency')).not.toEqual([]);

    // With the server back, those alike are judged, and it is not.
    await controls.ensureServer();
    for (const [what, metadata, wanted] of ALIKE) {
      await until(`${what} is refused by the gate`, async () =>
        (await asked(metadata, wanted)).includes('"gate.source-integrity.io" denied the request'),
      );
    }
    expect(await emergency()).toBe('let through');

    const back = commands.split('\n').flatMap((line) => (line.startsWith('#   ') ? [line.slice(4)] : []));
    expect(await shell(back.join('\n'))).toMatchObject({ code: 0 });
    await until('it is judged again', async () =>
      (await emergency()).includes('"gate.source-integrity.io" denied the request'),
    );
  });
});

describe('13. an exemption in the policy', () => {
  const exempting = (until: Date): Promise<JsonObject> =>
    suitePolicy('enforce', {
      exemptions: JSON.stringify([{ application: 'argocd/emergency', reason: 'INC-1', until: until.toISOString() }]),
    });
  const DENIED = '"gate.source-integrity.io" denied the request';

  test('lets the one Application through until it ends, and none that is alike', async () => {
    await installed('enforce');
    expect(await emergency()).toContain(DENIED);
    await setPolicy(await exempting(new Date(Date.now() + 3_600_000)));
    await until('it is let through', async () => (await emergency()) === 'let through');
    for (const [what, metadata, wanted] of ALIKE) expect(await asked(metadata, wanted), what).toContain(DENIED);

    await createApplication('exempt-not', bad());
    expect(await syncToEnd('exempt-not')).toContain(DENIED);
    await kubernetes.patch(path.application('emergency'), { spec: { source: bad() } });
    expect(await syncToEnd('emergency')).toBe('Succeeded');

    // All along, until the second in which it ends.
    const end = new Date(Date.now() + 10_000);
    await setPolicy(await exempting(end));
    await until('it has ended', async () => (await emergency()).includes(DENIED));
    expect(Date.now()).toBeGreaterThanOrEqual(end.getTime());
    expect(await syncToEnd('emergency')).toContain(DENIED);
  });
});
