import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@source-integrity/core';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { initializeTUFRepo, tufHandlers } from '@tufjs/repo-mock';
import { FakeSigstore } from '../../../core/test/cosign/fake-sigstore.ts';
import { DAY_MS, PublicGoodTrustRoot, STALE_MS } from '../../src/trust-root/public-good.ts';
import { shippedTrustRoot } from '../../src/trust-root/seed.ts';
import { TrustRootCache } from '../../src/trust-root/trust-root-cache.ts';
import { accessTo, fetcher } from '../fetch/local.ts';
import { TufMirror } from './tuf-mirror.ts';

const MINUTE_MS = 60_000;

function trustedRoot(): string {
  return JSON.stringify(new FakeSigstore().trustedRoot());
}

const FIRST = trustedRoot();
const SECOND = trustedRoot();

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'source-integrity-trust-root-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

interface Setup {
  readonly mirror: TufMirror;
  /** Its root, as an administrator pins it. */
  readonly anchor: Buffer;
  readonly data: string;
  readonly clock: { now: number };
  readonly needed: { value: boolean };
  readonly outcomes: (string | null)[];
  readonly faults: unknown[];
  /** A server that starts now. */
  readonly open: (more?: {
    readonly url?: string;
    readonly anchor?: Buffer | null;
    readonly maxMs?: number;
    readonly folder?: string;
  }) => PublicGoodTrustRoot;
}

async function setup(): Promise<Setup> {
  const mirror = await new TufMirror().start();
  mirror.publish(FIRST);
  const anchor = Buffer.from(mirror.root(1));
  const data = folder();
  const clock = { now: Date.now() };
  const needed = { value: true };
  const outcomes: (string | null)[] = [];
  const faults: unknown[] = [];
  return {
    mirror,
    anchor,
    data,
    clock,
    needed,
    outcomes,
    faults,
    open({ url = mirror.url, anchor: given = anchor, maxMs = 5000, folder: kept = data } = {}) {
      const root = new PublicGoodTrustRoot({
        tuf: { mirror: url, anchor: given, cache: new TrustRootCache(kept, url, given) },
        fetch: fetcher({ limits: { totalTimeoutMs: maxMs } }).fetch,
        accessTo: async (to) => ({ access: accessTo(to) }),
        isNeeded: async () => needed.value,
        now: () => new Date(clock.now),
        random: () => 0.5,
        onRefreshed: (because: Problem | null) => void outcomes.push(because?.code ?? null),
        onFault: (error) => void faults.push(error),
      });
      onTestFinished(() => root.close());
      return root;
    },
  };
}

/** Which document is in force, or the code of why there is none. */
function inForce(root: PublicGoodTrustRoot, now: number): string {
  const read = root.read(new Date(now));
  if ('problem' in read) return read.problem.code;
  return read.trustRoot.document === FIRST ? 'first' : read.trustRoot.document === SECOND ? 'second' : 'another';
}

function warnings(root: PublicGoodTrustRoot, now: number): readonly Problem[] {
  const read = root.read(new Date(now));
  return 'problem' in read ? [read.problem] : read.warnings;
}

const stale = (problems: readonly Problem[]): Problem[] => problems.filter(({ code }) => code === 'trust-root-stale');

