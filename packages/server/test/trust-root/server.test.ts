import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { GOOD, sigstore } from '../../../core/test/cosign/world.ts';
import { subject } from '../../../core/test/verify-artifact-source/shop.ts';
import { artifactSource, BY_KEY, KEYLESS, type RegistryWorld, startRegistryWorld } from '../registry/world.ts';
import { report } from '../server/fixture.ts';
import { repositorySecret } from '../server/manifests.ts';
import { refusalOf, syncOf } from '../server/review.ts';
import { TufMirror } from './tuf-mirror.ts';
import { eventually } from '../eventually.ts';

const { identities } = KEYLESS;

interface TufWorld extends RegistryWorld {
  readonly mirror: TufMirror;
}

/** The server with a mirror of its own, which serves the root that the registry's signatures are made under. */
async function startTufWorld(more: Readonly<Record<string, string>> = {}): Promise<TufWorld> {
  const mirror = await new TufMirror().start();
  mirror.publish(JSON.stringify(sigstore.trustedRoot()));
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-root-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'root.json'), mirror.root(1));
  const flags = { tuf: 'on', 'tuf-mirror': mirror.url, 'tuf-root': join(folder, 'root.json'), ...more };
  return Object.assign(await startRegistryWorld({ flags }), { mirror });
}

/** Ports that anything in this process has tried to reach since. */
function connections(): readonly number[] {
  const ports: number[] = [];
  const note = (message: unknown): void => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : null;
    if (!(socket instanceof Socket)) return;
    socket.on('connectionAttempt', (_, port) => void ports.push(port));
    // A name that cannot be resolved leads nowhere, and was asked for all the same.
    socket.once('lookup', (error: Error | null) => void (error === null || ports.push(0)));
  };
  subscribe('net.client.socket', note);
  onTestFinished(() => void unsubscribe('net.client.socket', note));
  return ports;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Of the registry, and of the server itself, which the test asks. */
function knownPorts({ host, server }: RegistryWorld): Set<number> {
  return new Set([`http://${host}`, ...Object.values(server.addresses)].map(portOf));
}

function sync(world: RegistryWorld, digest: string): Promise<string | null> {
  return refusalOf(world, syncOf(world.deploys(artifactSource(world)), { revision: digest }));
}

describe('the server', () => {
  test('verifies by the root that the mirror serves, where a policy names none', async () => {
    const world = await startTufWorld();
    world.asks({ cosign: { identities } });
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    await eventually(async () => expect(await sync(world, digest)).toBeNull());
    const text = await (await fetch(`${world.server.addresses.operations}/metrics`)).text();
    expect(text).toContain('source_integrity_trust_root_refreshes_total{outcome="refreshed"} 1');
    expect(text).toMatch(/^source_integrity_trust_root_age_seconds \d/m);
  });

  test('asks the mirror and nobody else for it', async () => {
    const world = await startTufWorld();
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    world.asks({ cosign: { identities } });
    const ports = connections();
    await eventually(async () => expect(await sync(world, digest)).toBeNull());
    const known = knownPorts(world).add(portOf(world.mirror.url));
    expect(ports).toContain(portOf(world.mirror.url));
    expect(ports.filter((port) => !known.has(port))).toEqual([]);
  });

  test.each<[string, object]>([
    ['keys without a log', { cosign: BY_KEY }],
    ['identities with a root of their own', { cosign: KEYLESS }],
    ['keys with a log and a root of their own', { cosign: { keys: ['release'], trustRoot: 'acme' } }],
    ['nothing of artifacts', { provenance: true }],
    ['nothing at all, while the tab looks who signed', {}],
  ])('asks no mirror where a policy asks for %s', async (_, asks) => {
    const world = await startTufWorld();
    world.asks(asks);
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.sign('acme/config', digest);
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    const ports = connections();
    world.deploys(artifactSource(world));
    await report(world);
    await sync(world, digest);
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    const known = knownPorts(world);
    expect(ports.filter((port) => !known.has(port))).toEqual([]);
    expect(world.mirror.paths).toEqual([]);
  });

  test('asks the mirror as it asks a repository: with the credentials of a Secret that has its URL', async () => {
    const world = await startTufWorld();
    const authorizations: (string | undefined)[] = [];
    world.mirror.intercept = ({ headers }, response) => {
      authorizations.push(headers.authorization);
      response.writeHead(404).end();
    };
    const url = world.mirror.url;
    world.cluster.put(
      'mirror',
      repositorySecret('mirror', { type: 'helm', url, username: 'robot', password: 'secret' }),
    );
    world.asks({ cosign: { identities } });
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    await eventually(async () => expect(await sync(world, digest)).toContain('HTTP status 404'));
    expect(authorizations[0]).toBe(`Basic ${Buffer.from('robot:secret').toString('base64')}`);
    expect(world.log()).not.toContain('secret');
  });

  test('asks no mirror that it may not ask', async () => {
    const world = await startTufWorld({ 'allowed-hosts': 'localhost' });
    world.asks({ cosign: { identities } });
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    await eventually(async () => expect(await sync(world, digest)).toContain('is not allowed to ask'));
    expect(world.mirror.paths).toEqual([]);
  });

  test('goes on with a pinned root while the mirror is away', async () => {
    const world = await startTufWorld();
    world.mirror.intercept = (_, response) => void response.writeHead(503).end();
    world.asks({ cosign: { identities } });
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    await eventually(async () => expect(await sync(world, digest)).toContain('HTTP status 503'));
    const ready = await fetch(`${world.server.addresses.operations}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.text()).toContain('public-good trust root that of this release, refresh failed since');
    world.asks({ cosign: KEYLESS });
    await eventually(async () => expect(await sync(world, digest)).toBeNull());
  });

  test('shows who signed under a trust root that no policy names, and the entry that would accept it', async () => {
    const world = await startRegistryWorld();
    world.asks({});
    world.deploys(artifactSource(world));
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    const source = await eventually(async () => {
      const [first] = (await report(world)).sources;
      expect(first?.verdict).toMatchObject({
        status: 'not-required',
        observed: { status: 'verified', signers: [{ kind: 'keyless', subject: 'release@acme.test' }] },
      });
      return first;
    });
    expect(source?.proposedPolicy).toContain('trustRoot: "acme"');
    world.policy({ 'project.shop': (source?.proposedPolicy ?? '').split('\n').slice(1).join('\n') });
    await eventually(async () => expect(await report(world)).toMatchObject({ status: 'verified' }));
    await eventually(async () => expect(await sync(world, digest)).toBeNull());
  });

  test('says with each verdict that its root is old', async () => {
    const world = await startTufWorld();
    world.asks({ cosign: { identities } });
    const digest = world.shop.artifact('acme/config', '1.0.0');
    world.shop.bundle('acme/config', digest, sigstore.bundle(subject(digest), { by: GOOD }));
    await eventually(async () => expect(await sync(world, digest)).toBeNull());
    world.mirror.intercept = (_, response) => void response.writeHead(503).end();
    world.clock.now += 8 * 24 * 60 * 60 * 1000;
    await eventually(async () =>
      expect(await report(world)).toMatchObject({
        status: 'verified',
        sources: [{ verdict: { warnings: [{ code: 'trust-root-stale', params: { reason: 'fetch-status' } }] } }],
      }),
    );
  });
});
