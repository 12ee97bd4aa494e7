import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { GuardAnswer } from '../../src/guard/wire.ts';
import { guardedHelm } from '../../src/helm-guard/guard.ts';
import type { GuardSettings } from '../../src/helm-guard/settings.ts';
import { httpServer, tcpServer } from '../fetch/local.ts';
import { containing } from '../cli/command-line.ts';
import { ALLOW, type Bench, bench, CERTIFICATES, entries, keeping, pullInto } from './bench.ts';

const away = (response: ServerResponse): void => {
  response.writeHead(503).end();
};
const PATIENT = { timeout: 120_000 };
const MAIN = join(import.meta.dirname, '../../src/helm-guard/main.ts');

/** A pull with other settings: its status, and what it told. */
async function pulling(
  { settings, folder, download }: Bench,
  other: Partial<GuardSettings>,
  runHelm = download(),
): Promise<{ status: number; told: string }> {
  const told: string[] = [];
  const ports = { runHelm, tell: (line: string) => told.push(line) };
  const status = await guardedHelm(pullInto(folder), { ...settings, ...other }, ports);
  return { status, told: told.join('\n') };
}

/** What hands every connection on to the server of a guard, but for the first, where something else is done with it. */
async function relay(
  { settings }: Bench,
  first: ((socket: Socket) => void) | null = null,
): Promise<{ readonly port: number; readonly connections: () => number }> {
  let connections = 0;
  const port = await tcpServer((socket) => {
    connections += 1;
    if (connections === 1 && first !== null) {
      first(socket);
      return;
    }
    const onwards = connect(Number(settings.server.port), '127.0.0.1');
    onwards.on('error', () => socket.destroy());
    socket.pipe(onwards).pipe(socket);
  });
  return { port, connections: () => connections };
}

describe('what the guard keeps', () => {
  const policyOf = ({ settings }: Bench): string => join(settings.stateFolder, 'policy.json');

  test.each<[string, string, (file: string) => Promise<unknown>]>([
    ['is cut off', 'is damaged', (file) => writeFile(file, '{"digest":"sha256:1","at":"x","entr')],
    ['is of another form', 'is damaged', (file) => writeFile(file, '{"digest":1,"at":[],"entries":{"a":{}}}')],
    ['is a folder', 'cannot be read (', (file) => mkdir(file)],
    ['is a pipe that nobody writes to', 'cannot be read (ENOTFILE)', (file) => Promise.resolve(mkfifo(file))],
    ['is a link to what never ends', 'cannot be read (ENOTFILE)', (file) => symlink('/dev/zero', file)],
    ['is huge', 'cannot be read (EFBIG)', async (file) => writeFile(file, '').then(() => truncate(file, 2 ** 40))],
  ])('is no policy where it %s: all is refused, and why is said', async (_, why, put) => {
    const guard = await bench(away);
    await mkdir(guard.settings.stateFolder);
    await put(policyOf(guard));
    const { status, told } = await pulling(guard, {});
    expect([status, told]).toEqual([1, containing(why)]);
  });

  test('is taken away where it cannot be replaced, since an older policy may let too much pass', async () => {
    const policy = { digest: 'sha256:2', entries };
    let isAway = false;
    const guard = await bench((response) => {
      if (isAway) away(response);
      else response.end(JSON.stringify({ ...ALLOW, policy } satisfies GuardAnswer));
    });
    // What a rename cannot take the place of.
    await mkdir(join(policyOf(guard), 'x'), { recursive: true });
    const { status, told } = await pulling(guard, { timeoutMs: 20_000 });
    expect([status, told]).toEqual([0, expect.stringMatching(/^The policy could not be kept \(E[A-Z]+\)/)]);
    expect(await readdir(guard.settings.stateFolder)).toEqual([]);
    isAway = true;
    await rm(join(guard.folder, 'out', 'demo-1.2.3.tgz'));
    expect(await pulling(guard, {})).toEqual({
      status: 1,
      told: containing('has not seen a policy yet, or could not keep it'),
    });
  });

  test('is replaced as a whole, also where a call that was killed has left something behind', async () => {
    const policy = { digest: 'sha256:2', entries };
    const guard = await bench({ ...ALLOW, policy });
    await keeping(guard, { enforcement: 'off' });
    await symlink('/dev/full', `${policyOf(guard)}.${process.pid}`);
    expect(await pulling(guard, {})).toEqual({ status: 0, told: '' });
    expect(JSON.parse(await readFile(policyOf(guard), 'utf8'))).toMatchObject(policy);
    expect(await readdir(guard.settings.stateFolder)).toEqual(['policy.json']);
  });

  test.each(['in', 'the place of'])(
    'matters to nobody while the server answers: a file is %s its folder',
    async (where) => {
      const guard = await bench({ ...ALLOW, policy: { digest: 'sha256:2', entries } });
      await writeFile(join(guard.folder, 'file'), '');
      const stateFolder = where === 'in' ? join(guard.folder, 'file', 'state') : join(guard.folder, 'file');
      expect(await pulling(guard, { stateFolder })).toEqual({
        status: 0,
        told: containing('while the server is away, nothing passes'),
      });
    },
  );
});