describe('a trust root by TUF', () => {
  test('is had from the mirror, and then from the cache without asking anybody', async () => {
    const { mirror, clock, outcomes, open } = await setup();
    const root = open();
    expect(inForce(root, clock.now)).toBe('trust-root-missing');
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('first');
    expect(root.state).toEqual({ origin: 'mirror', checkedAt: new Date(clock.now), failing: null });
    const asked = mirror.paths.length;
    clock.now += MINUTE_MS;
    const restarted = open();
    await restarted.refreshIfDue();
    expect(inForce(restarted, clock.now)).toBe('first');
    expect(mirror.paths).toHaveLength(asked);
    expect(outcomes).toEqual([null]);
  });

  test('is asked for once a day, and a key that was rotated arrives by that', async () => {
    const { mirror, clock, open } = await setup();
    const root = open();
    await root.refreshIfDue();
    mirror.publish(SECOND);
    clock.now += 0.8 * DAY_MS;
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('first');
    clock.now += 0.3 * DAY_MS;
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('second');
  });

  test('that has not changed is vouched for anew without being fetched', async () => {
    const { mirror, clock, open } = await setup();
    const root = open();
    await root.refreshIfDue();
    mirror.publishTimestamp();
    mirror.paths.splice(0);
    clock.now += 2 * DAY_MS;
    await root.refreshIfDue();
    expect(root.state.checkedAt).toEqual(new Date(clock.now));
    expect(mirror.paths).toEqual(['/2.root.json', '/timestamp.json']);
  });

  test('follows its root keys when they are replaced', async () => {
    const { mirror, clock, open } = await setup();
    const root = open();
    await root.refreshIfDue();
    mirror.rotateRootKey();
    mirror.rotateRootKey();
    mirror.publish(SECOND);
    clock.now += 2 * DAY_MS;
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('second');
  });

  test('is had from a mirror without consistent snapshots', async () => {
    const { mirror, clock, open } = await setup();
    const repository = initializeTUFRepo([{ name: 'trusted_root.json', content: SECOND }]);
    const handlers = tufHandlers(repository, { metadataPathPrefix: '', targetPathPrefix: '/targets' });
    mirror.intercept = (request, response) => {
      const { statusCode, response: body } = handlers.find(({ path }) => path === request.url)?.fn() ?? {
        statusCode: 404,
        response: '',
      };
      response.writeHead(statusCode).end(body);
    };
    const root = open({ anchor: Buffer.from(JSON.stringify(repository.rootMeta.toJSON())) });
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('second');
  });

  test('is asked for by nobody while nothing rests on it', async () => {
    const { mirror, needed, clock, open } = await setup();
    needed.value = false;
    const root = open();
    await root.start();
    await root.refreshIfDue();
    expect(mirror.paths).toEqual([]);
    needed.value = true;
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('first');
  });

  test('is asked for once by all who ask at the same time', async () => {
    const { mirror, outcomes, open } = await setup();
    const root = open();
    await Promise.all([root.refreshIfDue(), root.refreshIfDue(), root.refreshIfDue()]);
    expect(outcomes).toEqual([null]);
    expect(mirror.paths.filter((path) => path === '/timestamp.json')).toHaveLength(1);
  });

  test('is written whole by two servers with one folder', async () => {
    const { clock, faults, open } = await setup();
    const [one, other] = [open(), open()];
    await Promise.all([one.refreshIfDue(), other.refreshIfDue()]);
    expect([inForce(one, clock.now), inForce(other, clock.now)]).toEqual(['first', 'first']);
    const third = open();
    await third.refreshIfDue();
    expect(inForce(third, clock.now)).toBe('first');
    expect(faults).toEqual([]);
  });

  test('leaves no working copies behind', async () => {
    const { data, mirror, open } = await setup();
    await open().refreshIfDue();
    mirror.intercept = (_, response) => void response.writeHead(503).end();
    await open({ anchor: null }).refreshIfDue();
    const files = readdirSync(join(data, 'trust-root'));
    expect(files.every((file) => /^[0-9a-f]{32}\.json$/.test(file))).toBe(true);
  });
});

