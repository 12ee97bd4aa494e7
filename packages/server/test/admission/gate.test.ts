import { describe, expect, it } from 'vitest';
import { chartSource, requiring, startWorld, type World } from '../server/fixture.ts';
import { application, project } from '../server/manifests.ts';
import { gate, refusalOf, reviewOf, syncOf } from '../server/review.ts';

/** What the toast shows, with what differs from run to run named instead. */
async function toast(
  world: World,
  ...of: Parameters<typeof refusalOf> extends [unknown, ...infer Rest] ? Rest : never
): Promise<string> {
  const message = await refusalOf(world, ...of);
  if (message === null) return 'ALLOWED';
  return message
    .replaceAll(world.repository.url, 'REPOSITORY')
    .replaceAll(world.release.fingerprint, 'RELEASE')
    .replaceAll(world.release.keyId, 'RELEASE-ID')
    .replaceAll(world.colleague.fingerprint, 'COLLEAGUE')
    .replaceAll(world.colleague.fingerprint.replace(/^(.{4}).*(.{4})$/, '$1…$2'), 'COLLEAGUE')
    .replaceAll(world.stranger.keyId, 'STRANGER')
    .replaceAll(/[0-9a-f]{64}/g, 'DIGEST');
}

describe('the gate, asked about one chart', () => {
  it('allows a chart that the policy accepts, without a word', async () => {
    const world = await startWorld();
    expect(await gate(world, reviewOf(syncOf(world.payments())))).toEqual({
      uid: 'b8f0b0c2-7f2e-4c1e-9a52-2d7c3c0f4a11',
      allowed: true,
    });
  });

  it('denies with 403 and Forbidden, whatever the reason', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.stranger });
    const answer = await gate(world, reviewOf(syncOf(world.payments())));
    expect(answer).toMatchObject({ allowed: false, status: { code: 403, reason: 'Forbidden' } });
    expect(answer).not.toHaveProperty('warnings');
  });

  it('says who signed in place of whom', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.colleague });
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 is signed by "Colleague <colleague@shop.example>" (COLLEAGUE), a key that the policy does not list. If charts of this repository may be signed by this key, add COLLEAGUE to the keys of the policy. If not, treat the chart as not theirs."`,
    );
  });

  it('says that the key is not in the ring', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.stranger });
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 is signed by a key that is not in the key ring (STRANGER). If the maintainers really use this key, add its public key to argocd-gpg-keys-cm and its fingerprint to the policy. If not, treat the chart as not theirs."`,
    );
  });

  it('says where it looked for a signature', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 has no provenance file (looked at REPOSITORY/payments-1.4.2.tgz.prov). Sign the chart with helm package --sign and publish the .prov file beside the .tgz, or ask its maintainers to. To deploy it unsigned, an administrator can set mode: none for it."`,
    );
  });

  it('says that the bytes are others than the signed ones', async () => {
    const world = await startWorld();
    const prov = world.repository.files.get('/charts/payments-1.4.2.tgz.prov');
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null, values: 'evil: true\n' });
    if (prov !== undefined) world.repository.files.set('/charts/payments-1.4.2.tgz.prov', prov);
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 is not what was signed: the SHA-256 of payments-1.4.2.tgz is another than the signed one. Do not deploy it: the chart was changed or replaced after signing. Ask the maintainers whether they published it again, and for a chart with its own signature."`,
    );
  });

  it('says that the provenance file is that of another chart, without repeating itself', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'other', version: '9.9.9', signer: world.release });
    const prov = world.repository.files.get('/charts/other-9.9.9.tgz.prov');
    if (prov !== undefined) world.repository.files.set('/charts/payments-1.4.2.tgz.prov', prov);
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 comes with the provenance file of something else: it is about other-9.9.9.tgz, not about payments-1.4.2.tgz. Publish the provenance file that was made with this very chart. If the repository has mixed up versions, fetch both files again; if it persists, treat the chart as not signed. Chart payments 1.4.2 is not the chart that it claims to be: the name differs between the signed metadata and Chart.yaml. And 1 more; see the Source Integrity tab. In full: Chart payments 1.4.2 is not the chart that it claims to be: the name differs between the signed metadata and Chart.yaml (other and payments)."`,
    );
  });

  it('says that the repository failed', async () => {
    const world = await startWorld();
    world.repository.intercept = (_, response) => {
      response.writeHead(503).end();
      return true;
    };
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 could not be checked: REPOSITORY/index.yaml answered with HTTP status 503. Look into the repository server for the reason, then choose Re-verify."`,
    );
  });

  it('says that the key ring is missing', async () => {
    const world = await startWorld();
    world.cluster.remove('keys');
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 could not be verified, because there is no ConfigMap argocd-gpg-keys-cm. Create it with the label app.kubernetes.io/part-of: argocd and the public keys that sign your charts; \`argocd gpg add --from FILE\` does both."`,
    );
  });

  it('says which entry of the key ring is broken where it may be the key that signed, and minds no other', async () => {
    const world = await startWorld();
    const { release, colleague } = world;
    const broken = { armored: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnothing\n-----END PGP PUBLIC KEY BLOCK-----\n' };
    world.keys({ ...release, ...broken }, colleague);
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 can't be checked with the key ring entry RELEASE-ID: the armor is not base64. Export the public key again with gpg --armor --export, and replace the entry."`,
    );
    world.keys(release, { ...colleague, ...broken });
    expect(await toast(world, syncOf(world.payments()))).toBe('ALLOWED');
  });

  it('does not take a policy or a key ring without the label, which Argo CD would not see', async () => {
    const world = await startWorld();
    const unlabelled = (name: string, data: Record<string, string>): object => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'argocd' },
      data,
    });
    world.cluster.put('policy', unlabelled('argocd-source-integrity-cm', {}));
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 cannot be judged, because the ConfigMap argocd-source-integrity-cm cannot be read. Restore access to argocd-source-integrity-cm in Argo CD's namespace. In full: Chart payments 1.4.2 cannot be judged, because the ConfigMap argocd-source-integrity-cm cannot be read: ConfigMap argocd-source-integrity-cm lacks the label app.kubernetes.io/part-of: argocd, without which Argo CD does not see it."`,
    );
    world.policy({ 'project.shop': requiring(world.repository.url, world.release) });
    world.cluster.put('keys', unlabelled('argocd-gpg-keys-cm', { [world.release.keyId]: world.release.armored }));
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 could not be verified, because Argo CD's objects could not be read. Check the server's log and its access to Argo CD's namespace. In full: Chart payments 1.4.2 could not be verified, because Argo CD's objects could not be read: ConfigMap argocd-gpg-keys-cm lacks the label app.kubernetes.io/part-of: argocd, without which Argo CD does not see it."`,
    );
  });

  it('says that the policy is missing', async () => {
    const world = await startWorld();
    world.cluster.remove('policy');
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 cannot be judged, because the ConfigMap argocd-source-integrity-cm does not exist. Create argocd-source-integrity-cm in Argo CD's namespace with the label app.kubernetes.io/part-of: argocd; without any entry it asks for nothing."`,
    );
    expect(world.repository.requests).toEqual([]);
  });

  it('names the full version where the revision is a part of one', async () => {
    const world = await startWorld();
    const partial = world.payments({ spec: { source: chartSource(world.repository.url, { targetRevision: '1.4' }) } });
    expect(await toast(world, syncOf(partial))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 is not pinned: Helm takes "1.4" for a range, which now means 1.4.2. Write 1.4.2 into targetRevision."`,
    );
  });

  it('wants a full version in the place of a range', async () => {
    const world = await startWorld();
    const ranged = world.payments({ spec: { source: chartSource(world.repository.url, { targetRevision: '^1.2' }) } });
    expect(await toast(world, syncOf(ranged))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 was to be synced at "^1.2", where a full version is needed. Give a full version as the revision; a sync from Argo CD's page resolves a range to one by itself. In full: Chart payments 1.4.2 was to be synced at "^1.2", which is not a full version, so that what is deployed could still change after this check."`,
    );
    expect(await toast(world, syncOf(ranged, { revision: '1.4.2' }))).toBe('ALLOWED');
  });

  it('denies manifests from a machine under a policy, and leaves them to Argo CD without one', async () => {
    const world = await startWorld();
    const local = syncOf(world.payments(), { manifests: ['kind: ConfigMap'] });
    expect(await toast(world, local)).toMatchInlineSnapshot(
      `"Application payments was to be synced with manifests from somebody's machine, which nobody has signed. Sync without --local."`,
    );
    world.policy({});
    expect(await toast(world, local)).toBe('ALLOWED');
  });

  it('denies retry.refresh under a policy, and leaves it to Argo CD without one', async () => {
    const world = await startWorld();
    const { operation, ...rest } = syncOf(world.payments());
    const refreshing = { ...rest, operation: { ...operation, retry: { refresh: true } } };
    expect(await toast(world, refreshing)).toMatchInlineSnapshot(
      `"Application payments was to be synced with retry.refresh, with which a retry deploys a revision that nobody has checked. Sync without "Refresh on retry" (--retry-refresh), and take retry.refresh out of spec.syncPolicy."`,
    );
    world.policy({});
    expect(await toast(world, refreshing)).toBe('ALLOWED');
  });

  it('denies an operation without a source under a policy, and leaves it to Argo CD without one', async () => {
    const world = await startWorld();
    const empty = { ...world.payments(), operation: { sync: {} } };
    expect(await toast(world, empty)).toMatchInlineSnapshot(
      `"Application payments was to be synced without naming its source, so that what is deployed could still change after this check. Sync from Argo CD's page or with \`argocd app sync\`, which write source and revision into the operation; other clients have to do so too."`,
    );
    expect(await toast(world, empty, { operation: 'CREATE' })).not.toBe('ALLOWED');
    world.policy({});
    expect(await toast(world, empty)).toBe('ALLOWED');
    expect(await toast(world, empty, { operation: 'CREATE' })).toBe('ALLOWED');
  });

  it('refuses an Application that cannot be read, and says where', async () => {
    const world = await startWorld();
    const unreadable = world.payments();
    const bad = syncOf({
      ...unreadable,
      spec: { ...unreadable.spec, source: { repoURL: 'x', targetRevision: 1.4 } },
    });
    expect(await toast(world, bad)).toMatchInlineSnapshot(
      `"Application payments cannot be read: spec.source.targetRevision is not a text (a number has to be put in quotes). Correct spec.source.targetRevision of the Application; \`kubectl explain application.spec.source.targetRevision\` says what belongs there."`,
    );
  });

  it('denies a source that no entry matches where the baseline says so', async () => {
    const world = await startWorld();
    world.policy({ 'all-projects': 'unmatched: deny' });
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 comes from a repository that no policy of project shop mentions, and the baseline denies such sources. Add an entry for this repository to project.shop or all-projects in argocd-source-integrity-cm, with the keys that sign its charts."`,
    );
  });

  it('does not take an oci:// before the repository for a way around', async () => {
    const world = await startWorld();
    world.policy({ 'project.shop': requiring('*', world.release) });
    const source = {
      repoURL: 'oci://127.0.0.1:9/charts/payments',
      targetRevision: `sha256:${'a'.repeat(64)}`,
      path: '.',
    };
    expect(await toast(world, syncOf(world.payments({ spec: { source } })))).toMatchInlineSnapshot(
      `"Artifact payments sha256:DIGEST could not be checked: 127.0.0.1:9 could not be reached, the connection was refused (ECONNREFUSED). Check that the repository is up and that network policies and firewalls let Source Integrity reach it, then choose Re-verify. Servers that want a client certificate may close connections without one. In full: Artifact payments sha256:DIGEST could not be checked: https://127.0.0.1:9/v2/charts/payments/manifests/sha256:DIGEST could not be reached, the connection was refused (ECONNREFUSED)."`,
    );
  });
});

