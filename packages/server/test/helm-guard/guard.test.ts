import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Receipts } from '../../src/guard/receipt.ts';
import { guardedHelm } from '../../src/helm-guard/guard.ts';
import { ALLOW, type Bench, bench, CERTIFICATES, entries, keeping, pullInto, REFUSE, sha256 } from './bench.ts';

const SHIM = join(import.meta.dirname, '../../bin/helm');

describe('a pull', () => {
  test('asks with the digest of what was downloaded and the token of the repo-server, and never with credentials', async () => {
    const { run, folder, asked, download, told } = await bench(ALLOW);
    expect(await run(pullInto(folder), download())).toBe(0);
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer the-token']);
    expect(asked[0]?.body.call).toEqual({
      kind: 'pull',
      repository: 'https://charts.example.com',
      registry: false,
      chart: 'demo',
      version: '1.2.3',
      passCredentials: false,
      digest: sha256('archive'),
    });
    expect(JSON.stringify(asked)).not.toContain('secret');
    expect(await readdir(join(folder, 'out'))).toEqual(['demo-1.2.3.tgz']);
    expect(told).toEqual([]);
  });

  test('that is refused ends with 1 and whole sentences, and leaves nothing behind', async () => {
    const { run, folder, download, told } = await bench(REFUSE);
    expect(await run(pullInto(folder), download())).toBe(1);
    expect(told).toEqual(REFUSE.sentences);
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });

  test('that is warned of passes, and says so', async () => {
    const { run, folder, download, told } = await bench({ ...REFUSE, action: 'warn' });
    expect(await run(pullInto(folder), download())).toBe(0);
    expect(told).toEqual(REFUSE.sentences);
  });

  test("keeps Helm's own status, and asks nobody about a download that failed", async () => {
    const { run, folder, asked, download } = await bench(ALLOW);
    const failing = async (): Promise<number> => {
      await download()();
      return 3;
    };
    expect(await run(pullInto(folder), failing)).toBe(3);
    expect([asked, await readdir(join(folder, 'out'))]).toEqual([[], []]);
  });

  test.each([
    ['two archives', ['demo-1.2.3.tgz', 'demo-1.2.4.tgz']],
    ['none', []],
  ])('that leaves %s is not taken for one chart', async (_, files) => {
    const { run, folder, asked, download } = await bench(REFUSE);
    const helm = async (): Promise<number> => {
      for (const file of files) await download(file)();
      return 0;
    };
    expect(await run(pullInto(folder), helm)).toBe(1);
    expect(asked[0]?.body.call.kind).toBe('unguarded');
    expect(await readdir(join(folder, 'out'))).toEqual([]);
  });

  test('with a link in the place of an archive is not taken for one chart: what a link names can change', async () => {
    const { run, folder, asked } = await bench(REFUSE);
    await writeFile(join(folder, 'elsewhere'), 'archive');
    const helm = async (): Promise<number> => {
      await symlink(join(folder, 'elsewhere'), join(folder, 'out', 'demo-1.2.3.tgz'));
      return 0;
    };
    expect(await run(pullInto(folder), helm)).toBe(1);
    expect(asked[0]?.body.call.kind).toBe('unguarded');
    expect([await readdir(join(folder, 'out')), await readFile(join(folder, 'elsewhere'), 'utf8')]).toEqual([
      [],
      'archive',
    ]);
  });

  test('into a folder with other files looks at the new one alone', async () => {
    const { run, folder, asked, download } = await bench(REFUSE);
    await download('mine.tgz', 'mine')();
    expect(await run(pullInto(folder), download())).toBe(1);
    expect(asked[0]?.body.call).toMatchObject({ digest: sha256('archive') });
    expect(await readdir(join(folder, 'out'))).toEqual(['mine.tgz']);
  });

  test('of what was there before under the same name is seen by its bytes', async () => {
    const { run, folder, asked, download } = await bench(ALLOW);
    await download('demo-1.2.3.tgz', 'planted')();
    expect(await run(pullInto(folder), download())).toBe(0);
    expect(asked[0]?.body.call).toMatchObject({ digest: sha256('archive') });
  });
});

