import { expect, it } from 'vitest';
import { resolveAccess } from '../../src/cluster/resolve-access.ts';
import { fetcher, httpServer } from '../fetch/local.ts';

type ByPort = (port: number) => string;

/** Asks a repository where there is a template of credentials, and tells which of them the server was sent. */
async function sent(templateURL: ByPort, repoURL: ByPort): Promise<string | undefined> {
  const server = await httpServer((_, response) => response.end('entries: {}'));
  const data = new Map([
    ['url', templateURL(server.port)],
    ['username', 'ann'],
    ['password', 'secret'],
  ]);
  const settings = {
    secrets: [{ name: 'template', type: 'repo-creds' as const, data }],
    certificates: new Map<string, string>(),
    identityKey: new Uint8Array(32),
  };
  const url = repoURL(server.port);
  const outcome = resolveAccess(settings, url, 'team');
  if ('problem' in outcome) throw new Error(outcome.problem.code);
  const { fetch } = fetcher();
  await fetch({ url: `${url}/index.yaml`, access: outcome.access, credentials: 'send', maxBytes: 1000 });
  expect(server.requests).toHaveLength(1);
  return server.requests[0]?.headers.authorization;
}

it.each<[string, ByPort, ByPort]>([
  ['host', (port) => `http://charts.test:${port}`, (port) => `http://charts.test:${port}`],
  ['host, for any path', (port) => `http://charts.test:${port}`, (port) => `http://charts.test:${port}/stable`],
  ['path', (port) => `http://charts.test:${port}/acme`, (port) => `http://charts.test:${port}/acme/stable`],
])('sends the credentials of a template to its own %s', async (_, template, repository) => {
  expect(await sent(template, repository)).toBe(`Basic ${Buffer.from('ann:secret').toString('base64')}`);
});

it.each<[string, ByPort, ByPort]>([
  ['host', () => 'http://charts.test', (port) => `http://charts.test.evil.test:${port}`],
  ['host at the same port', (port) => `http://charts.test:${port}`, (port) => `http://charts.test.evil.test:${port}`],
  ['port', (port) => `http://charts.test:${String(port).slice(0, -1)}`, (port) => `http://charts.test:${port}`],
  ['path', (port) => `http://charts.test:${port}/acme`, (port) => `http://charts.test:${port}/acme-evil`],
])('sends nothing to another %s that only begins like it', async (_, template, repository) => {
  expect(await sent(template, repository)).toBeUndefined();
});