describe('the gate, asked about several sources', () => {
  async function two(): Promise<{ world: World; sources: object[]; revisions: string[] }> {
    const world = await startWorld();
    await world.repository.publish({ name: 'cache', version: '2.0.0', signer: null });
    const sources = [
      chartSource(world.repository.url),
      chartSource(world.repository.url, { chart: 'cache', targetRevision: '2.0.0' }),
    ];
    return { world, sources, revisions: ['1.4.2', '2.0.0'] };
  }

  it('names the source that is at fault', async () => {
    const { world, sources, revisions } = await two();
    const app = world.payments({ spec: { sources } });
    expect(await toast(world, { ...app, operation: { sync: { sources, revisions } } })).toMatchInlineSnapshot(
      `"Chart cache 2.0.0 has no provenance file (looked at REPOSITORY/cache-2.0.0.tgz.prov). Sign the chart with helm package --sign and publish the .prov file beside the .tgz, or ask its maintainers to. To deploy it unsigned, an administrator can set mode: none for it."`,
    );
  });

  it('denies lists of different length', async () => {
    const { world, sources } = await two();
    await world.repository.publish({ name: 'cache', version: '2.0.0', signer: world.release });
    const app = world.payments({ spec: { sources } });
    expect(
      await toast(world, { ...app, operation: { sync: { sources, revisions: ['1.4.2'] } } }),
    ).toMatchInlineSnapshot(
      `"Application payments was to be synced with 1 revision for 2 sources, in which case Argo CD takes none of them. Give one revision for each source, in the order of the sources."`,
    );
  });

  it('takes sources before source, as Argo CD executes them', async () => {
    const { world, sources, revisions } = await two();
    const app = world.payments({ spec: { sources } });
    const good = chartSource(world.repository.url);
    const both = { ...app, operation: { sync: { source: good, revision: '1.4.2', sources, revisions } } };
    expect(await toast(world, both)).toMatchInlineSnapshot(
      `"Application payments names its sources more than once, and not all of them may be deployed. Keep one of operation.sync.sources, operation.sync.source and remove the others. Chart cache 2.0.0 has no provenance file (looked at REPOSITORY/cache-2.0.0.tgz.prov). In full: Application payments names its sources more than once (operation.sync.sources, operation.sync.source), and not all of them may be deployed."`,
    );
  });

  it('denies a hydrator beside sources unless all of it may be deployed', async () => {
    const { world, sources } = await two();
    const sourceHydrator = {
      drySource: { repoURL: 'https://git.example/dry.git', path: '.', targetRevision: 'HEAD' },
      syncSource: { targetBranch: 'main', path: '.' },
    };
    const app = world.payments({ spec: { sources, sourceHydrator } });
    expect(
      await toast(world, { ...app, operation: { sync: { revisions: ['1.4.2', '2.0.0'] } } }),
    ).toMatchInlineSnapshot(
      `"Application payments names its sources more than once (spec.sources, spec.sourceHydrator), and not all of them may be deployed. Keep one of spec.sources, spec.sourceHydrator and remove the others. Application payments was to be synced without naming its source, so that what is deployed could still change after this check. Chart cache 2.0.0 has no provenance file (looked at REPOSITORY/cache-2.0.0.tgz.prov)."`,
    );
  });

  it('says three things at the most, and how many more there are', async () => {
    const world = await startWorld();
    const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
    for (const name of names) await world.repository.publish({ name, version: '1.0.0', signer: null });
    const sources = names.map((chart) => chartSource(world.repository.url, { chart, targetRevision: '1.0.0' }));
    const app = world.payments({ spec: { sources } });
    const sync = { ...app, operation: { sync: { sources, revisions: names.map(() => '1.0.0') } } };
    expect(await toast(world, sync)).toMatchInlineSnapshot(
      `"Chart alpha 1.0.0 has no provenance file (looked at REPOSITORY/alpha-1.0.0.tgz.prov). Sign the chart with helm package --sign and publish the .prov file beside the .tgz, or ask its maintainers to. To deploy it unsigned, an administrator can set mode: none for it. Chart beta 1.0.0 has no provenance file (looked at REPOSITORY/beta-1.0.0.tgz.prov). Chart gamma 1.0.0 has no provenance file (looked at REPOSITORY/gamma-1.0.0.tgz.prov). And 2 more; see the Source Integrity tab."`,
    );
  });
});