describe('dependencies', () => {
  test('are asked for by the lock file, those that Helm has brought alone', async () => {
    const { run, folder, asked } = await bench(REFUSE);
    const charts = join(folder, 'charts');
    await mkdir(charts);
    await writeFile(join(charts, 'vendored-1.0.0.tgz'), 'vendored');
    const helm = async (): Promise<number> => {
      await writeFile(join(folder, 'Chart.lock'), 'dependencies: [] # https://u:secret@charts.example.com');
      await writeFile(join(charts, 'sub-2.0.0.tgz'), 'sub');
      return 0;
    };
    expect(await run(['dependency', 'build', folder], helm)).toBe(1);
    expect(asked[0]?.body.call).toEqual({
      kind: 'dependencies',
      lock: 'dependencies: [] # https://redacted@charts.example.com',
      archives: [{ file: 'sub-2.0.0.tgz', digest: sha256('sub') }],
      unchanged: ['vendored-1.0.0.tgz'],
    });
    expect(await readdir(charts)).toEqual(['vendored-1.0.0.tgz']);
  });

  test('are not rendered by another call before they are checked', async () => {
    const { run, folder } = await bench(ALLOW);
    const rendered = (): number | null =>
      spawnSync('sh', [SHIM, 'template', '.', '--name-template', 'demo'], {
        cwd: folder,
        env: { ...process.env, SOURCE_INTEGRITY_GUARD_HELM: '/bin/true' },
      }).status;
    const helm = async (): Promise<number> => {
      await mkdir(join(folder, 'charts'));
      await writeFile(join(folder, 'charts', 'sub-2.0.0.tgz'), 'sub');
      expect(rendered()).toBe(1);
      return 0;
    };
    expect(await run(['dependency', 'build', folder], helm)).toBe(0);
    expect(rendered()).toBe(0);
  });

  test('are not brought while another call renders the chart, which would find them there', async () => {
    const { run, folder } = await bench(ALLOW);
    const events: string[] = [];
    const slowHelm = join(folder, 'slow-helm');
    await writeFile(slowHelm, '#!/bin/sh\ntouch started\nwhile [ ! -e go ]; do sleep 0.05; done\n', { mode: 0o755 });
    const rendering = spawn('sh', [SHIM, 'template', '.', '--name-template', 'demo'], {
      cwd: folder,
      env: { ...process.env, SOURCE_INTEGRITY_GUARD_HELM: slowHelm },
      stdio: 'ignore',
    });
    const rendered = new Promise<number | null>((resolve) => {
      rendering.on('exit', (status) => {
        events.push('rendered');
        resolve(status);
      });
    });
    await expect.poll(() => readdir(folder)).toContain('started');
    const built = run(['dependency', 'build', folder], () => {
      events.push('built');
      return Promise.resolve(0);
    });
    await expect.poll(() => readdir(folder)).toContain('.source-integrity-unchecked');
    await writeFile(join(folder, 'go'), '');
    expect([await rendered, await built]).toEqual([0, 0]);
    expect(events).toEqual(['rendered', 'built']);
  });

  test('are not brought where nobody can be waited for', async () => {
    const { run, folder } = await bench(ALLOW);
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    onTestFinished(() => {
      process.env['PATH'] = path;
    });
    await expect(run(['dependency', 'build', folder])).rejects.toThrow('flock');
    const rendered = spawnSync('/bin/sh', [SHIM, 'template', '.', '--name-template', 'demo'], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: folder, SOURCE_INTEGRITY_GUARD_HELM: '/bin/true' },
    });
    expect([rendered.status, rendered.stderr]).toEqual([1, expect.stringContaining('cannot be locked')]);
  });

  test('are asked for by the lock file that Helm follows, where there are two, and by none that is too long', async () => {
    const { run, folder, asked } = await bench(REFUSE);
    await mkdir(join(folder, 'charts'));
    const bringing = (name: string) => async (): Promise<number> => {
      await writeFile(join(folder, 'charts', name), name);
      return 0;
    };
    await writeFile(join(folder, 'Chart.lock'), 'dependencies: [] # the one of today');
    await run(['dependency', 'build', folder], bringing('a-1.0.0.tgz'));
    await writeFile(join(folder, 'requirements.lock'), 'dependencies: [] # the old one');
    await run(['dependency', 'build', folder], bringing('b-1.0.0.tgz'));
    await writeFile(join(folder, 'requirements.lock'), '#'.repeat(300 * 1024));
    await run(['dependency', 'build', folder], bringing('c-1.0.0.tgz'));
    expect(asked.map(({ body }) => (body.call.kind === 'dependencies' ? body.call.lock : ''))).toEqual([
      'dependencies: [] # the one of today',
      'dependencies: [] # the old one',
      null,
    ]);
  });

  test('are looked at in a folder that charts/ leads to', async () => {
    const { run, folder, asked } = await bench(REFUSE);
    await mkdir(join(folder, 'elsewhere'));
    await symlink('elsewhere', join(folder, 'charts'));
    const helm = async (): Promise<number> => {
      await writeFile(join(folder, 'charts', 'sub-2.0.0.tgz'), 'sub');
      return 0;
    };
    expect(await run(['dependency', 'build', folder], helm)).toBe(1);
    expect(asked[0]?.body.call).toMatchObject({ archives: [{ file: 'sub-2.0.0.tgz', digest: sha256('sub') }] });
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  });

  test('stay unrendered where the call broke off in between', async () => {
    const { run, folder } = await bench(ALLOW);
    const helm = async (): Promise<number> => {
      await writeFile(join(folder, 'charts'), 'no folder');
      return 0;
    };
    await expect(run(['dependency', 'build', folder], helm)).rejects.toThrow('ENOTDIR');
    expect(await readdir(folder)).toContain('.source-integrity-unchecked');
  });

  test.each([
    ['refuses', REFUSE, 1, false],
    ['allows', ALLOW, 0, true],
  ])('of which nobody could tell what is new are what the policy %s', async (_, answer, status, isRun) => {
    const { run, folder, asked } = await bench(answer);
    await writeFile(join(folder, 'charts'), 'no folder');
    let ran = false;
    const helm = (): Promise<number> => {
      ran = true;
      return Promise.resolve(0);
    };
    expect([await run(['dependency', 'build', folder], helm), ran]).toEqual([status, isRun]);
    expect(asked[0]?.body.call).toEqual({
      kind: 'unguarded',
      why: 'what lies where it downloads to cannot be told (ENOTDIR)',
    });
  });

  test('that a call has left behind that was killed are asked for by the next one', async () => {
    const { run, folder, asked } = await bench(REFUSE);
    const charts = join(folder, 'charts');
    await mkdir(charts);
    const killed = async (): Promise<number> => {
      await writeFile(join(charts, 'sub-2.0.0.tgz'), 'sub');
      return new Promise(() => undefined);
    };
    void run(['dependency', 'build', folder], killed);
    await expect.poll(() => readdir(charts)).toEqual(['sub-2.0.0.tgz']);
    await mkdir(join(folder, 'tmpcharts-17'));
    // Helm downloads the same bytes once more.
    expect(await run(['dependency', 'build', folder])).toBe(1);
    expect(asked[0]?.body.call).toMatchObject({ archives: [{ file: 'sub-2.0.0.tgz' }] });
    expect(await readdir(charts)).toEqual([]);
    // Where a Helm that was not killed with its guard would bring more.
    expect(await readdir(folder)).not.toContain('tmpcharts-17');
  });

  test('that are vendored stay where they are, also after a call that was killed and one that failed', async () => {
    const { run, folder, asked } = await bench(REFUSE);
    const charts = join(folder, 'charts');
    await mkdir(join(charts, 'unpacked'), { recursive: true });
    await writeFile(join(charts, 'vendored-1.0.0.tgz'), 'vendored');
    const bringing = async (): Promise<void> => {
      await writeFile(join(charts, 'sub-2.0.0.tgz'), 'sub');
    };
    const killed = async (): Promise<number> => {
      await bringing();
      return new Promise(() => undefined);
    };
    void run(['dependency', 'build', folder], killed);
    await expect.poll(() => readdir(charts)).toContain('sub-2.0.0.tgz');
    const mark = await readFile(join(folder, '.source-integrity-unchecked'), 'utf8');
    expect(await run(['dependency', 'build', folder], () => Promise.resolve(3))).toBe(3);
    expect((await readdir(charts)).toSorted()).toEqual(['unpacked', 'vendored-1.0.0.tgz']);
    await writeFile(join(folder, '.source-integrity-unchecked'), mark);
    const helm = async (): Promise<number> => bringing().then(() => 0);
    expect(await run(['dependency', 'build', folder], helm)).toBe(1);
    expect(asked[0]?.body.call).toMatchObject({
      archives: [{ file: 'sub-2.0.0.tgz' }],
      unchanged: ['unpacked', 'vendored-1.0.0.tgz'],
    });
    expect((await readdir(charts)).toSorted()).toEqual(['unpacked', 'vendored-1.0.0.tgz']);
  });

  test.each(['', 'null', '{"sub-2.0.0.tgz":1}', '["sub-2.0.0.tgz"]', '{"sub-2.0.0.tgz":"sha'])(
    'are all asked for after a call that was killed of which only %j is known',
    async (mark) => {
      const { run, folder, asked } = await bench(REFUSE);
      await mkdir(join(folder, 'charts'));
      await writeFile(join(folder, 'charts', 'sub-2.0.0.tgz'), 'sub');
      await writeFile(join(folder, '.source-integrity-unchecked'), mark);
      expect(await run(['dependency', 'build', folder])).toBe(1);
      expect(asked[0]?.body.call).toMatchObject({ archives: [{ file: 'sub-2.0.0.tgz' }], unchanged: [] });
    },
  );

  test('under a name that is no text leave nothing behind when they are refused', async () => {
    const { run, folder } = await bench(REFUSE);
    const charts = join(folder, 'charts');
    const helm = async (): Promise<number> => {
      await mkdir(charts);
      await writeFile(Buffer.concat([Buffer.from(`${charts}/sub-`), Buffer.from([0xff]), Buffer.from('.tgz')]), 'sub');
      return 0;
    };
    expect(await run(['dependency', 'build', folder], helm)).toBe(1);
    expect(await readdir(charts)).toEqual([]);
  });

  test('that are all vendored ask nobody', async () => {
    const { run, folder, asked } = await bench(REFUSE);
    expect(await run(['dependency', 'build', folder])).toBe(0);
    expect(asked).toEqual([]);
  });
});

