import type { Digest } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { GOOD, sigstore } from '../../../core/test/cosign/world.ts';
import { STRANGER, subject } from '../../../core/test/verify-artifact-source/shop.ts';
import { ask, HEADERS, report, reverify } from '../server/fixture.ts';
import { gate, refusalOf, reviewOf, syncOf } from '../server/review.ts';
import { artifactSource, BY_KEY, chartSource, KEYLESS, type RegistryWorld, startRegistryWorld } from './world.ts';

const NAME = 'acme/config';

/** Syncs as Argo CD does: with the digest that the tag stands for. */
function sync(world: RegistryWorld, digest: Digest, targetRevision?: string): Promise<string | null> {
  return refusalOf(world, syncOf(world.deploys(artifactSource(world, targetRevision)), { revision: digest }));
}

describe('an artifact', () => {
  test('that is signed by a key is verified in the report, and let through by the gate', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    world.deploys(artifactSource(world));
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign(NAME, digest);
    expect(await report(world)).toMatchObject({
      status: 'verified',
      sources: [{ kind: 'oci', digest, revision: '1.0.0', verdict: { signers: [{ keyName: 'release' }] } }],
    });
    expect(await sync(world, digest)).toBeNull();
  });

  test('that is signed keyless is verified in a thread', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: KEYLESS });
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.bundle(NAME, digest, sigstore.bundle(subject(digest), { by: GOOD }));
    expect(await sync(world, digest)).toBeNull();
    expect(await report(world)).toMatchObject({
      sources: [{ verdict: { signers: [{ kind: 'keyless', subject: 'release@acme.test' }] } }],
    });
    world.asks({ cosign: { ...KEYLESS, trustRoot: 'acmee' } });
    expect(await sync(world, digest)).toContain('"acmee"');
  });

  test('is refused by whom it should not be signed, or unsigned, or with the keys gone', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const unsigned = world.shop.artifact(NAME, '1.0.0', 'unsigned');
    expect(await sync(world, unsigned)).toContain('has no cosign signature');
    const foreign = world.shop.artifact(NAME, '1.0.0', 'foreign');
    world.shop.bundle(NAME, foreign, sigstore.bundle(subject(foreign), { by: STRANGER, log: 'none' }));
    expect(await sync(world, foreign)).toContain('is not signed by the key');
    const good = world.shop.artifact(NAME, '1.0.0', 'good');
    world.shop.sign(NAME, good);
    expect(await sync(world, good)).toBeNull();
    world.cluster.remove('cosign-keys');
    expect(await sync(world, good)).toContain('argocd-cosign-keys-cm');
  });

  test('in an operation by tag is refused, since the tag may move', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    world.shop.sign(NAME, world.shop.artifact(NAME, '1.0.0'));
    const object = world.deploys(artifactSource(world));
    expect(await refusalOf(world, syncOf(object))).toContain('a digest');
  });

  test('old signed artifact re-tagged: refused by digest where the policy binds the tag', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: { ...BY_KEY, annotations: { tag: '{tag}' } } });
    const old = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign(NAME, old, { tag: '0.9.0' });
    expect(await sync(world, old)).toContain('"0.9.0" instead of "1.0.0"');
    expect(await sync(world, old, '0.9.0')).toBeNull();
  });

  test('in a registry that is down is refused, also where it was verified a minute ago', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign(NAME, digest);
    expect(await sync(world, digest)).toBeNull();
    world.intercept = (_, response) => {
      response.writeHead(502).end();
      return true;
    };
    world.clock.now += 60_000;
    expect(await sync(world, digest)).toContain('could not be checked');
  });

  test('whose tag has moved is seen as it is by Re-verify at once, and without it after a minute', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    world.deploys(artifactSource(world));
    const first = world.shop.artifact(NAME, '1.0.0', 'first');
    world.shop.sign(NAME, first);
    expect((await report(world)).sources[0]).toMatchObject({ digest: first, verdict: { status: 'verified' } });
    const second = world.shop.artifact(NAME, '1.0.0', 'second');
    expect((await report(world)).sources[0]?.digest).toBe(first);
    world.clock.now += 60_000;
    expect((await report(world)).sources[0]).toMatchObject({ digest: second, verdict: { status: 'unsigned' } });
    world.shop.sign(NAME, second);
    expect((await report(world)).status).toBe('unsigned');
    await reverify(world);
    expect((await report(world)).status).toBe('verified');
  });

  test('with signatures in another repository is verified with that', async () => {
    const world = await startRegistryWorld();
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign('acme/signatures', digest);
    world.asks({ cosign: { ...BY_KEY, signatureRepository: `${world.host}/acme/signatures` } });
    expect(await sync(world, digest)).toBeNull();
    world.asks({ cosign: BY_KEY });
    expect(await sync(world, digest)).toContain('has no cosign signature');
  });

  test('of which nothing is asked is looked at for the tab, and not for the gate', async () => {
    const world = await startRegistryWorld();
    world.asks({});
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign(NAME, digest);
    expect(await sync(world, digest)).toBeNull();
    expect(world.requests).toEqual([]);
    expect(await report(world)).toMatchObject({
      status: 'not-required',
      sources: [{ verdict: { observed: { status: 'verified', signers: [{ keyName: 'release' }] } } }],
    });
  });

  test('takes one look for as many askers as come', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign(NAME, digest);
    await sync(world, digest);
    const once = world.requests.length;
    await Promise.all([sync(world, digest), sync(world, digest)]);
    expect(world.requests).toHaveLength(once);
  });
});