describe('the gate, asked about a running operation', () => {
  it('denies one that is brought along in the status', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'evil', version: '1.0.0', signer: null });
    const good = syncOf(world.payments());
    const source = chartSource(world.repository.url, { chart: 'evil', targetRevision: '1.0.0' });
    const status = {
      operationState: {
        phase: 'Running',
        startedAt: '2026-01-01T00:00:00Z',
        operation: { sync: { source, revision: '1.0.0' } },
      },
    };
    const smuggled = { ...good, status };
    expect(await toast(world, smuggled, { operation: 'CREATE' })).toMatchInlineSnapshot(
      `"Application payments brings along a running operation in its status. Remove status.operationState from what is applied; only Argo CD writes it. Chart evil 1.0.0 has no provenance file (looked at REPOSITORY/evil-1.0.0.tgz.prov). In full: Application payments brings along a running operation in its status, which Argo CD would execute in place of the one that was asked for."`,
    );
    expect(await toast(world, smuggled)).toContain('brings along a running operation');
    expect(await toast(world, smuggled, { oldObject: good })).toContain('Chart evil 1.0.0');
  });

  it("lets Argo CD's own writes through: the copy that it takes up, its progress, a termination, and the end", async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    const asked = syncOf(world.payments());
    const running = { ...asked, status: { operationState: { phase: 'Running', operation: asked['operation'] } } };
    const terminating = {
      ...asked,
      status: { operationState: { phase: 'Terminating', operation: asked['operation'] } },
    };
    const over = {
      ...world.payments(),
      status: { operationState: { phase: 'Succeeded', operation: asked['operation'] } },
    };
    expect(await toast(world, running, { oldObject: asked })).toBe('ALLOWED');
    expect(await toast(world, terminating, { oldObject: running })).toBe('ALLOWED');
    expect(await toast(world, over, { oldObject: running })).toBe('ALLOWED');
    expect(world.repository.requests).toEqual([]);
  });

  it('lets everything through that is no operation on an Application', async () => {
    const world = await startWorld();
    world.cluster.remove('policy');
    const review = reviewOf(syncOf(world.payments()));
    const kind = (name: string, group = 'argoproj.io'): object => ({
      ...review,
      request: { ...review.request, kind: { group, version: 'v1alpha1', kind: name } },
    });
    expect((await gate(world, kind('AppProject'))).allowed).toBe(true);
    expect((await gate(world, kind('Application', 'example.org'))).allowed).toBe(true);
    expect((await gate(world, reviewOf(null, { operation: 'DELETE' }))).allowed).toBe(true);
    expect((await gate(world, reviewOf(world.payments()))).allowed).toBe(true);
    expect((await gate(world, kind('Application'))).allowed).toBe(false);
  });
});