describe('what the guard is known by', () => {
  test.each<[string, string, (bench: Bench) => Promise<unknown>]>([
    [
      'a token that is missing',
      'cannot read its token or its authority (ENOENT)',
      ({ settings }) => rm(settings.tokenFile),
    ],
    ['a token that is empty', 'is empty or no token', ({ settings }) => writeFile(settings.tokenFile, '\n')],
    [
      'a token with a line in it',
      'is empty or no token',
      ({ settings }) => writeFile(settings.tokenFile, 'a\r\nX-Y: b'),
    ],
  ])('%s is said, and nobody is asked', async (_, why, break_) => {
    const guard = await bench(away);
    await break_(guard);
    expect(await pulling(guard, {})).toEqual({ status: 1, told: containing(why) });
    expect(guard.asked).toEqual([]);
  });

  test.each([
    ['is empty', ''],
    ['is no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('an authority that %s vouches for nobody', async (_, authority) => {
    const guard = await bench(ALLOW);
    const caFile = join(guard.folder, 'ca.crt');
    await writeFile(caFile, authority);
    const { status, told } = await pulling(guard, { caFile, timeoutMs: 500 });
    expect([status, told]).toEqual([1, containing('The chart was not checked, because')]);
    expect(guard.asked).toEqual([]);
  });

  test('token and authority that are replaced in between count at the next attempt', async () => {
    const caFile = 'ca.crt';
    const guard = await bench((response) => {
      if (guard.asked.length === 1) {
        void writeFile(guard.settings.tokenFile, 'the-next-token').then(() => away(response));
      } else response.end(JSON.stringify(ALLOW));
    });
    const file = join(guard.folder, caFile);
    await copyFile(join(CERTIFICATES, 'other-authority.pem'), file);
    const pulled = pulling(guard, { caFile: file, timeoutMs: 25_000 });
    // As kubelet replaces it; whenever that is, the next attempt sees it.
    await copyFile(join(CERTIFICATES, 'localhost.pem'), file);
    expect(await pulled).toEqual({ status: 0, told: '' });
    expect(guard.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer the-token',
      'Bearer the-next-token',
    ]);
  });
});

