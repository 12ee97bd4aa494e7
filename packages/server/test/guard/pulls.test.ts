import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { issueAuthority, issueServing } from '../../src/admission/certificates/issue.ts';
import type { GuardedCall } from '../../src/guard/wire.ts';
import { chartSource, requiring } from '../server/fixture.ts';
import { application, project, repositorySecret } from '../server/manifests.ts';
import { OTHER_DIGEST, published, startGuarded } from './guarded.ts';

describe('a chart that the repo-server has pulled', () => {
  test('may be rendered when it is the one that was verified', async () => {
    const { world, pull } = await startGuarded();
    const digest = await published(world, world.release, 'good');
    expect(await pull(digest)).toMatchObject({ action: 'allow', sentences: [] });
  });

  test('is refused when other bytes were verified, with both digests', async () => {
    const { world, pull } = await startGuarded();
    const digest = await published(world, world.release, 'good');
    const { action, sentences } = await pull(OTHER_DIGEST);
    expect(action).toBe('refuse');
    expect(sentences[0]).toContain(OTHER_DIGEST);
    expect(sentences[0]).toContain(digest);
  });

  test('is accepted when the repository has other good bytes by now, though the last look saw the old ones', async () => {
    const { world, pull } = await startGuarded();
    const old = await published(world, world.release, 'old');
    expect((await pull(old)).action).toBe('allow');
    const fresh = await published(world, world.release, 'new');
    expect((await pull(fresh)).action).toBe('allow');
  });

  test('is refused when the same bytes do not verify', async () => {
    const { world, pull } = await startGuarded();
    expect((await pull(await published(world, null, 'unsigned'))).action).toBe('refuse');
    expect((await pull(await published(world, world.stranger, 'stranger'))).action).toBe('refuse');
  });

  test('is not looked at where no policy concerns it', async () => {
    const { world, pull } = await startGuarded();
    world.repository.requests.length = 0;
    const answer = await pull(OTHER_DIGEST, { repository: 'https://elsewhere.example.com' });
    expect([answer.action, world.repository.requests]).toEqual(['allow', []]);
  });

  test.each([
    ['with user information', (url: string) => url.replace('//', '//redacted@')],
    ['with an empty segment', (url: string) => `${url}//`],
    ['with a query', (url: string) => `${url}?x`],
  ])("is refused by an address %s, which could be anybody's, where there is a policy", async (_, spelt) => {
    const { world, pull } = await startGuarded();
    const asked = { repository: spelt(world.repository.url) };
    expect((await pull(OTHER_DIGEST, asked)).action).toBe('refuse');
    world.policy({ 'project.shop': 'helm: {policies: []}' });
    expect((await pull(OTHER_DIGEST, asked)).action).toBe('allow');
  });

  test('is refused when every project with a policy for it refuses, and let pass when one accepts the same bytes', async () => {
    const { world, pull } = await startGuarded();
    const digest = await published(world, world.colleague, 'by a colleague');
    expect((await pull(digest)).action).toBe('refuse');
    world.policy({
      'project.shop': requiring(world.repository.url, world.release),
      'project.office': requiring(world.repository.url, world.colleague),
    });
    expect((await pull(digest)).action).not.toBe('refuse');
    expect((await pull(OTHER_DIGEST)).action).toBe('refuse');
  });

  test('is refused when the baseline refuses, whatever a project says', async () => {
    const { world, pull } = await startGuarded();
    const digest = await published(world, world.colleague, 'by a colleague');
    world.policy({
      'all-projects': `unmatched: allow\n${requiring(world.repository.url, world.release)}`,
      'project.office': requiring(world.repository.url, world.colleague),
    });
    expect((await pull(digest)).action).toBe('refuse');
  });

  test('is only reported where the policy warns, and not at all where it is off', async () => {
    const { world, pull } = await startGuarded();
    await published(world, null, 'unsigned');
    world.policy({ enforcement: 'warn', 'project.shop': requiring(world.repository.url, world.release) });
    expect(await pull(OTHER_DIGEST)).toMatchObject({ action: 'warn' });
    world.policy({ enforcement: 'off', 'project.shop': requiring(world.repository.url, world.release) });
    expect(await pull(OTHER_DIGEST)).toMatchObject({ action: 'allow', sentences: [] });
  });

  test('is refused while its repository does not answer, and while the policy cannot be read', async () => {
    const { world, pull } = await startGuarded();
    const digest = await published(world, world.release, 'good');
    world.repository.intercept = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    expect((await pull(digest)).action).toBe('refuse');
    world.repository.intercept = () => false;
    world.policy({ 'project.shop': 'helm: [' });
    expect((await pull(digest)).action).toBe('refuse');
  });

  test('is refused for all where nobody could look at it and one project enforces, though another is only warned', async () => {
    const { world, pull } = await startGuarded();
    const digest = await published(world, world.release, 'good');
    const required = requiring(world.repository.url, world.release);
    world.policy({ 'project.shop': required, 'project.office': `enforcement: warn\n${required}` });
    world.repository.intercept = (_, response) => {
      response.writeHead(500).end();
      return true;
    };
    // It would lie in the repo-server's caches for the first project as well.
    expect((await pull(OTHER_DIGEST)).action).toBe('refuse');
    world.repository.intercept = () => false;
    world.clock.now += 3_600_000;
    expect((await pull(digest)).action).toBe('allow');
  });

  test('is had under an exemption by all that render it, while the exemption lasts', async () => {
    const { world, pull } = await startGuarded();
    const digest = await published(world, null, 'unsigned');
    const until = new Date(world.clock.now + 60_000).toISOString();
    world.policy({
      exemptions: `- {application: argocd/payments, reason: "INC-1", until: ${until}}`,
      'project.shop': requiring(world.repository.url, world.release),
    });
    expect((await pull(digest)).action).toBe('warn');
    world.clock.now += 61_000;
    expect((await pull(digest)).action).toBe('refuse');
  });

  test('is matched however an Application divides the address in a registry', async () => {
    const { world, pull } = await startGuarded();
    world.policy({
      'project.shop': `oci: {policies: [{repos: [{url: "oci://127.0.0.1:1/team"}], cosign: {mode: signature, keys: [release]}}]}`,
    });
    const asked = { repository: '127.0.0.1:1/team/charts', registry: true };
    // An Application that writes team into repoURL and charts/payments into chart is matched by the entry.
    expect((await pull(OTHER_DIGEST, asked)).action).toBe('refuse');
    expect((await pull(OTHER_DIGEST, { ...asked, repository: '127.0.0.1:1/others/charts' })).action).toBe('allow');
  });
});