describe('a mirror that cannot be relied on', () => {
  /** After a first refresh the mirror does this; the root that was known stays in force. */
  async function after(
    change: (mirror: TufMirror) => void,
  ): Promise<{ readonly outcome: string | null; readonly reason: string }> {
    const { mirror, clock, outcomes, open } = await setup();
    const root = open({ maxMs: 700 });
    mirror.publish(FIRST);
    await root.refreshIfDue();
    change(mirror);
    clock.now += 2 * DAY_MS;
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('first');
    const { failing } = root.state;
    return { outcome: outcomes.at(-1) ?? null, reason: String(failing?.problem.params['reason'] ?? '') };
  }

  test('that goes back to an older timestamp is refused', async () => {
    const { outcome, reason } = await after((mirror) => {
      mirror.versions = { timestamp: 0, snapshot: 0, targets: 0 };
      mirror.publish(SECOND);
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
    expect(reason).toContain('version 1 is less than current version 2');
  });

  test.each([
    ['an older snapshot below a newer timestamp', { timestamp: 10, snapshot: 0, targets: 0 }],
    ['older targets below a newer snapshot', { timestamp: 10, snapshot: 10, targets: 0 }],
  ])('that goes back to %s is refused', async (_, versions) => {
    const { outcome } = await after((mirror) => {
      mirror.versions = versions;
      mirror.publish(SECOND);
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
  });

  test('that shows an expired timestamp, as one that is frozen does, is refused', async () => {
    const { outcome, reason } = await after((mirror) => {
      mirror.expiresInDays = -1;
      mirror.publish(SECOND);
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
    expect(reason).toContain('expired');
  });

  test('that signs with keys of its own is refused', async () => {
    const { outcome } = await after((mirror) => {
      const impostor = new TufMirror();
      mirror.rootKey = impostor.rootKey;
      mirror.onlineKey = impostor.onlineKey;
      mirror.publish(SECOND);
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
  });

  test('that replaces the root keys without the old ones is refused', async () => {
    const { outcome } = await after((mirror) => {
      mirror.rootKey = new TufMirror().rootKey;
      mirror.publishRoot();
      mirror.publish(SECOND);
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
  });

  test('that serves another target than the signed one is refused', async () => {
    const { outcome } = await after((mirror) => {
      mirror.publish(SECOND);
      mirror.intercept = ({ url = '' }, response) => {
        const file = url.startsWith('/targets/') ? `${SECOND} ` : mirror.file(url);
        response.writeHead(file === null ? 404 : 200).end(file ?? '');
      };
    });
    // One byte more than was signed is not even read.
    expect(outcome).toBe('fetch-too-large');
  });

  test('that serves a body without end is left', async () => {
    const { outcome } = await after((mirror) => {
      mirror.intercept = (_, response) => {
        response.writeHead(200);
        const piece = Buffer.alloc(64 * 1024, 0x20);
        const more = (): void => {
          while (response.writable && response.write(piece));
        };
        response.on('drain', more);
        response.on('error', () => undefined);
        more();
      };
    });
    expect(outcome).toBe('fetch-too-large');
  });

  test('that never answers is left', async () => {
    const { outcome } = await after((mirror) => {
      mirror.intercept = () => undefined;
    });
    expect(outcome).toBe('fetch-timeout');
  });

  test('that serves something else than JSON is refused', async () => {
    const { outcome } = await after((mirror) => {
      mirror.intercept = (_, response) => void response.writeHead(200).end('<html>');
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
  });

  test('whose signed target is no trust root is refused', async () => {
    const { outcome } = await after((mirror) => {
      mirror.publish('{"mediaType": "application/json"}');
    });
    expect(outcome).toBe('trust-root-unreadable');
  });

  test('whose target is endless by its own word is refused before it is fetched', async () => {
    const { outcome, reason } = await after((mirror) => {
      mirror.publish(' '.repeat(1024 * 1024 + 1));
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
    expect(reason).toContain('more than 1048576 bytes');
  });

  test('without a trust root is refused', async () => {
    const { outcome, reason } = await after((mirror) => {
      mirror.publish(SECOND, 'else.json');
    });
    expect(outcome).toBe('trust-root-mirror-invalid');
    expect(reason).toBe('has no trusted_root.json');
  });
});

test('a byte that is changed anywhere on the way never leads to another root', async () => {
  const { mirror, clock, open } = await setup();
  mirror.rotateRootKey();
  mirror.publish(SECOND);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/2.root.json', '/timestamp.json', '/2.snapshot.json', '/2.targets.json', '/targets/'),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (path, at, change) => {
        mirror.intercept = ({ url = '' }, response) => {
          const file = mirror.file(url);
          const body = Buffer.from(file ?? '');
          if (url.startsWith(path) && body.length > 0) body[at % body.length] = (body[at % body.length] ?? 0) ^ change;
          response.writeHead(file === null ? 404 : 200).end(body);
        };
        const root = open({ folder: folder() });
        await root.refreshIfDue();
        expect(['second', 'trust-root-mirror-invalid', 'fetch-status']).toContain(inForce(root, clock.now));
      },
    ),
    { numRuns: 40 },
  );
});

describe('a mirror that is away', () => {
  test('is asked again ever more seldom, and the last root holds', async () => {
    const { mirror, clock, outcomes, open } = await setup();
    const root = open();
    await root.refreshIfDue();
    mirror.intercept = (_, response) => void response.writeHead(503).end();
    clock.now += 2 * DAY_MS;
    const attempts: number[] = [];
    const until = clock.now + 6 * 60 * MINUTE_MS;
    for (const start = clock.now; clock.now < until; clock.now += MINUTE_MS) {
      const before = outcomes.length;
      await root.refreshIfDue();
      if (outcomes.length > before) attempts.push((clock.now - start) / MINUTE_MS);
    }
    expect(attempts).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303]);
    expect(outcomes.at(-1)).toBe('fetch-status');
    expect(inForce(root, clock.now)).toBe('first');
    mirror.intercept = null;
    mirror.publish(SECOND);
    clock.now += 60 * MINUTE_MS;
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('second');
    expect(root.notes()).toEqual([]);
  });

  test('is told of at once, and with every verdict once nobody vouches for the root any more', async () => {
    const { mirror, clock, open } = await setup();
    const root = open();
    await root.refreshIfDue();
    const checkedAt = new Date(clock.now).toISOString();
    mirror.intercept = (_, response) => void response.writeHead(503).end();
    clock.now += 2 * DAY_MS;
    await root.refreshIfDue();
    const since = new Date(clock.now).toISOString();
    expect(root.notes()).toEqual([
      `public-good trust root of ${checkedAt}, refresh failed since ${since}: it could not be checked: ${mirror.url}/2.root.json answered with HTTP status 503.`,
    ]);
    expect(stale(warnings(root, clock.now))).toEqual([]);
    clock.now += STALE_MS;
    expect(stale(warnings(root, clock.now))).toEqual([
      { code: 'trust-root-stale', params: { name: 'public-good', checkedAt, since, reason: 'fetch-status' } },
    ]);
    expect(inForce(root, clock.now)).toBe('first');
  });

  test('from the beginning leaves the root of this release, and says so', async () => {
    const { mirror, clock, open } = await setup();
    mirror.intercept = (_, response) => void response.writeHead(503).end();
    const root = open({ anchor: null });
    const shipped = shippedTrustRoot(new Date(clock.now));
    expect(root.read(new Date(clock.now))).toEqual(shipped);
    await root.refreshIfDue();
    expect(root.read(new Date(clock.now))).toMatchObject({
      trustRoot: 'trustRoot' in shipped ? shipped.trustRoot : {},
    });
    expect(stale(warnings(root, clock.now))).toMatchObject([{ params: { checkedAt: null } }]);
    expect(root.notes()[0]).toMatch(/^public-good trust root that of this release, refresh failed since /);
  });

  test('from the beginning leaves no root where somebody has a mirror of their own', async () => {
    const { mirror, clock, open } = await setup();
    mirror.intercept = (_, response) => void response.writeHead(503).end();
    const root = open();
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('fetch-status');
  });

  test('is not waited for when the server ends', async () => {
    const { mirror, faults, open } = await setup();
    mirror.intercept = () => undefined;
    const root = open({ maxMs: 60_000 });
    const refresh = root.refreshIfDue();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await root.close();
    await refresh;
    expect(faults).toEqual([]);
  });
});

describe('what is kept', () => {
  async function damaged(
    change: (text: string) => string,
  ): Promise<{ readonly before: string; readonly after: string }> {
    const { data, mirror, clock, open } = await setup();
    await open().refreshIfDue();
    const [file = ''] = readdirSync(join(data, 'trust-root'));
    const path = join(data, 'trust-root', file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    mirror.publish(SECOND);
    const root = open();
    const before = inForce(root, clock.now);
    await root.refreshIfDue();
    return { before, after: inForce(root, clock.now) };
  }

  test.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, 1000)],
    ['empty', () => ''],
    ['changed in one place', (text) => text.replace('"version":1', '"version":2')],
    ['something else', () => 'PK\u0003\u0004'],
  ])('and is %s counts for nothing, and is replaced', async (_, change) => {
    expect(await damaged(change)).toEqual({ before: 'trust-root-missing', after: 'second' });
  });

  test.each([
    ['gives way to that of a newer release', 1, 'another'],
    ['holds beside that of an older release', 1000, 'first'],
  ])('%s', async (_, version, which) => {
    const { data, mirror, clock, needed, open } = await setup();
    needed.value = false;
    const root = JSON.stringify({ signed: { _type: 'root', version } });
    const checkedAt = new Date(clock.now);
    const cache = new TrustRootCache(data, mirror.url, null);
    await cache.write({ metadata: { root }, target: Buffer.from(FIRST), checkedAt });
    const server = open({ anchor: null });
    await server.load();
    expect(inForce(server, clock.now)).toBe(which);
    expect(server.state.checkedAt).toEqual(which === 'first' ? checkedAt : null);
  });

  test('with a time to come, by a clock that was wrong, does not keep the mirror from being asked', async () => {
    const { clock, outcomes, open } = await setup();
    await open().refreshIfDue();
    clock.now -= 30 * DAY_MS;
    await open().refreshIfDue();
    expect(outcomes).toEqual([null, null]);
  });

  test('is not needed for what is in force: a folder that cannot be written is told of, and not asked for every minute', async () => {
    const { data, mirror, clock, faults, outcomes, open } = await setup();
    writeFileSync(join(data, 'trust-root'), 'a file where the folder should be');
    const root = open();
    await root.refreshIfDue();
    expect(outcomes).toEqual(['verification-fault']);
    expect(faults.length).toBeGreaterThan(0);
    expect(inForce(root, clock.now)).toBe('verification-fault');
    const asked = mirror.paths.length;
    clock.now += MINUTE_MS / 2;
    await root.refreshIfDue();
    expect(mirror.paths).toHaveLength(asked);
    rmSync(join(data, 'trust-root'));
    clock.now += MINUTE_MS;
    await root.refreshIfDue();
    expect(inForce(root, clock.now)).toBe('first');
  });

  test('is of one mirror and one pinned root', async () => {
    const { mirror, clock, outcomes, open } = await setup();
    await open().refreshIfDue();
    const other = new TufMirror();
    other.publish(SECOND);
    const root = open({ anchor: Buffer.from(other.root(1)) });
    await root.refreshIfDue();
    expect(outcomes).toEqual([null, 'trust-root-mirror-invalid']);
    expect(inForce(root, clock.now)).toBe('trust-root-mirror-invalid');
    expect(mirror.paths.length).toBeGreaterThan(0);
  });
});
