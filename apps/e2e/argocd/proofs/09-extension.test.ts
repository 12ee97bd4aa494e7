import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installed } from '../install.ts';
import {
  type Answered,
  argocd,
  at,
  createApplication,
  createProject,
  listAt,
  source,
  stack,
  syncToEnd,
  textAt,
  tidy,
  until,
} from '../proof.ts';
import type { Account } from '../argocd.ts';
import type { Json } from '../json.ts';

beforeAll(async () => {
  await installed();
  await createProject('next-door', {});
  await createApplication('shown', source('Helm over HTTP', 'good'));
  await createApplication('hidden', source('plain OCI by key', 'good'), { project: 'next-door' });
  expect(await syncToEnd('shown')).toBe('Succeeded');
});
afterAll(tidy);

const headers = (name: string, project: string): Record<string, string> => ({
  'argocd-application-name': `argocd:${name}`,
  'argocd-project-name': project,
});

/** As the tab asks: through the real argocd-server. */
const ask = (
  as: Account | null,
  url: string,
  { name = 'shown', project = 'default', method = 'GET', body }: Asked = {},
): Promise<Answered> => argocd(method, `/extensions/source-integrity${url}`, body, as, headers(name, project));

interface Asked {
  readonly name?: string;
  readonly project?: string;
  readonly method?: string;
  readonly body?: Json;
}

describe('9. the extension, through the real argocd-server', () => {
  test('reports to a user who may invoke it', async () => {
    const report = await ask('operator', '/api/v1/report');
    expect(report.status, report.message).toBe(200);
    expect(textAt(listAt(report.body, 'sources')[0], 'verdict', 'status')).toBe('verified');
    expect(at(report.body, 'application')).toMatchObject({ namespace: 'argocd', name: 'shown', project: 'default' });
  });

  test('verifies again, and keeps a history', async () => {
    const asked = await ask('operator', '/api/v1/verifications', { method: 'POST' });
    expect(asked.status, asked.message).toBe(202);
    const id = textAt(asked.body, 'id');
    await until('the verification has ended', async () => {
      const job = await ask('operator', `/api/v1/verifications/${id}`);
      expect(job.status, job.message).toBe(200);
      return textAt(job.body, 'state') === 'done';
    });
    const history = await ask('operator', '/api/v1/history');
    expect(history.status, history.message).toBe(200);
    expect(JSON.stringify(history.body)).toContain('verified');
  });

  test.for(['/api/v1/report', '/api/v1/history', '/api/v1/policy', '/api/v1/keys'])(
    'gives nothing of %s to who may not invoke it, or is nobody',
    async (url) => {
      for (const who of ['reader', null] as const) {
        const answer = await ask(who, url);
        expect(answer.status, answer.message).toBe(who === null ? 400 : 401);
        expect(answer.message).not.toContain('payments');
      }
    },
  );

  test("does not show another project's Application, whatever the headers say", async () => {
    expect((await ask('neighbour', '/api/v1/report', { name: 'hidden', project: 'next-door' })).status).toBe(200);
    for (const asked of [
      { name: 'shown', project: 'default' },
      { name: 'shown', project: 'next-door' },
    ]) {
      const answer = await ask('neighbour', '/api/v1/report', asked);
      expect(answer.status, answer.message).toBeGreaterThanOrEqual(400);
      expect(answer.message).not.toContain('payments');
    }
  });

  test('does not reach the webhooks or the metrics through the proxy', async () => {
    for (const url of ['/admission/gate', '/admission/pin', '/metrics', '/guard/v1/pulls']) {
      const answer = await ask('operator', url, { method: 'POST', body: {} });
      expect(answer.status, `${url}: ${answer.message}`).toBeGreaterThanOrEqual(400);
    }
  });
});

describe('9. the backend itself', () => {
  const straight = (given: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${stack.integrity.api}/api/v1/report`, { headers: { ...headers('shown', 'default'), ...given } });

  test.for([
    {},
    { authorization: 'Bearer guessed' },
    { authorization: '$source-integrity.token' },
    { authorization: '', 'argocd-username': 'admin', 'argocd-user-groups': 'admins', 'argocd-namespace': 'argocd' },
    { cookie: 'argocd.token=guessed' },
  ])('gives nothing to forged headers: %j', async (given) => {
    const response = await straight(given);
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('payments');
  });

  test('gives nothing even to a valid token of Argo CD', async () => {
    const response = await straight({ authorization: `Bearer ${stack.argocd.tokens.operator}` });
    expect(response.status).toBe(403);
  });

  test('answers who knows the shared secret, which is only Argo CD', async () => {
    expect((await straight({ authorization: stack.integrity.token })).status).toBe(200);
  });
});
