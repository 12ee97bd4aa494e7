import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAD, KINDS, releaseKey } from '../artifacts.ts';
import { installed, setPolicy } from '../install.ts';
import {
  createApplication,
  createProject,
  deployed,
  heard,
  kubernetes,
  path,
  source,
  stack,
  sync,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';

beforeAll(async () => {
  await installed();
  await createProject('teams', { sourceNamespaces: ['team-a'] });
  await createProject('partners', { sourceNamespaces: ['team-b'] });
});
afterAll(tidy);

describe('6. Applications in another namespace', () => {
  for (const [k, kind] of KINDS.entries()) {
    test(`deploy ${kind} that is good, and nothing that is bad`, async () => {
      const inTeam = { namespace: 'team-a', project: 'teams' };
      await createApplication(`team-${k}`, source(kind, 'good'), inTeam);
      expect(await syncToEnd(`team-${k}`, {}, 'team-a')).toBe('Succeeded');
      expect(await deployed(`team-${k}`)).not.toEqual([]);
      for (const [c, state] of BAD.entries()) {
        const name = `team-${k}-${c}`;
        await createApplication(name, source(kind, state), inTeam);
        const refused = await sync(name, {}, 'team-a');
        heard(`in another namespace: ${kind}, ${state}`, refused.message);
        expect(refused.status, refused.message).toBe(403);
        expect(await deployed(name)).toEqual([]);
      }
    });
  }

  test('are refused where the project does not permit the namespace', async () => {
    await createApplication('intruder', source('Helm over HTTP', 'good'), { namespace: 'team-b', project: 'teams' });
    const intruder = await kubernetes.ask(
      'PATCH',
      path.application('intruder', 'team-b'),
      { operation: { sync: {} } },
      'application/merge-patch+json',
    );
    heard('in a namespace that the project does not permit', textAt(intruder.body, 'message'));
    expect(intruder.status).toBe(403);
    expect(await deployed('intruder')).toEqual([]);
  });
});

/** Acme Release signs `payments`, and Acme Security `search`. */
const SECURITY = '016C7FEC46DCEBC2E27B5C8C58222798A107B965';
const signedBy = (key: string): string =>
  JSON.stringify({
    helm: {
      policies: [{ repos: [{ url: `${stack.places.charts}/charts` }], gpg: { mode: 'provenance', keys: [key] } }],
    },
  });

describe('6. two projects with different policies', () => {
  test('are judged each by its own, and a change counts without a restart', async () => {
    const release = await releaseKey();
    const policy = { enforcement: 'enforce', 'all-projects': 'unmatched: allow\n' };
    const put = (teams: string, partners: string): Promise<void> =>
      setPolicy({ ...policy, 'project.teams': signedBy(teams), 'project.partners': signedBy(partners) });
    const outcome = async (project: 'teams' | 'partners', state: 'good' | 'wrong signer'): Promise<boolean> => {
      const namespace = project === 'teams' ? 'team-a' : 'team-b';
      return (await syncToEnd(`${project}-${state.replace(' ', '-')}`, {}, namespace)) === 'Succeeded';
    };
    for (const [project, namespace] of [
      ['teams', 'team-a'],
      ['partners', 'team-b'],
    ] as const) {
      for (const state of ['good', 'wrong signer'] as const) {
        const name = `${project}-${state.replace(' ', '-')}`;
        await createApplication(name, source('Helm over HTTP', state), { namespace, project });
      }
    }

    await put(release, SECURITY);
    await until('each project has its own signer', async () => {
      const all = [await outcome('teams', 'good'), await outcome('teams', 'wrong signer')];
      return (
        String([...all, await outcome('partners', 'good'), await outcome('partners', 'wrong signer')]) ===
        'true,false,false,true'
      );
    });
    expect(await deployed('teams-wrong-signer')).toEqual([]);
    expect(await deployed('partners-good')).toEqual([]);

    await put(SECURITY, release);
    await until('the signers have changed places', async () => {
      const all = [await outcome('teams', 'good'), await outcome('teams', 'wrong signer')];
      return (
        String([...all, await outcome('partners', 'good'), await outcome('partners', 'wrong signer')]) ===
        'false,true,true,false'
      );
    });
    expect(await deployed('teams-wrong-signer')).not.toEqual([]);
  });
});