describe('a server', () => {
  test('that sends the guard elsewhere is not followed', async () => {
    const elsewhere = await httpServer((_, response) => response.end(JSON.stringify(ALLOW)));
    const guard = await bench(
      (response) => response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/guard/v1/pulls` }).end(),
      20_000,
    );
    expect(await pulling(guard, {})).toEqual({ status: 1, told: containing('the server answered 307') });
    expect(elsewhere.requests).toEqual([]);
  });

  test('that takes connections and says nothing leaves time for the next, which answers', async () => {
    const guard = await bench(ALLOW);
    const { port, connections } = await relay(guard, () => undefined);
    const server = new URL(`https://localhost:${port}`);
    expect(await pulling(guard, { server, timeoutMs: 25_000 })).toEqual({ status: 0, told: '' });
    expect(connections()).toBeGreaterThan(1);
  });

  test('is connected to while Helm downloads, and asked over that connection', async () => {
    // However slow this machine is, the connection is not given up for having waited too long.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const guard = await bench(ALLOW);
    const { port, connections } = await relay(guard);
    const server = new URL(`https://localhost:${port}`);
    const helm = async (): Promise<number> => {
      await expect.poll(connections, PATIENT).toBe(1);
      expect(guard.asked).toEqual([]);
      return guard.download()();
    };
    expect(await pulling(guard, { server, timeoutMs: 60_000 }, helm)).toEqual({ status: 0, told: '' });
    expect([connections(), guard.asked.length]).toEqual([1, 1]);
  });

  test('that has ended that connection is asked over another', async () => {
    const guard = await bench(ALLOW);
    const { port, connections } = await relay(guard, (socket) => socket.destroy());
    const server = new URL(`https://localhost:${port}`);
    const helm = async (): Promise<number> => {
      await expect.poll(connections, PATIENT).toBe(1);
      return guard.download()();
    };
    expect(await pulling(guard, { server, timeoutMs: 60_000 }, helm)).toEqual({ status: 0, told: '' });
    expect(connections()).toBeGreaterThan(1);
    expect(guard.asked.length).toBe(1);
  });

  test.each([
    ['is believed by the authority that was put in its place', 'other-authority.pem', 'localhost.pem', 0, 1],
    ['is no longer believed by one that was taken away', 'localhost.pem', 'other-authority.pem', 1, 0],
  ] as const)('that was connected to while Helm downloads %s', async (_, first, then, status, questions) => {
    const guard = await bench(ALLOW);
    const { port, connections } = await relay(guard);
    const caFile = join(guard.folder, 'ca.crt');
    await copyFile(join(CERTIFICATES, first), caFile);
    const helm = async (): Promise<number> => {
      await expect.poll(connections, PATIENT).toBe(1);
      await copyFile(join(CERTIFICATES, then), caFile);
      return guard.download()();
    };
    // Who is to answer has time for it; who is not need not be waited for.
    const timeoutMs = status === 0 ? 60_000 : 500;
    const server = new URL(`https://localhost:${port}`);
    expect(await pulling(guard, { server, caFile, timeoutMs }, helm)).toMatchObject({ status });
    expect(guard.asked.length).toBe(questions);
  });

  test('that does not answer in time is said to be slow, and not to be away', async () => {
    const guard = await bench(() => undefined);
    expect(await pulling(guard, {})).toEqual({ status: 1, told: containing('does not answer in time') });
  });
});

// Each starts a Node, which reads all of the guard: on a busy machine that takes long.
describe('a call as the repo-server makes it', { timeout: 180_000 }, () => {
  const run = async (
    guard: Bench,
    helm: string,
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
    during: (child: ChildProcess) => Promise<void> = () => Promise.resolve(),
  ): Promise<{ status: number | null; signal: string | null; told: string }> => {
    const file = join(guard.folder, 'real-helm');
    await writeFile(file, `#!/bin/sh\n${helm}\n`, { mode: 0o755 });
    const { settings } = guard;
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: guard.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        SOURCE_INTEGRITY_GUARD_SERVER: settings.server.href,
        SOURCE_INTEGRITY_GUARD_HELM: file,
        SOURCE_INTEGRITY_GUARD_TOKEN_FILE: settings.tokenFile,
        SOURCE_INTEGRITY_GUARD_CA_FILE: settings.caFile,
        SOURCE_INTEGRITY_GUARD_STATE_DIR: settings.stateFolder,
        SOURCE_INTEGRITY_GUARD_TIMEOUT_SECONDS: '60',
        ...more,
      },
    });
    let told = '';
    child.stderr.on('data', (part: Buffer) => (told += part.toString()));
    await Promise.all([once(child, 'close'), during(child)]);
    return { status: child.exitCode, signal: child.signalCode, told };
  };

  test('asks the server itself, whatever proxy the repository has', async () => {
    const guard = await bench(ALLOW);
    const proxy = await httpServer((_, response) => response.end());
    const address = `http://127.0.0.1:${proxy.port}`;
    const proxies = { HTTPS_PROXY: address, https_proxy: address, HTTP_PROXY: address, ALL_PROXY: address };
    const helm = 'echo archive > out/demo-1.2.3.tgz';
    expect(await run(guard, helm, pullInto(guard.folder), proxies)).toMatchObject({ status: 0, told: '' });
    expect([guard.asked.length, proxy.requests]).toEqual([1, []]);
  });

  test('believes no server by its environment', async () => {
    const guard = await bench(ALLOW);
    const lax = {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_EXTRA_CA_CERTS: guard.settings.caFile,
      SSL_CERT_FILE: guard.settings.caFile,
      SOURCE_INTEGRITY_GUARD_CA_FILE: join(CERTIFICATES, 'other-authority.pem'),
      SOURCE_INTEGRITY_GUARD_TIMEOUT_SECONDS: '1',
    };
    const { status } = await run(guard, 'echo archive > out/demo-1.2.3.tgz', pullInto(guard.folder), lax);
    expect([status, guard.asked]).toEqual([1, []]);
  });

  test('ends with a sentence where it cannot look at what was downloaded', async () => {
    const guard = await bench(ALLOW);
    const helm = 'rmdir out; echo no folder > out';
    const { status, told } = await run(guard, helm, pullInto(guard.folder));
    expect([status, told]).toEqual([1, containing('source-integrity: The chart was not checked: ENOTDIR')]);
    expect(told).not.toMatch(/^ +at /m);
  });

  test('ends as Helm does that a signal ended, and never well: Node does not end by every one', async () => {
    const guard = await bench(ALLOW);
    const ended = (signal: string): Promise<unknown> => run(guard, `kill -${signal} $$`, pullInto(guard.folder));
    expect(await ended('TERM')).toMatchObject({ status: null, signal: 'SIGTERM' });
    expect(await ended('PIPE')).toMatchObject({ status: 1, signal: null });
    expect(guard.asked).toEqual([]);
  });

  test('is ended by a signal while it asks, and hands one to Helm while that runs', async () => {
    const asking = await bench(() => undefined);
    const ended = run(asking, 'echo archive > out/demo-1.2.3.tgz', pullInto(asking.folder), {}, async (child) => {
      await expect.poll(() => asking.asked.length, PATIENT).toBe(1);
      child.kill('SIGTERM');
    });
    expect(await ended).toEqual({ status: null, signal: 'SIGTERM', told: '' });

    const helping = await bench(ALLOW);
    const helm = "trap 'exit 7' TERM; touch started; while :; do sleep 0.05; done";
    const told = run(helping, helm, pullInto(helping.folder), {}, async (child) => {
      await expect.poll(() => readdir(helping.folder), PATIENT).toContain('started');
      child.kill('SIGTERM');
    });
    expect(await told).toEqual({ status: 7, signal: null, told: '' });
    expect(helping.asked).toEqual([]);
  });
});

function mkfifo(path: string): void {
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
}