test('an address in a registry with parts without end is refused where there is a policy, and holds nobody up', async () => {
  const { world, pull } = await startGuarded();
  const entry = 'oci: {policies: [{repos: [{url: "oci://*/a/*"}], cosign: {mode: signature, keys: [release]}}]}';
  const projects = Array.from({ length: 50 }, (_, n) => [`project.team${n}`, entry] as const);
  world.policy(Object.fromEntries(projects));
  const asked = { registry: true, repository: `127.0.0.1:1/${'a/'.repeat(900)}a` };
  const { action, sentences } = await pull(OTHER_DIGEST, asked);
  expect([action, sentences[0]]).toEqual(['refuse', expect.stringContaining('more than 24 parts')]);
  world.policy({ 'all-projects': 'unmatched: allow' });
  expect((await pull(OTHER_DIGEST, asked)).action).toBe('allow');
});

test('credentials of one project, for which other bytes are served, keep a chart from nobody else under the baseline', async () => {
  const { world, pull } = await startGuarded();
  const digest = await published(world, world.release, 'good');
  const { url } = world.repository;
  const basic = (user: string): string => `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`;
  world.repository.intercept = (request, response) => {
    if (request.headers.authorization === basic('shop')) return false;
    const isForged = request.headers.authorization === basic('evil');
    if (isForged && request.url?.endsWith('.tgz') === true) response.end('other bytes');
    else if (!isForged) response.writeHead(401).end();
    else return false;
    return true;
  };
  const secret = (name: string): object =>
    repositorySecret(name, { type: 'helm', url, project: name, username: name, password: 'secret' });
  world.cluster.put('secrets', secret('shop'), secret('evil'));
  world.cluster.put('projects', project('shop', { sourceRepos: ['*'] }), project('evil', { sourceRepos: ['*'] }));
  world.cluster.put('aaa', application({ name: 'aaa', spec: { project: 'evil', source: chartSource(url) } }));
  world.policy({ 'all-projects': `unmatched: allow\n${requiring(url, world.release)}` });
  expect((await pull(digest)).action).toBe('allow');
  expect((await pull(OTHER_DIGEST)).action).toBe('refuse');
});