describe('the gate, before it asks a repository', () => {
  it('refuses an Application whose project does not exist, and asks nobody', async () => {
    const world = await startWorld();
    expect(await toast(world, syncOf(world.payments({ project: 'nobodys' })))).toMatchInlineSnapshot(
      `"Application payments belongs to the project "nobodys", which does not exist. Correct spec.project of the Application, or create the AppProject "nobodys"."`,
    );
    expect(world.repository.requests).toEqual([]);
  });

  it('refuses a namespace that the project does not permit, and asks nobody', async () => {
    const world = await startWorld();
    expect(await toast(world, syncOf(world.payments({ namespace: 'team-a' })))).toMatchInlineSnapshot(
      `"Application payments is in the namespace "team-a", from which the project "shop" may not be used. If Applications in "team-a" may use the project "shop", add the namespace to its sourceNamespaces."`,
    );
    expect(world.repository.requests).toEqual([]);
    world.cluster.put('projects', project('shop', { sourceRepos: ['*'], sourceNamespaces: ['team-*'] }));
    expect(await toast(world, syncOf(world.payments({ namespace: 'team-a' })))).toBe('ALLOWED');
  });

  it('refuses a source that the project does not permit, and asks nobody', async () => {
    const world = await startWorld();
    world.cluster.put('projects', project('shop', { sourceRepos: ['https://charts.example/*'] }));
    expect(await toast(world, syncOf(world.payments()))).toMatchInlineSnapshot(
      `"Application payments comes from REPOSITORY, which the project "shop" does not permit. If the project "shop" may deploy from REPOSITORY, add it to the project's sourceRepos."`,
    );
    expect(world.repository.requests).toEqual([]);
  });

  it('refuses in a project whose entry has an error, and only there', async () => {
    const world = await startWorld();
    world.cluster.put('projects', project('shop', { sourceRepos: ['*'] }), project('toys', { sourceRepos: ['*'] }));
    world.policy({
      'project.shop': requiring(world.repository.url, world.release),
      'project.toys': requiring(world.repository.url, world.release).replace('provenance', 'provenence'),
    });
    expect(await toast(world, syncOf(world.payments()))).toBe('ALLOWED');
    const asked = world.repository.requests.length;
    expect(await toast(world, syncOf(world.payments({ project: 'toys' })))).toMatchInlineSnapshot(
      `"Chart payments 1.4.2 cannot be judged: the policy has an error in line 1 of project.toys. Edit line 1, column 82 of project.toys in argocd-source-integrity-cm: write "none" or "provenance". Did you mean provenance? In full: Chart payments 1.4.2 cannot be judged, because "mode" at line 1, column 82 of project.toys in argocd-source-integrity-cm must be "none" or "provenance", and is "provenence"."`,
    );
    expect(world.repository.requests.length).toBe(asked);
  });
});

