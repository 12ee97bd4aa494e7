import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BAD, forgedChart, KINDS, publishChart } from '../artifacts.ts';
import { installed, judged, setPolicy, suitePolicy } from '../install.ts';
import { createApplication, deployed, heard, kubernetes, path, refresh, source, stack, tidy, until } from '../proof.ts';
import { refusalOf } from '../refusal.ts';

beforeAll(() => installed());
afterAll(tidy);
beforeEach(async () => {
  await setPolicy(await suitePolicy());
  await judged('refused', source('Helm over HTTP', 'wrong signer'));
  await judged('let through', source('plain OCI by key', 'good'));
});

/** Acme Security's, in the ring: `search` is signed by it. */
const SECURITY = '016C7FEC46DCEBC2E27B5C8C58222798A107B965';

const refusal = async (name: string): Promise<string> => until(`${name} is refused`, () => refusalOf(name));
const noLongerRefused = async (name: string): Promise<void> => {
  await until(`${name} is not refused any more`, async () => (await refusalOf(name)) === null);
};

const deployedByItself = async (name: string): Promise<void> => {
  await until(`${name} is deployed`, async () => (await deployed(name)).length > 0);
};

describe('2. automated sync', () => {
  for (const [k, kind] of KINDS.entries()) {
    test(`deploys ${kind}, good`, async () => {
      await createApplication(`automated-${k}-good`, source(kind, 'good'), { automated: true });
      await deployedByItself(`automated-${k}-good`);
    });

    for (const [c, state] of BAD.entries()) {
      test(`is refused for ${kind}, ${state}, with the reasons in its conditions`, async () => {
        const name = `automated-${k}-${c}`;
        await createApplication(name, source(kind, state), { automated: true });
        heard(`automated sync: ${kind}, ${state}`, await refusal(name));
        expect(await deployed(name)).toEqual([]);
      });
    }
  }

  test('recovers by itself once the policy is right', async () => {
    const name = 'automated-policy';
    await createApplication(name, source('Helm over HTTP', 'wrong signer'), { automated: true });
    await refusal(name);
    expect(await deployed(name)).toEqual([]);

    const policy = await suitePolicy();
    const own = JSON.stringify({
      helm: {
        policies: [
          { repos: [{ url: `${stack.places.charts}/charts` }], gpg: { mode: 'provenance', keys: [SECURITY] } },
        ],
      },
    });
    const baseline = JSON.stringify({ unmatched: 'allow' });
    await setPolicy({ ...policy, 'all-projects': baseline, 'project.default': own });
    await deployedByItself(name);
    await noLongerRefused(name);
  });

  test('recovers by itself once the key is there', async () => {
    const name = 'automated-key';
    const keys = path.configMap('argocd-cosign-keys-cm');
    const before = await kubernetes.get(keys);
    await kubernetes.patch(keys, { data: { 'edge-release': null } });
    await judged('refused', source('plain OCI by key', 'good'));
    await createApplication(name, source('plain OCI by key', 'good'), { automated: true });
    heard('automated sync: the policy names a key that is not there', await refusal(name));
    expect(await deployed(name)).toEqual([]);

    await kubernetes.patch(keys, { data: before?.['data'] ?? null });
    await deployedByItself(name);
    await noLongerRefused(name);
  });

  test('recovers by itself once a right version is published', async () => {
    const name = 'automated-version';
    await writeFile(
      join(stack.charts, 'charts', 'recommendations-1.10.1.tgz'),
      await forgedChart(stack.tools.helm, 'recommendations', '1.10.1'),
    );
    const range = { repoURL: `${stack.places.charts}/charts`, chart: 'recommendations', targetRevision: '~1.10.0' };
    await createApplication(name, range, { automated: true });
    heard('automated sync of a range whose highest version is unsigned', await refusal(name));
    expect(await deployed(name)).toEqual([]);

    await publishChart(stack.charts, 'recommendations', '1.10.2');
    await refresh(name, 'hard');
    await deployedByItself(name);
    expect(await deployed(name)).not.toContain(`ConfigMap/${name}-forged`);
    await noLongerRefused(name);
  });

  test('does not heal with what is no longer trusted, and heals when it is again', async () => {
    const name = 'self-heal';
    await createApplication(name, source('Helm over HTTP', 'good'), { automated: true });
    await until('it is deployed', async () => (await deployed(name)).includes(`ConfigMap/${name}`));
    const other = JSON.stringify({
      helm: {
        policies: [{ repos: [{ url: `${stack.places.charts}/*` }], gpg: { mode: 'provenance', keys: [SECURITY] } }],
      },
    });
    await setPolicy(await suitePolicy('enforce', { 'project.default': other }));
    await judged('refused', source('Helm over HTTP', 'good'));
    await kubernetes.delete(path.configMap(name, name));
    heard('self-heal with a signer that is no longer trusted', await refusal(name));
    expect(await deployed(name)).not.toContain(`ConfigMap/${name}`);

    await setPolicy(await suitePolicy());
    await until('it is healed', async () => (await deployed(name)).includes(`ConfigMap/${name}`));
  });
});
