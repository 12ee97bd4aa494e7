import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Condition, releaseKey, sourceOf } from '../artifacts.ts';
import { CERTIFICATES, type Door, NAME, openDoor, openProxy } from '../door.ts';
import { guardRepoServer, pullsDecided, setKnownPolicy, trustAuthority, unguardRepoServer } from '../guard.ts';
import { installed, suitePolicy } from '../install.ts';
import type { JsonObject } from '../json.ts';
import {
  application,
  compared,
  condition,
  conditionOf,
  controls,
  createApplication,
  deployed,
  heard,
  kubernetes,
  path,
  source,
  stack,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import { Publisher } from '../publisher.ts';

// Argo CD's own habits with repositories: the guard and the server get what Argo CD gets, and no secret is told.

/** Otherwise a failure that came three times is answered for a minute: another proof is about that. */
const AT_ONCE = { ARGOCD_PAUSE_GEN_AFTER_FAILED_ATTEMPTS: '0' };
const MINUTES = 400_000;
const CREDENTIALS = { username: 'argocd', password: 'a-password-that-is-told-nobody' } as const;
const doors: Door[] = [];
let publisher: Publisher;

beforeAll(async () => {
  await installed();
  publisher = new Publisher(join(stack.folder, 'publisher'));
  await publisher.introduce();
  await trustAuthority('localhost', CERTIFICATES.localhost.cert);
  await trustAuthority(NAME, CERTIFICATES.authority);
  await guardRepoServer(AT_ONCE);
});
beforeEach(() => controls.ensureServer());
afterEach(async () => {
  await tidy();
  for (const door of doors.splice(0)) await door.close();
  for (const name of secrets.splice(0)) await kubernetes.delete(path.secret(name));
});
afterAll(async () => {
  await unguardRepoServer();
  await publisher.close();
});

const secrets: string[] = [];

async function repositorySecret(name: string, settings: JsonObject): Promise<void> {
  secrets.push(name);
  await kubernetes.apply(path.secret(name), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    stringData: { name, type: 'helm', ...settings },
  });
}

async function opened(opening: Promise<Door>): Promise<Door> {
  const door = await opening;
  doors.push(door);
  return door;
}

/** A policy for repositories of this proof, by whoever signs there. */
async function policyFor(urls: readonly string[], key: string): Promise<void> {
  const entry = { repos: urls.map((url) => ({ url })), gpg: { mode: 'provenance', keys: [key] } };
  await setKnownPolicy(
    await suitePolicy('enforce', { 'project.default': JSON.stringify({ helm: { policies: [entry] } }) }),
  );
}

/** The Helm chart of that condition, but from another repository. */
function from(repoURL: string, state: Condition, passCredentials = false): JsonObject {
  return {
    ...sourceOf(stack.places, 'Helm over HTTP', state),
    repoURL,
    ...(passCredentials ? { helm: { passCredentials } } : {}),
  };
}

function chartIn(state: Condition): { readonly chart: string; readonly version: string } {
  const found = source('Helm over HTTP', state);
  return { chart: textAt(found, 'chart'), version: textAt(found, 'targetRevision') };
}

const refused = (name: string): Promise<string> =>
  until(`${name} is refused by the guard`, async () => {
    const message = await condition(name, 'ComparisonError');
    return message.includes('source-integrity: ') ? message : null;
  });

/** What is good is verified, pulled and deployed; what was tampered with is known as that, and so was looked at. */
async function expectVerified(name: string, repoURL: string, passCredentials = false): Promise<void> {
  const before = await pullsDecided();
  await createApplication(`${name}-good`, from(repoURL, 'good', passCredentials));
  await until(`${name}-good is synced`, async () => {
    const ended = await syncToEnd(`${name}-good`);
    return ended === 'Succeeded' ? true : Promise.reject(new Error(ended));
  });
  expect(await deployed(`${name}-good`)).not.toEqual([]);
  expect((await pullsDecided()).allow).toBeGreaterThan(before.allow);
  await createApplication(`${name}-bad`, from(repoURL, 'tampered', passCredentials));
  const message = await refused(`${name}-bad`);
  heard(`verified pull: tampered, ${name}`, message);
  expect(message).toContain('source-integrity: Chart checkout 2.3.1');
  expect(await deployed(`${name}-bad`)).toEqual([]);
}

