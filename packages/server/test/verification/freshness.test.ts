import { describe, expect, it } from 'vitest';
import { chartSource, report, requiring, reverify, startWorld, type World } from '../server/fixture.ts';
import { project, repositorySecret } from '../server/manifests.ts';
import { refusalOf, syncOf } from '../server/review.ts';

const CHART = '/charts/payments-1.4.2.tgz';
const HOUR = 3_600_000;

const sync = (world: World): Promise<string | null> => refusalOf(world, syncOf(world.payments()));
const asked = (world: World): number => world.repository.requests.filter((path) => path === CHART).length;

/** Other bytes in the place of the signed ones; answers how to bring those back. */
async function tamper(world: World): Promise<() => void> {
  const files = new Map(world.repository.files);
  const provenance = files.get(`${CHART}.prov`);
  await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null, values: 'evil: true\n' });
  if (provenance !== undefined) world.repository.files.set(`${CHART}.prov`, provenance);
  return () => {
    for (const [path, bytes] of files) world.repository.files.set(path, bytes);
  };
}

describe('what was seen', () => {
  it('counts for the time that the policy says, and is looked at again after it', async () => {
    const world = await startWorld();
    world.policy({ freshness: '30s', 'project.shop': requiring(world.repository.url, world.release) });
    expect(await sync(world)).toBeNull();
    await tamper(world);
    world.clock.now += 29_999;
    expect(await sync(world)).toBeNull();
    expect(asked(world)).toBe(1);
    world.clock.now += 1;
    expect(await sync(world)).toContain('is not what was signed');
    expect(asked(world)).toBe(2);
  });

  it('counts for a minute where the policy says nothing', async () => {
    const world = await startWorld();
    await sync(world);
    await tamper(world);
    world.clock.now += 59_999;
    expect(await sync(world)).toBeNull();
    world.clock.now += 1;
    expect(await sync(world)).not.toBeNull();
  });

  it('is seen anew by Re-verify at once, and by the gate after it', async () => {
    const world = await startWorld();
    expect((await report(world)).status).toBe('verified');
    await tamper(world);
    expect((await report(world)).status).toBe('verified');
    await reverify(world);
    expect((await report(world)).status).toBe('failed');
    expect(await sync(world)).toContain('is not what was signed');
  });

  it('does not count for a repository that cannot be reached any more', async () => {
    const world = await startWorld();
    await sync(world);
    world.clock.now += 60_000;
    world.repository.intercept = (_request, response) => {
      response.writeHead(502).end();
      return true;
    };
    expect(await sync(world)).toContain('could not be checked');
  });

  it('by other credentials is another answer', async () => {
    const world = await startWorld();
    const secret = (password: string): void =>
      world.cluster.put(
        'secret',
        repositorySecret('charts', { type: 'helm', url: world.repository.url, username: 'robot', password }),
      );
    world.repository.intercept = (request, response) => {
      const expected = `Basic ${Buffer.from('robot:right').toString('base64')}`;
      if (request.headers.authorization === expected) return false;
      response.writeHead(401).end();
      return true;
    };
    secret('right');
    expect(await sync(world)).toBeNull();
    secret('wrong');
    expect(await sync(world)).toContain('401');
    world.cluster.remove('secret');
    expect(await sync(world)).toContain('401');
    secret('right');
    expect(await sync(world)).toBeNull();
    expect(asked(world)).toBe(1);
  });
});