describe('dependencies that Helm has downloaded', () => {
  const lock = (repository: string, version = '1.4.2') =>
    `dependencies:\n- name: payments\n  repository: ${repository}\n  version: ${version}\ndigest: sha256:00\n`;
  const asked = (text: string | null, digest: string): GuardedCall => ({
    kind: 'dependencies',
    lock: text,
    archives: [{ file: 'payments-1.4.2.tgz', digest }],
  });

  test('are judged like charts, each by the repository in the lock file', async () => {
    const { world, ask } = await startGuarded();
    const digest = await published(world, world.release, 'good');
    expect((await ask(asked(lock(world.repository.url), digest))).action).toBe('allow');
    expect((await ask(asked(lock(world.repository.url), OTHER_DIGEST))).action).toBe('refuse');
    expect((await ask(asked(lock('https://elsewhere.example.com'), OTHER_DIGEST))).action).toBe('allow');
  });

  test('from a folder were not downloaded', async () => {
    const { ask } = await startGuarded();
    expect((await ask(asked(lock('file://../payments'), OTHER_DIGEST))).action).toBe('allow');
  });

  test.each([
    ['that no lock names', null],
    ['of another version than the lock has', lock('https://charts.example.com', '9.9.9')],
    ['of a lock that is not YAML', 'dependencies: ['],
    ['whose repository is an alias', lock('"@stable"')],
    ['of a lock file that is too long', `${lock('https://charts.example.com')}${'#'.repeat(40_000)}`],
  ])('%s are refused where there is a policy at all, and pass where there is none', async (_, text) => {
    const { world, ask } = await startGuarded();
    expect((await ask(asked(text, OTHER_DIGEST))).action).toBe('refuse');
    world.policy({ 'all-projects': 'unmatched: allow' });
    expect((await ask(asked(text, OTHER_DIGEST))).action).toBe('allow');
  });
});

test('a call that brings more dependencies than a chart has is told so, and none of them is looked at', async () => {
  const { world, ask } = await startGuarded();
  const names = Array.from({ length: 101 }, (_, n) => `payments${n}`);
  const lock = names.map((name) => `- {name: ${name}, repository: "${world.repository.url}", version: 1.0.0}\n`);
  const archives = names.map((name) => ({ file: `${name}-1.0.0.tgz`, digest: OTHER_DIGEST }));
  const call = { kind: 'dependencies' as const, lock: `dependencies:\n${lock.join('')}` };
  world.repository.requests.length = 0;
  const { action, sentences } = await ask({ ...call, archives });
  expect([action, sentences.length, sentences[0]]).toEqual(['refuse', 1, expect.stringContaining('101 archives')]);
  expect(world.repository.requests).toEqual([]);
});

test('of one call few dependencies are looked at side by side, and all of them', async () => {
  const { world, ask } = await startGuarded();
  const names = Array.from({ length: 30 }, (_, n) => `payments${n}`);
  const digests = await Promise.all(
    names.map((name) => world.repository.publish({ name, version: '1.0.0', signer: world.release, values: name })),
  );
  const lock = names.map((name) => `- {name: ${name}, repository: "${world.repository.url}", version: 1.0.0}\n`);
  const archives = names.map((name, n) => ({
    file: `${name}-1.0.0.tgz`,
    digest: n === 29 ? OTHER_DIGEST : `sha256:${String(digests[n]).replace('sha256:', '')}`,
  }));
  const call = { kind: 'dependencies' as const, lock: `dependencies:\n${lock.join('')}` };
  const { action, sentences } = await ask({ ...call, archives });
  expect([action, sentences.length]).toEqual(['refuse', 1]);
  expect((await ask({ ...call, archives: archives.slice(0, 29), unchanged: ['payments29-1.0.0.tgz'] })).action).toBe(
    'allow',
  );
});

describe('a repository whose index gives an archive the file name of another dependency', () => {
  const place = (name: string, repository: string) =>
    `- {name: ${name}, repository: "${repository}", version: 1.0.0}\n`;
  const asked = (lock: string, files: readonly string[], unchanged: readonly string[] = []): GuardedCall => ({
    kind: 'dependencies',
    lock: `dependencies:\n${lock}`,
    archives: files.map((file) => ({ file, digest: OTHER_DIGEST })),
    unchanged: [...unchanged],
  });
  const FREE = 'https://elsewhere.example.com';

  test.each([
    ['a folder', 'file://../other'],
    ['another repository, of which nothing is required', FREE],
    ['no repository', ''],
  ])('does not have it taken for one from %s', async (_, other) => {
    const { world, ask } = await startGuarded();
    const lock = place('payments', world.repository.url) + place('other', other);
    expect((await ask(asked(lock, ['other-1.0.0.tgz']))).action).toBe('refuse');
  });

  test('does not have it taken for the other where both have one name and version', async () => {
    const { world, ask } = await startGuarded();
    const lock = place('payments', FREE) + place('payments', world.repository.url);
    expect((await ask(asked(lock, ['payments-1.0.0.tgz']))).action).toBe('refuse');
  });

  test('is not suspected of it where each has its own, be it one that was there with the same bytes', async () => {
    const { world, ask } = await startGuarded();
    const lock = place('payments', world.repository.url) + place('other', 'file://../other');
    expect((await ask(asked(lock, ['other-1.0.0.tgz'], ['payments-1.0.0.tgz']))).action).toBe('allow');
    const twice = place('other', FREE) + place('other', FREE);
    expect((await ask(asked(twice, ['other-1.0.0.tgz']))).action).toBe('allow');
  });
});

