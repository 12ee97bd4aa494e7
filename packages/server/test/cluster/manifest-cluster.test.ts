import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openManifestCluster } from '../../src/cluster/manifests/manifest-cluster.ts';
import { application, configMap, folderOf, policy, project, secret, viewOf } from './objects.ts';

const broken = 'a: [b';
const cluster = (files: Readonly<Record<string, string | Uint8Array>>) => {
  const folder = folderOf(files);
  return { folder, view: openManifestCluster({ folder }).view };
};

const elsewhere = (text: string) => text.replace('namespace: argocd', 'namespace: team-a');

const enforcement = async (view: ReturnType<typeof cluster>['view']) => {
  const found = (await view()).policy();
  return found.status === 'found' ? found.value.get('enforcement') : found.status;
};
const set = (to: string) => configMap('argocd-source-integrity-cm', `{enforcement: ${to}}`);

describe('looking an object up', () => {
  it('finds Applications, projects and ConfigMaps', async () => {
    const view = await viewOf(application, project, policy, configMap('argocd-gpg-keys-cm', '{AB: key}'));
    expect(view.application('argocd', 'payments')).toMatchObject({ status: 'found', value: { project: 'team' } });
    expect(view.applications()).toHaveLength(1);
    expect(view.project('team')).toMatchObject({ status: 'found', value: { name: 'team' } });
    expect(view.policy()).toEqual({ status: 'found', value: new Map([['enforcement', 'enforce']]) });
    expect(view.keyring()).toEqual({ status: 'found', value: new Map([['AB', 'key']]) });
  });

  it('says missing only of what is not there', async () => {
    const view = await viewOf(application);
    expect(view.policy().status).toBe('missing');
    expect(view.keyring().status).toBe('missing');
    expect(view.project('team').status).toBe('missing');
    expect(view.application('other', 'payments').status).toBe('missing');
  });

  it('gives an Application a UID that stays, unless it has one', async () => {
    const own = application.replace('name: payments', 'name: other, uid: mine');
    const [first, second] = [await viewOf(application, own), await viewOf(application)];
    const uids = first.applications().map(({ uid }) => uid);
    expect(uids).toEqual(['mine', expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)]);
    expect(second.applications()[0]?.uid).toBe(uids[1]);
  });

  it('looks for projects and ConfigMaps in the namespace of Argo CD alone', async () => {
    const view = await viewOf(elsewhere(policy), elsewhere(project), elsewhere(application));
    expect([view.policy().status, view.project('team').status]).toEqual(['missing', 'missing']);
    expect(view.application('team-a', 'payments').status).toBe('found');
  });

  it('does not see a ConfigMap without the label that Argo CD looks for, and says so', async () => {
    const unlabelled: unknown = expect.stringContaining('part-of: argocd');
    const bare = configMap('argocd-source-integrity-cm', '{}', 'labels: {app.kubernetes.io/part-of: other}');
    expect((await viewOf(bare)).policy()).toMatchObject({
      status: 'unreadable',
      reason: unlabelled,
      problem: { code: 'cluster-unreadable' },
    });
  });
});

describe('an object that cannot be read', () => {
  it.each<[string, Readonly<Record<string, string | Uint8Array>>]>([
    ['itself is at fault', { 'p.yaml': policy.replace('enforce}', 'enforce, "a/b": c}') }],
    ['has no namespace', { 'p.yaml': policy.replace(', namespace: argocd', '') }],
    ['breaks off', { 'p.yaml': `${policy}\n  x: [` }],
    ['may be in a file that is no YAML', { 'p.yaml': broken }],
    ['may be in a file that is no text', { 'p.yaml': new Uint8Array([0xff, 0xfe, 0x00]) }],
    ['may be in a file that is too large', { 'p.yaml': `#${'x'.repeat(4 * 1024 * 1024)}` }],
    ['stands twice', { 'p.yaml': policy, 'q.yaml': policy }],
    [
      'stands twice, once at fault',
      { 'p.yaml': policy, 'q.yaml': policy.replace('{enforcement', '{"a/b": c, enforcement') },
    ],
    ['runs into another one', { 'p.yaml': `${configMap('other', '{}')}\n${policy}` }],
  ])('is unreadable, never missing: the policy %s', async (_, files) => {
    const view = await cluster(files).view();
    expect(view.policy()).toMatchObject({ status: 'unreadable', problem: { code: 'cluster-unreadable' } });
    expect(view.faults.length).toBeGreaterThan(0);
  });

  it('leaves what can be read as it is', async () => {
    const view = await cluster({ 'a.yaml': broken, 'p.yaml': policy, 'x.yaml': application }).view();
    expect([view.policy().status, view.application('argocd', 'payments').status]).toEqual(['found', 'found']);
    expect(view.keyring().status).toBe('unreadable');
  });

  it('that is known to be another one keeps nothing from being missing', async () => {
    const view = await viewOf(configMap('other', '{"a/b": c}'));
    expect(view.policy().status).toBe('missing');
  });

  it('is everything in a folder that is not there', async () => {
    const view = await openManifestCluster({ folder: '/nowhere/at/all' }).view();
    expect([view.policy().status, view.project('team').status]).toEqual(['unreadable', 'unreadable']);
    expect(view.faults).toMatchObject([{ reason: 'the folder cannot be read (ENOENT)' }]);
  });
});