describe('a change', () => {
  it('of the key ring takes effect at the next request', async () => {
    const world = await startWorld();
    expect(await sync(world)).toBeNull();
    world.keys(world.colleague);
    expect(await sync(world)).toContain('a key that is not in the key ring');
    world.keys(world.release);
    expect(await sync(world)).toBeNull();
    expect(asked(world)).toBe(1);
  });

  it('of the policy takes effect at the next request', async () => {
    const world = await startWorld();
    expect(await sync(world)).toBeNull();
    world.policy({ 'project.shop': requiring(world.repository.url, world.colleague) });
    expect(await sync(world)).toContain('a key that the policy does not list');
    world.policy({
      'all-projects': `{unmatched: allow, ${requiring(world.repository.url, world.colleague)}}`,
      'project.shop': requiring(world.repository.url, world.release),
    });
    expect(await sync(world)).toContain('a key that the policy does not list');
    world.policy({ 'project.shop': requiring(world.repository.url, world.release) });
    expect(await sync(world)).toBeNull();
    expect(asked(world)).toBe(1);
  });

  it('of the Application or its project takes effect at the next request', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.5.0', signer: null });
    expect(await sync(world)).toBeNull();
    const source = chartSource(world.repository.url, { targetRevision: '1.5.0' });
    expect(await refusalOf(world, syncOf(world.payments({ spec: { source } })))).toContain('payments 1.5.0');
    world.cluster.put('projects', project('shop', { sourceRepos: [] }));
    expect(await sync(world)).toContain('does not permit');
  });

  it('of a rule beyond Helm takes effect at the next request', async () => {
    const world = await startWorld();
    // The digest is right and signed, the metadata is not the chart's: Helm takes it.
    const archive = world.repository.files.get(CHART);
    const { createHash } = await import('node:crypto');
    const digest = createHash('sha256')
      .update(archive ?? '')
      .digest('hex');
    const text = `name: another\nversion: 9.9.9\n\n...\nfiles:\n  payments-1.4.2.tgz: sha256:${digest}\n`;
    world.repository.files.set(`${CHART}.prov`, world.release.sign(text));
    expect(await sync(world)).toContain('is not the chart that it claims to be');
    const shop = requiring(world.repository.url, world.release);
    world.policy({ strictRules: '{metadata: accept}', 'project.shop': shop });
    expect(await sync(world)).toBeNull();
    expect(asked(world)).toBe(1);
  });
});

describe('a chart whose bytes were others before', () => {
  it('is verified and not deployed until Argo CD has forgotten the other bytes', async () => {
    const world = await startWorld();
    const restore = await tamper(world);
    expect(await sync(world)).toContain('is not what was signed');
    const seenAt = world.clock.now;
    restore();
    world.clock.now += 60_000;
    const { status, decision, sources } = await report(world);
    expect([status, decision.action]).toEqual(['verified', 'deny']);
    expect(sources[0]?.obstacles[0]).toMatchObject({
      code: 'chart-replaced',
      params: {
        seenAt: new Date(seenAt).toISOString(),
        until: new Date(seenAt + 24 * HOUR).toISOString(),
        forget: `source-integrity digests forget --repo ${world.repository.url} --chart payments --version 1.4.2`,
      },
    });
    expect(await sync(world)).toContain('was replaced');
    world.clock.now = seenAt + 24 * HOUR - 1;
    expect(await sync(world)).toContain('was replaced');
    world.clock.now += 1;
    expect(await sync(world)).toBeNull();
  });

  it('is deployed again when an administrator says that the caches were cleared', async () => {
    const world = await startWorld();
    const restore = await tamper(world);
    await sync(world);
    restore();
    await reverify(world);
    expect(await sync(world)).toContain('was replaced');
    await world.store.digests.forget({ repoURL: world.repository.url, chart: 'payments', version: '1.4.2' });
    expect(await sync(world)).toBeNull();
  });

  it('is judged by the keys and the policy in force now', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.colleague, values: 'a: 1\n' });
    expect(await sync(world)).toContain('a key that the policy does not list');
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.release });
    await reverify(world);
    expect(await sync(world)).toContain('was replaced');
    world.policy({ 'project.shop': requiring(world.repository.url, world.release, world.colleague) });
    expect(await sync(world)).toBeNull();
    world.policy({ 'project.shop': requiring(world.repository.url, world.release) });
    expect(await sync(world)).toContain('was replaced');
  });

  it('is not held against it where the other bytes could merely not be judged', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null, values: 'a: 1\n' });
    world.repository.intercept = (request, response) => {
      if (!(request.url ?? '').endsWith('.prov')) return false;
      response.writeHead(500).end();
      return true;
    };
    expect(await sync(world)).toContain('could not be checked');
    world.repository.intercept = () => false;
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.release });
    await reverify(world);
    expect(await sync(world)).toBeNull();
  });

  it('is held against it though the repository hid the provenance file of the other bytes later', async () => {
    const world = await startWorld();
    const restore = await tamper(world);
    expect(await sync(world)).toContain('is not what was signed');
    world.repository.intercept = (request, response) => {
      if (!(request.url ?? '').endsWith('.prov')) return false;
      response.writeHead(500).end();
      return true;
    };
    await reverify(world);
    world.repository.intercept = () => false;
    restore();
    await reverify(world);
    expect(await sync(world)).toContain('was replaced');
  });

  it('is another version than the one that was tampered with', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.5.0', signer: world.release });
    await tamper(world);
    await sync(world);
    const source = chartSource(world.repository.url, { targetRevision: '1.5.0' });
    expect(await refusalOf(world, syncOf(world.payments({ spec: { source } })))).toBeNull();
  });
});