test('a lock file that is made to be slow to read holds nobody up', async () => {
  const { ask } = await startGuarded();
  const lock = Array.from({ length: 50_000 }, (_, n) => `${n.toString(36)}:\n`).join('');
  const startedAt = performance.now();
  const { action } = await ask({ kind: 'dependencies', lock, archives: [{ file: 'a-1.tgz', digest: OTHER_DIGEST }] });
  expect([action, performance.now() - startedAt < 5000]).toEqual(['refuse', true]);
});

test('a call that fetches and renders in one step is refused where there is a policy, and passes where there is none', async () => {
  const { world, ask } = await startGuarded();
  const call: GuardedCall = { kind: 'unguarded', why: 'it downloads a chart and renders it in one step' };
  const { action, sentences } = await ask(call);
  expect([action, sentences[0]]).toEqual(['refuse', expect.stringContaining('in one step')]);
  world.policy({ 'all-projects': 'unmatched: allow' });
  expect((await ask(call)).action).toBe('allow');
});

test('the guard is told the policy once, and again when it changes', async () => {
  const { world, ask } = await startGuarded();
  const call: GuardedCall = { kind: 'unguarded', why: 'a test' };
  const first = await ask(call);
  expect(first.policy?.entries).toHaveProperty('project.shop');
  expect((await ask(call, first.policy?.digest)).policy).toBeNull();
  world.policy({ 'all-projects': 'unmatched: allow' });
  expect((await ask(call, first.policy?.digest)).policy?.entries).toHaveProperty('all-projects');
});

test('a receipt is issued for what a policy verified, where the policy allows to rest on it, and for nothing else', async () => {
  const { world, pull, context } = await startGuarded();
  const authority = issueAuthority(new Date());
  context.receipts.use(
    issueServing({ cert: authority.cert, key: createPrivateKey(authority.key) }, ['test'], new Date()),
  );
  const digest = await published(world, world.release, 'good');
  expect((await pull(digest)).receipt).toBeNull();
  const entry = { 'project.shop': requiring(world.repository.url, world.release) };
  world.policy({ ...entry, guardUnavailable: 'allowVerified' });
  expect((await pull(digest)).receipt).not.toBeNull();
  expect((await pull(OTHER_DIGEST)).receipt).toBeNull();
  expect((await pull(digest, { repository: 'https://elsewhere.example.com' })).receipt).toBeNull();
});

test('the tab says of a chart whether its pull was seen, and no longer once other bytes are there', async () => {
  const { world, pull, pullOf } = await startGuarded();
  const digest = await published(world, world.release, 'good');
  expect(await pullOf()).toBeNull();
  await pull(OTHER_DIGEST);
  expect(await pullOf()).toBeNull();
  await pull(digest);
  expect(await pullOf()).toEqual({ at: new Date(world.clock.now).toISOString() });
  await published(world, world.release, 'newer');
  world.clock.now += 120_000;
  expect(await pullOf()).toBeNull();
});

test('an exemption lets nothing into the caches that another project holds to be other bytes', async () => {
  const { world, pull } = await startGuarded();
  await published(world, world.release, 'good');
  const until = new Date(world.clock.now + 60_000).toISOString();
  const exemptions = `- {application: argocd/payments, reason: "INC-1", until: ${until}}`;
  const shop = requiring(world.repository.url, world.release);
  world.policy({ exemptions, 'project.shop': shop });
  expect((await pull(OTHER_DIGEST)).action).toBe('warn');
  world.policy({ exemptions, 'project.shop': shop, 'project.office': shop });
  expect((await pull(OTHER_DIGEST)).action).toBe('refuse');
});

test('many pulls of one chart at once look at it once', async () => {
  const { world, pull } = await startGuarded();
  const digest = await published(world, world.release, 'good');
  world.repository.requests.length = 0;
  const answers = await Promise.all(Array.from({ length: 20 }, () => pull(digest)));
  expect(new Set(answers.map(({ action }) => action))).toEqual(new Set(['allow']));
  expect(world.repository.requests.filter((path) => path.endsWith('.tgz')).length).toBe(1);
});