/** How often that was answered, to Helm and to the product's server. */
const answered = (door: Door, what: string): number => door.seen.filter((each) => each === what).length;

describe('a private repository', () => {
  afterEach(async () => {
    const log = await readFile(join(stack.folder, 'logs', 'source-integrity.log'), 'utf8');
    expect(log).not.toContain(CREDENTIALS.password);
  });

  test('that asks for a password', async () => {
    const door = await opened(openDoor(stack.places.charts, { basic: CREDENTIALS }));
    const url = `http://127.0.0.1:${door.port}/charts`;
    await repositorySecret('private-basic', { url, ...CREDENTIALS });
    await policyFor([url], await releaseKey());
    await expectVerified('private-basic', url);
    expect(answered(door, '200 GET /charts/payments-1.4.2.tgz')).toBeGreaterThanOrEqual(2);
  });

  test('with a certificate of a private authority', async () => {
    const door = await opened(openDoor(stack.places.charts, { tls: CERTIFICATES.localhost, basic: CREDENTIALS }));
    const url = `https://localhost:${door.port}/charts`;
    await repositorySecret('private-tls', { url, ...CREDENTIALS });
    await policyFor([url], await releaseKey());
    await expectVerified('private-tls', url);
    expect(answered(door, '200 GET /charts/payments-1.4.2.tgz')).toBeGreaterThanOrEqual(2);
  });

  test('that asks for a client certificate', async () => {
    const { localhost, authority, client } = CERTIFICATES;
    const door = await opened(openDoor(stack.places.charts, { tls: localhost, clients: authority }));
    const url = `https://localhost:${door.port}/charts`;
    await repositorySecret('private-client', { url, tlsClientCertData: client.cert, tlsClientCertKey: client.key });
    await policyFor([url], await releaseKey());
    await expectVerified('private-client', url);
    expect(answered(door, '200 GET /charts/payments-1.4.2.tgz')).toBeGreaterThanOrEqual(2);
  });

  test('whose charts are on another host that asks for the same password, with passCredentials and not without', async () => {
    const files = await opened(openDoor(stack.places.charts, { basic: CREDENTIALS }));
    const index = `apiVersion: v1\nentries:\n${(['good', 'tampered'] as const)
      .map((state) => {
        const { chart, version } = chartIn(state);
        const archive = `http://127.0.0.1:${files.port}/charts/${chart}-${version}.tgz`;
        return `  ${chart}:\n  - {apiVersion: v2, name: ${chart}, version: ${version}, urls: ["${archive}"]}\n`;
      })
      .join('')}`;
    const door = await opened(
      openDoor(stack.places.charts, { basic: CREDENTIALS, answers: { '/charts/index.yaml': index } }),
    );
    const url = `http://127.0.0.1:${door.port}/charts`;
    await repositorySecret('private-passed', { url, ...CREDENTIALS });
    await policyFor([url], await releaseKey());
    await expectVerified('private-passed', url, true);
    expect(answered(files, '200 GET /charts/payments-1.4.2.tgz')).toBeGreaterThanOrEqual(2);

    await createApplication('private-withheld', from(url, 'good'));
    // What was pulled with them for the other one is not taken from the cache.
    const message = conditionOf(await compared('private-withheld', 'hard'), 'ComparisonError');
    expect(message).not.toBe('');
    heard('verified pull: the charts are elsewhere, and the credentials are not passed on', message);
    expect(await deployed('private-withheld')).toEqual([]);
  });

  test('behind a proxy, under a name that is known there alone', async () => {
    const door = await opened(openDoor(stack.places.charts, { tls: CERTIFICATES.serving }));
    const proxy = await opened(openProxy(door.port));
    const url = `https://${NAME}/charts`;
    await repositorySecret('private-proxied', { url, proxy: `http://127.0.0.1:${proxy.port}` });
    await policyFor([url], await releaseKey());
    await expectVerified('private-proxied', url);
    expect(answered(door, '200 GET /charts/payments-1.4.2.tgz')).toBeGreaterThanOrEqual(2);
    expect(proxy.seen).toContain(`CONNECT ${NAME}:443`);
  });

  test('in a registry that asks for a password, by the login of Helm', async () => {
    const door = await opened(openDoor(`http://${stack.places.registry}`, { basic: CREDENTIALS }));
    const url = `127.0.0.1:${door.port}/charts`;
    const plain = { enableOCI: 'true', insecureOCIForceHttp: 'true' };
    await repositorySecret('private-registry', { url, ...plain, ...CREDENTIALS });
    await policyFor([`oci://${url}/*`], await releaseKey());
    await expectVerified('private-registry', url);
    expect(door.seen.filter((each) => each.startsWith('200 GET /v2/charts/payments/manifests/'))).not.toEqual([]);
  });
});