describe('the project that Argo CD judges by', () => {
  it('has the repositories of its own Secrets and of its global projects', async () => {
    const globals = configMap(
      'argocd-cm',
      '{globalProjects: "[{projectName: common, labelSelector: {matchLabels: {tier: prod}}}]"}',
    );
    const common = project.replace('name: team', 'name: common').replace('charts.example.com', 'common.example.com');
    const scoped = secret('scoped', 'repository', { url: 'https://scoped.example.com', project: 'team' });
    const foreign = secret('foreign', 'repository', { url: 'https://foreign.example.com', project: 'other' });
    const view = await viewOf(project, common, globals, scoped, foreign);
    expect(view.project('team')).toMatchObject({
      value: {
        sourceRepos: ['https://charts.example.com', 'https://scoped.example.com', 'https://common.example.com'],
      },
    });
  });
});

describe('the folder', () => {
  it('is read anew when a file changes, appears, moves or goes', async () => {
    const { folder, view } = cluster({ 'p.yaml': set('warn') });
    expect(await enforcement(view)).toBe('warn');
    writeFileSync(join(folder, 'p.yaml'), set('enforce'));
    expect(await enforcement(view)).toBe('enforce');
    mkdirSync(join(folder, 'deep'));
    renameSync(join(folder, 'p.yaml'), join(folder, 'deep', 'q.yml'));
    expect(await enforcement(view)).toBe('enforce');
    rmSync(join(folder, 'deep', 'q.yml'));
    expect(await enforcement(view)).toBe('missing');
  });

  it('is read anew when a change keeps size and time of the file', async () => {
    const { folder, view } = cluster({});
    const file = join(folder, 'p.yaml');
    for (const mode of ['aaaa', 'bbbb', 'cccc']) {
      writeFileSync(file, set(mode));
      utimesSync(file, 1_000_000_000, 1_000_000_000);
      expect(await enforcement(view)).toBe(mode);
    }
  });

  it('answers with the same view while nothing changes', async () => {
    const { view } = cluster({ 'p.yaml': set('warn') });
    expect(await view()).toBe(await view());
  });

  it('never changes a view that was given out', async () => {
    const { folder, view } = cluster({ 'p.yaml': set('warn') });
    const before = await view();
    writeFileSync(join(folder, 'p.yaml'), set('enforce'));
    await view();
    expect(before.policy()).toMatchObject({ value: new Map([['enforcement', 'warn']]) });
  });

  it('waits for a file that is being written, and never answers with a part of it', async () => {
    const { folder, view } = cluster({ 'p.yaml': set('warn') });
    await view();
    const file = join(folder, 'p.yaml');
    const [head, tail] = [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-source-integrity-cm, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}\ndata:\n  enforcement: enforce\n',
      '  all-projects: |\n    unmatched: deny\n',
    ];
    truncateSync(file, 0);
    const answer = view();
    appendFileSync(file, head);
    await pause(15);
    appendFileSync(file, tail);
    expect((await answer).policy()).toMatchObject({
      value: new Map([
        ['enforcement', 'enforce'],
        ['all-projects', 'unmatched: deny\n'],
      ]),
    });
  });

  it('says of a file that never lies still that it is still being written', async () => {
    const { folder, view } = cluster({});
    const file = join(folder, 'p.yaml');
    writeFileSync(file, set('warn'));
    const writer = setInterval(() => appendFileSync(file, '\n#'), 5);
    const found = await view();
    clearInterval(writer);
    expect(found.policy().status).toBe('unreadable');
    expect(found.faults).toMatchObject([{ reason: 'it is still being written' }]);
    expect(await enforcement(view)).toBe('warn');
  });

  it('follows links within it and reports those that lead out', async () => {
    const outside = folderOf({ 'p.yaml': set('warn') });
    const { folder, view } = cluster({});
    mkdirSync(join(folder, '..data'));
    writeFileSync(join(folder, '..data', 'p.yaml'), set('enforce'));
    symlinkSync('..data/p.yaml', join(folder, 'p.yaml'));
    expect(await enforcement(view)).toBe('enforce');
    rmSync(join(folder, 'p.yaml'));
    symlinkSync(join(outside, 'p.yaml'), join(folder, 'p.yaml'));
    symlinkSync(outside, join(folder, 'linked'));
    expect(await enforcement(view)).toBe('unreadable');
    expect((await view()).faults).toMatchObject([
      { place: 'p.yaml:1', reason: 'the link leads nowhere within the folder' },
    ]);
  });

  it('leaves other files and hidden ones alone', async () => {
    const { view } = cluster({ 'README.md': broken, '.p.yaml': broken, 'p.yaml~': broken, 'p.yaml': set('warn') });
    expect((await view()).faults).toEqual([]);
  });
});