test('a call that fetches and renders in one step is asked about before it runs', async () => {
  const refused = await bench(REFUSE);
  let ran = false;
  const helm = (): Promise<number> => {
    ran = true;
    return Promise.resolve(0);
  };
  expect(await refused.run(['template', 'demo', 'https://charts.example.com/demo-1.2.3.tgz'], helm)).toBe(1);
  expect(ran).toBe(false);
  const allowed = await bench(ALLOW);
  expect(await allowed.run(['template', 'demo', 'https://charts.example.com/demo-1.2.3.tgz'], helm)).toBe(0);
  expect(ran).toBe(true);
});

test('a call that fetches nothing asks nobody', async () => {
  const { run, asked } = await bench(REFUSE);
  expect(await run(['version', '--short'], () => Promise.resolve(7))).toBe(7);
  expect(asked).toEqual([]);
});

describe('without an answer', () => {
  const fails = (response: ServerResponse): void => {
    response.writeHead(503).end();
  };
  test('a chart is refused while no policy was ever seen', async () => {
    const away = await bench(fails, 5000);
    expect(await away.run(pullInto(away.folder), away.download())).toBe(1);
    expect(away.told[0]).toMatch(/^The chart was not checked, because the server answered 503, .*retry\.$/);
    expect(await readdir(join(away.folder, 'out'))).toEqual([]);
  });

  test('a chart that the last policy concerns is refused, and one that it does not touch passes', async () => {
    const away = await bench(fails);
    await keeping(away, entries);
    expect(await away.run(pullInto(away.folder), away.download())).toBe(1);
    expect(away.told[0]).toContain('wants it verified');
    const elsewhere = pullInto(away.folder).map((word) => word.replace('charts.example.com', 'other.example.com'));
    expect(await away.run(elsewhere, away.download())).toBe(0);
  });

  test.each(['warn', 'off'])('nothing is refused where the last policy was %s', async (enforcement) => {
    const away = await bench(fails);
    await keeping(away, { ...entries, enforcement });
    expect(await away.run(pullInto(away.folder), away.download())).toBe(0);
  });

  test('bytes that the server vouched for pass where the policy allows that, and no others do', async () => {
    const [cert, key] = await Promise.all(
      ['localhost.pem', 'localhost.key'].map((name) => readFile(join(CERTIFICATES, name), 'utf8')),
    );
    const receipts = new Receipts();
    receipts.use({ cert: cert ?? '', key: key ?? '' });
    const policy = { digest: 'sha256:1', entries: { ...entries, guardUnavailable: 'allowVerified' } };
    let isAway = false;
    const server: Bench = await bench((response) => {
      const call = server.asked.at(-1)?.body.call;
      if (isAway || call?.kind !== 'pull') return void response.writeHead(503).end();
      const receipt = receipts.issue(call, policy.digest, new Date());
      response.end(JSON.stringify({ ...ALLOW, policy, receipt }));
    });
    const patient = { ...server.settings, timeoutMs: 20_000 };
    const ports = { runHelm: server.download(), tell: () => undefined };
    expect(await guardedHelm(pullInto(server.folder), patient, ports)).toBe(0);
    isAway = true;
    expect(await server.run(pullInto(server.folder), server.download('demo-1.2.3.tgz', 'other bytes'))).toBe(1);
    await writeFile(join(server.folder, 'out', 'demo-1.2.3.tgz'), 'gone');
    expect(await server.run(pullInto(server.folder), server.download())).toBe(0);
    await keeping(server, { ...entries, guardUnavailable: 'refuse' });
    await writeFile(join(server.folder, 'out', 'demo-1.2.3.tgz'), 'gone');
    expect(await server.run(pullInto(server.folder), server.download())).toBe(1);
  });

  test('a policy that was kept and is no longer readable is none', async () => {
    const away = await bench(fails);
    await keeping(away, entries);
    await writeFile(join(away.settings.stateFolder, 'policy.json'), '{"digest":');
    expect(await away.run(pullInto(away.folder), away.download())).toBe(1);
  });

  test('the server is asked again while there is time, and its late answer counts', async () => {
    let times = 0;
    const late = await bench((response) => {
      times += 1;
      if (times < 3) response.writeHead(503).end();
      else response.end(JSON.stringify(ALLOW));
    });
    const settings = { ...late.settings, timeoutMs: 20_000 };
    const ports = { runHelm: late.download(), tell: () => undefined };
    expect(await guardedHelm(pullInto(late.folder), settings, ports)).toBe(0);
    expect(times).toBe(3);
  });

  test('a server that never ends its answer, or answers without end, is no answer', async () => {
    const silent = await bench(() => undefined);
    expect(await silent.run(pullInto(silent.folder), silent.download())).toBe(1);
    const endless = await bench((response) => {
      const more = setInterval(() => response.write('x'.repeat(1024 * 1024)), 1);
      response.on('close', () => {
        clearInterval(more);
      });
    });
    expect(await endless.run(pullInto(endless.folder), endless.download())).toBe(1);
  });

  test('an answer in another form, and one by another authority, count for nothing', async () => {
    const odd = await bench((response) => response.end('{"action":"allow"}'));
    expect(await odd.run(pullInto(odd.folder), odd.download())).toBe(1);
    const impostor = await bench(ALLOW);
    const settings = { ...impostor.settings, caFile: join(CERTIFICATES, 'other-authority.pem'), timeoutMs: 500 };
    const ports = { runHelm: impostor.download(), tell: () => undefined };
    expect(await guardedHelm(pullInto(impostor.folder), settings, ports)).toBe(1);
    expect(impostor.asked).toEqual([]);
  });

  test('a guard that is not let in says so and does not ask again', async () => {
    const strict = await bench((response) => response.writeHead(403).end(), 20_000);
    expect(await strict.run(pullInto(strict.folder), strict.download())).toBe(1);
    expect(strict.asked.length).toBe(1);
    expect(strict.told[0]).toContain('not let in');
  });
});

test('what the server tells of the policy is kept, and the next question says which one it is', async () => {
  const policy = { digest: 'sha256:2', entries: { 'all-projects': 'unmatched: allow' } };
  const { run, folder, asked, download } = await bench({ ...ALLOW, policy });
  await run(pullInto(folder), download());
  await run(pullInto(folder), download('demo-1.2.3.tgz', 'again'));
  expect(asked.map(({ body }) => body.policy)).toEqual([null, 'sha256:2']);
});

test('a volume that is full or missing refuses nothing that the server allows', async () => {
  const policy = { digest: 'sha256:2', entries: {} };
  const { settings, folder, download } = await bench({ ...ALLOW, policy });
  await writeFile(join(folder, 'file'), '');
  const nowhere = { ...settings, stateFolder: join(folder, 'file', 'state') };
  expect(await guardedHelm(pullInto(folder), nowhere, { runHelm: download(), tell: () => undefined })).toBe(0);
});