describe('a chart of 20 MiB', () => {
  test('is verified and deployed', async () => {
    const url = `${stack.places.charts}/large`;
    await publisher.publish(join(stack.charts, 'large'), 'large', '1.0.0', 20);
    await policyFor([url], publisher.fingerprint);
    const from = { repoURL: url, chart: 'large', targetRevision: '1.0.0' };
    // Nobody's sync waits as long as a busy machine may take.
    await createApplication('large', from, { automated: true });
    await until('it is deployed', async () => (await deployed('large')).length > 0, MINUTES);
    expect(await deployed('large')).toEqual(['ConfigMap/large']);
  });
});

describe('many pulls at once', () => {
  const VERSIONS = Array.from({ length: 20 }, (_, at) => `1.0.${at}`);
  const nameOf = (version: string): string => `many-${version.replaceAll('.', '-')}`;

  test('ask the server once each, which gets each chart once, and all pass', async () => {
    // For a machine that is busy: Argo CD waits longer than the guard does by default.
    await guardRepoServer({ ...AT_ONCE, SOURCE_INTEGRITY_GUARD_TIMEOUT_SECONDS: '60' });
    const url = `${stack.places.charts}/many`;
    for (const version of VERSIONS) await publisher.publish(join(stack.charts, 'many'), 'many', version);
    await policyFor([url], publisher.fingerprint);
    for (const targetRevision of VERSIONS) {
      const name = nameOf(targetRevision);
      await createApplication(name, { repoURL: url, chart: 'many', targetRevision }, { automated: true });
    }
    const synced = async (version: string): Promise<void> => {
      await until(
        `${version} is synced`,
        async () => {
          const found = await application(nameOf(version));
          const isSynced = textAt(found, 'status', 'sync', 'status') === 'Synced';
          return isSynced && conditionOf(found, 'ComparisonError') === '';
        },
        MINUTES,
      );
      expect(await deployed(nameOf(version))).toEqual([`ConfigMap/${nameOf(version)}`]);
    };
    await Promise.all(VERSIONS.map(synced));

    // Nothing is known from before.
    await controls.stopServer();
    await controls.deleteStore();
    await controls.ensureServer();
    await controls.passed('charts');
    const before = await pullsDecided();
    const refusals: string[] = [];
    const passes = (version: string): Promise<unknown> =>
      until(
        `${version} is pulled once more`,
        async () => {
          const said = conditionOf(await compared(nameOf(version), 'hard'), 'ComparisonError');
          // A busy machine may take longer than the server keeps a call waiting.
          const isLate = / is still being verified| was not checked, because /.test(said);
          if (said.includes('source-integrity: ') && !isLate) refusals.push(said);
          return said === '';
        },
        MINUTES,
      );
    await Promise.all(VERSIONS.map(passes));
    expect(refusals).toEqual([]);
    await Promise.all(VERSIONS.map(synced));
    const decided = await pullsDecided();
    const archives = (await controls.passed('charts')).filter((each) => each.path.endsWith('.tgz'));
    const pulled = archives.filter(({ from }) => from === 'argocd').length;
    const allowed = decided.allow - before.allow;
    expect(allowed).toBeGreaterThanOrEqual(VERSIONS.length);
    expect(allowed + decided.refuse - before.refuse).toBeLessThanOrEqual(pulled);
    const looked = archives.filter(({ from }) => from === 'source-integrity').map((each) => each.path);
    expect(looked.toSorted()).toEqual(VERSIONS.map((version) => `/many/many-${version}.tgz`).toSorted());
  });
});