describe('a chart in a registry', () => {
  test('is verified by provenance, by signature, and by both', async () => {
    const world = await startRegistryWorld();
    world.keys();
    const digest = await world.shop.chart('charts/payments', '1.0.0', { provenance: true });
    world.shop.sign('charts/payments', digest);
    world.asks({ cosign: BY_KEY });
    const object = world.deploys(chartSource(world));
    expect(await refusalOf(world, syncOf(object))).toBeNull();
    world.asks({ cosign: BY_KEY, provenance: true });
    expect(await refusalOf(world, syncOf(object))).toContain('key ring');
  });

  test('old signed chart re-tagged as a new version: refused, as a chart and behind oci://', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const old = await world.shop.chart('charts/payments', '0.9.0', { as: '1.0.0' });
    world.shop.sign('charts/payments', old);
    expect(await refusalOf(world, syncOf(world.deploys(chartSource(world))))).toContain('0.9.0');
    const plain = { repoURL: `oci://${world.host}/charts/payments`, path: '.', targetRevision: '1.0.0' };
    const object = syncOf(world.deploys(plain), { revision: old });
    expect(await refusalOf(world, object)).toContain('0.9.0');
  });
});

describe('a chart whose tag was moved', () => {
  const CHART = 'charts/payments';
  const HOUR = 3_600_000;

  interface Moved {
    readonly world: RegistryWorld;
    readonly good: Digest;
    readonly bad: Digest;
    readonly sync: () => Promise<string | null>;
    /** Lets the tag name another manifest, after what was seen has ceased to count. */
    readonly move: (digest: Digest) => void;
  }

  /** A signed chart in whose place lay another for a while, and now lies again. */
  async function moved(signBad: (world: RegistryWorld, bad: Digest) => void = () => undefined): Promise<Moved> {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const object = syncOf(world.deploys(chartSource(world)));
    const bad = await world.shop.chart(CHART, '1.0.0', { provenance: true });
    signBad(world, bad);
    const good = await world.shop.chart(CHART, '1.0.0');
    world.shop.sign(CHART, good);
    const sync = (): Promise<string | null> => refusalOf(world, object);
    const move = (digest: Digest): void => {
      world.shop.registry.repository(CHART).tags.set('1.0.0', digest);
      world.clock.now += 60_000;
    };
    expect(await sync()).toBeNull();
    move(bad);
    return { world, good, bad, sync, move };
  }

  test('is refused after it was moved back, for a day, since Argo CD may hold what lay there', async () => {
    const { world, good, bad, sync, move } = await moved();
    expect(await sync()).toContain('has no cosign signature');
    move(good);
    const refusal = await sync();
    expect(refusal).toContain('was replaced');
    expect(refusal).toContain(bad);
    expect(refusal).toContain('--chart payments --version 1.0.0');
    expect((await report(world)).sources[0]).toMatchObject({
      verdict: { status: 'verified' },
      obstacles: [{ code: 'chart-replaced' }],
    });
    world.clock.now += 24 * HOUR;
    expect(await sync()).toBeNull();
  });

  test('is let through once an administrator says that the caches were cleared', async () => {
    const { world, good, sync, move } = await moved();
    await sync();
    move(good);
    expect(await sync()).toContain('was replaced');
    await world.store.digests.forget({ repoURL: `${world.host}/charts`, chart: 'payments', version: '1.0.0' });
    expect(await sync()).toBeNull();
  });

  test('is judged by the policy and the keys in force now', async () => {
    const { world, good, sync, move } = await moved((world, bad) =>
      world.shop.bundle(CHART, bad, sigstore.bundle(subject(bad), { by: STRANGER, log: 'none' })),
    );
    expect(await sync()).toContain('is not signed by the key');
    move(good);
    expect(await sync()).toContain('was replaced');
    world.asks({ cosign: { ...BY_KEY, keys: ['release', 'stranger'] } });
    expect(await sync()).toBeNull();
    world.asks({ cosign: BY_KEY });
    expect(await sync()).toContain('was replaced');
  });

  test('is not held against another that the policy lets through too', async () => {
    const { good, sync, move } = await moved((world, bad) => world.shop.sign(CHART, bad));
    expect(await sync()).toBeNull();
    move(good);
    expect(await sync()).toBeNull();
  });

  test('does not get bad bytes forgotten by signatures heaped up beside them, or hidden later', async () => {
    const filler = 'x'.repeat(200_000);
    const { world, bad, good, sync, move } = await moved((world, bad) => {
      for (let at = 0; at < 5; at += 1) world.shop.bundle(CHART, bad, { filler: `${at}${filler}` });
    });
    expect(await sync()).not.toBeNull();
    world.intercept = (request, response) => {
      if (request.url?.includes(`manifests/${bad.replace(':', '-')}`) !== true) return false;
      response.writeHead(500).end();
      return true;
    };
    move(bad);
    expect(await sync()).toContain('could not be checked');
    move(good);
    expect(await sync()).toContain('was replaced');
  });

  test('and was not looked at in a dry run leaves nothing behind', async () => {
    const { world, good, sync, move } = await moved();
    const object = syncOf(world.deploys(chartSource(world)));
    expect((await gate(world, reviewOf(object, { dryRun: true }))).allowed).toBe(false);
    move(good);
    expect(await sync()).toBeNull();
  });
});