describe('the gate, where it does not enforce', () => {
  it('warns in at most three sentences of at most 256 characters, and allows', async () => {
    const world = await startWorld();
    const names = ['alpha', 'beta', 'gamma', 'delta'].map((name) => `${name}-${'x'.repeat(100)}`);
    for (const name of names) await world.repository.publish({ name, version: '1.0.0', signer: null });
    const sources = names.map((chart) => chartSource(world.repository.url, { chart, targetRevision: '1.0.0' }));
    world.policy({ enforcement: 'warn', 'project.shop': requiring(world.repository.url, world.release) });
    const app = world.payments({ spec: { sources } });
    const answer = await gate(
      world,
      reviewOf({ ...app, operation: { sync: { sources, revisions: names.map(() => '1.0.0') } } }),
    );
    expect(answer.allowed).toBe(true);
    expect(answer.warnings).toHaveLength(3);
    for (const warning of answer.warnings ?? []) {
      expect(warning.length).toBeLessThanOrEqual(256);
      expect(warning).toMatch(/^Source Integrity: Chart .*[.…]$/);
    }
  });

  it('is silent when it is off, and asks nobody', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    world.policy({ enforcement: 'off', 'project.shop': requiring(world.repository.url, world.release) });
    expect(await gate(world, reviewOf(syncOf(world.payments())))).toMatchObject({ allowed: true });
    expect(world.repository.requests).toEqual([]);
  });

  it('lets an exempt Application pass with a warning until its time has come, and writes that down', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    const until = new Date(world.clock.now + 3_600_000).toISOString();
    world.policy({
      exemptions: `[{application: argocd/payments, reason: "INC-1234", until: ${until}}]`,
      'project.shop': requiring(world.repository.url, world.release),
    });
    const answer = await gate(world, reviewOf(syncOf(world.payments())));
    expect(answer.allowed).toBe(true);
    expect(answer.warnings).toHaveLength(1);
    const line =
      world
        .log()
        .split('\n')
        .find((each) => each.includes('sync-decided')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      audit: true,
      decision: { action: 'warn', because: ['provenance-missing'] },
      exemption: { reason: 'INC-1234', until },
    });
    world.clock.now += 3_600_000;
    expect(await toast(world, syncOf(world.payments()))).toContain('no provenance file');
  });

  it('exempts nobody whose name is only the beginning of one', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null });
    world.policy({
      exemptions: `[{application: argocd/payments, reason: "INC-1234", until: ${new Date(world.clock.now + 3_600_000).toISOString()}}]`,
      'project.shop': requiring(world.repository.url, world.release),
    });
    const made = application({ name: 'x', spec: { source: chartSource(world.repository.url) } });
    const metadata = { namespace: 'argocd', generateName: 'payments' };
    const generated = { ...syncOf(made), metadata };
    const review = reviewOf(made, { operation: 'CREATE', name: '' });
    const answer = await gate(world, { ...review, request: { ...review.request, object: generated } });
    expect(answer.allowed).toBe(false);
  });
});