describe('evidence', () => {
  test('is had by its Application, and by no other', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    world.deploys(artifactSource(world));
    world.deploys(artifactSource(world, '2.0.0'), { name: 'other' });
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign(NAME, digest);
    const [source] = (await report(world)).sources;
    const kinds = source?.evidence.map(({ kind }) => kind);
    expect(kinds).toEqual(['manifest', 'signature']);
    for (const { digest: of, size } of source?.evidence ?? []) {
      const own = await ask(world, `/evidence/${of}`);
      expect(own.status).toBe(200);
      expect((await own.arrayBuffer()).byteLength).toBe(size);
      const others = { ...HEADERS, 'argocd-application-name': 'argocd:other' };
      expect((await ask(world, `/evidence/${of}`, { headers: others })).status).toBe(404);
    }
  });

  test('of what a dry run has seen first can be had all the same', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    const digest = world.shop.artifact(NAME, '1.0.0');
    world.shop.sign(NAME, digest);
    const object = syncOf(world.deploys(artifactSource(world)), { revision: digest });
    expect((await gate(world, reviewOf(object, { dryRun: true }))).allowed).toBe(true);
    expect(await world.store.blobs.get(digest)).toBeNull();
    expect((await gate(world, reviewOf(object))).allowed).toBe(true);
    expect((await ask(world, `/evidence/${digest}`)).status).toBe(200);
  });

  test('that somebody heaps up pushes out nobody else’s', async () => {
    const world = await startRegistryWorld();
    world.asks({ cosign: BY_KEY });
    world.deploys(artifactSource(world));
    const digest = world.shop.artifact(NAME, '1.0.0');
    const filler = 'x'.repeat(900_000);
    for (let at = 0; at < 20; at += 1) world.shop.bundle(NAME, digest, { filler: `${at}${filler}` });
    world.shop.sign(NAME, digest);
    const [source] = (await report(world)).sources;
    expect(source?.verdict.status).toBe('verified');
    const kept = source?.evidence.filter(({ retained }) => retained) ?? [];
    expect(kept.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(4 * 1024 * 1024 + 1);
  });
});