describe('the gate, about what it leaves behind', () => {
  it('stores nothing for a dry run', async () => {
    const world = await startWorld();
    const bad = await world.repository.publish({
      name: 'payments',
      version: '1.4.2',
      signer: null,
      values: 'evil: true\n',
    });
    expect(await refusalOf(world, syncOf(world.payments()), { dryRun: true })).not.toBeNull();
    world.clock.now += 120_000;
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.release });
    expect(await refusalOf(world, syncOf(world.payments()), { dryRun: true })).toBeNull();
    expect(bad).toMatch(/^sha256:/);
    const history = await fetch(`${world.server.addresses.api}/api/v1/history`, {
      headers: {
        authorization: 'the-token-in-force-0123456789',
        'argocd-application-name': 'argocd:payments',
        'argocd-project-name': 'shop',
      },
    });
    expect(await history.json()).toEqual({ entries: [], next: null });
    expect(await refusalOf(world, syncOf(world.payments()))).toBeNull();
  });

  it('remembers what a dry run saw as soon as a sync rests on it', async () => {
    const world = await startWorld();
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: null, values: 'evil: true\n' });
    expect(await refusalOf(world, syncOf(world.payments()), { dryRun: true })).not.toBeNull();
    expect(await refusalOf(world, syncOf(world.payments()))).not.toBeNull();
    expect(world.repository.requests.filter((path) => path.endsWith('.tgz'))).toHaveLength(1);
    world.clock.now += 120_000;
    await world.repository.publish({ name: 'payments', version: '1.4.2', signer: world.release });
    expect(await refusalOf(world, syncOf(world.payments()))).toContain('was replaced');
  });
});
