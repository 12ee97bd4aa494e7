import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { RepositoryTls } from '../../src/cluster/repository-access.ts';
import { accessTo, fetcher, get, httpServer, httpsServer, problemOf, textOf, type Recorded } from './local.ts';

const pem = (name: string): string => readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');
const authority = pem('authority.pem');
const serving = { cert: pem('server.pem'), key: pem('server.key') };
const plain: RepositoryTls = { ca: null, clientCert: null, clientKey: null, insecure: false };
const trusting: RepositoryTls = { ...plain, ca: authority };

function tlsServer(
  options: ServerOptions = {},
  listener: RequestListener = (_, response) => response.end('ok'),
): Promise<Recorded> {
  return httpsServer({ ...serving, ...options }, listener);
}

describe('a certificate', () => {
  it('of an authority that the settings name is trusted', async () => {
    const { port } = await tlsServer();
    expect(await textOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: trusting }))).toBe('ok');
  });

  it.each([
    ['the system', plain],
    ['another authority', { ...plain, ca: pem('other-authority.pem') }],
  ])('is not trusted by %s', async (_, tls) => {
    const { port } = await tlsServer();
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls }));
    expect(outcome).toMatchObject({ code: 'fetch-tls', params: { cause: 'untrusted', host: 'charts.example.test' } });
  });

  it('for another host is refused', async () => {
    const { port } = await tlsServer();
    const outcome = problemOf(await get(fetcher(), `https://localhost:${port}/`, { tls: trusting }));
    expect(outcome).toMatchObject({ code: 'fetch-tls', params: { cause: 'wrong-host' } });
  });

  it('that has expired is refused', async () => {
    const { port } = await tlsServer({ cert: pem('expired.pem'), key: pem('expired.key') });
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: trusting }));
    expect(outcome).toMatchObject({ code: 'fetch-tls', params: { cause: 'expired' } });
  });

  it('does not matter where the repository is insecure', async () => {
    const { port } = await tlsServer({ cert: pem('expired.pem'), key: pem('expired.key') });
    const tls = { ...plain, insecure: true };
    expect(await textOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls }))).toBe('ok');
  });

  it('matters again on a host that an insecure repository redirects to', async () => {
    const other = await tlsServer();
    const { port } = await tlsServer({}, (_, response) => {
      response.writeHead(302, { location: `https://files.example.test:${other.port}/` }).end();
    });
    const tls = { ...plain, insecure: true };
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls }));
    expect(outcome).toMatchObject({ code: 'fetch-tls', params: { host: 'files.example.test' } });
  });

  it('of the repository’s own authority is good on other hosts too', async () => {
    const other = await tlsServer();
    const { port } = await tlsServer({}, (_, response) => {
      response.writeHead(302, { location: `https://files.example.test:${other.port}/` }).end();
    });
    expect(await textOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: trusting }))).toBe('ok');
  });
});

function clientOf({ socket }: IncomingMessage): string | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subject : undefined;
}

describe('a client certificate', () => {
  const mine: RepositoryTls = { ...trusting, clientCert: pem('client.pem'), clientKey: pem('client.key') };
  const demanding = { ca: authority, requestCert: true, rejectUnauthorized: true };

  it('is shown to the repository', async () => {
    const { port } = await tlsServer(demanding);
    expect(await textOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: mine }))).toBe('ok');
  });

  it('that is missing fails the handshake', async () => {
    const { port } = await tlsServer({ ...demanding, maxVersion: 'TLSv1.2' });
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: trusting }));
    expect(outcome).toMatchObject({ code: 'fetch-tls', params: { cause: 'handshake' } });
  });

  it('is not shown where a redirect leads', async () => {
    const shown: (string | undefined)[] = [];
    const asking = { ca: authority, requestCert: true, rejectUnauthorized: false };
    const other = await tlsServer(asking, (request, response) => {
      shown.push(clientOf(request));
      response.end('ok');
    });
    const { port } = await tlsServer(asking, (request, response) => {
      shown.push(clientOf(request));
      response.writeHead(302, { location: `https://files.example.test:${other.port}/` }).end();
    });
    await textOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: mine }));
    expect(shown).toEqual(['CN=source-integrity', undefined]);
  });

  it('does not travel on a connection that another identity opened', async () => {
    const subjects: (string | undefined)[] = [];
    const asking = { ca: authority, requestCert: true, rejectUnauthorized: false };
    const { port } = await tlsServer(asking, (request, response) => {
      subjects.push(clientOf(request));
      response.end('ok');
    });
    const from = fetcher();
    const url = `https://charts.example.test:${port}/`;
    await textOf(await get(from, url, { tls: mine, identity: 'one' }));
    await textOf(await get(from, url, { tls: trusting, identity: 'two' }));
    expect(subjects).toEqual(['CN=source-integrity', undefined]);
  });
});

describe('settings', () => {
  it.each([
    ['no certificate', { ...plain, ca: 'not PEM' }],
    ['half a certificate', { ...plain, ca: authority.slice(0, 200) }],
    [
      'a good and a bad one',
      { ...plain, ca: `${authority}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n` },
    ],
    ['a key of another pair', { ...trusting, clientCert: pem('client.pem'), clientKey: pem('server.key') }],
  ])('with %s are named, and nothing is asked', async (_, tls) => {
    const server = await tlsServer();
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${server.port}/`, { tls }));
    expect(outcome.code).toBe('fetch-tls-settings');
    expect(JSON.stringify(outcome)).not.toContain('BEGIN');
    expect(server.requests).toHaveLength(0);
  });
});

describe('https', () => {
  it('is not left by a redirect', async () => {
    const insecure = await httpServer((_, response) => response.end('plain'));
    const { port } = await tlsServer({}, (_, response) => {
      response.writeHead(302, { location: `http://charts.example.test:${insecure.port}/` }).end();
    });
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: trusting }));
    expect(outcome.code).toBe('fetch-redirect-downgrade');
    expect(insecure.requests).toHaveLength(0);
  });

  it('at a port that speaks http is a failed handshake', async () => {
    const { port } = await httpServer((_, response) => response.end('plain'));
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${port}/`, { tls: trusting }));
    expect(outcome).toMatchObject({ code: 'fetch-tls', params: { cause: 'handshake' } });
  });

  it('is reached from http, without the credentials', async () => {
    const secure = await tlsServer();
    const { port } = await httpServer((_, response) => {
      response.writeHead(301, { location: `https://charts.example.test:${secure.port}/` }).end();
    });
    const url = `http://charts.example.test:${port}/`;
    const access = accessTo(url, { tls: trusting, username: 'robot', password: 's3cret' });
    expect(await textOf(await fetcher().fetch({ url, access, credentials: 'send', maxBytes: 100 }))).toBe('ok');
    expect(secure.requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe('a registry written without its scheme', () => {
  it.each([
    ['oci://', 'charts.example.test'],
    ['', 'charts.example.test'],
    ['oci://', 'Charts.Example.TEST'],
  ])('is the host that its settings are for ("%s%s")', async (scheme, host) => {
    const { port } = await tlsServer();
    const url = `https://charts.example.test:${port}/v2/`;
    const access = accessTo(`${scheme}${host}:${port}/charts`, { tls: { ...plain, insecure: true } });
    expect(await textOf(await fetcher().fetch({ url, access, credentials: 'send', maxBytes: 100 }))).toBe('ok');
  });

  it('lends its settings to no other host', async () => {
    const { port } = await tlsServer();
    const url = `https://charts.example.test:${port}/v2/`;
    const access = accessTo(`other.example.test:${port}/charts`, { tls: { ...plain, insecure: true } });
    expect(problemOf(await fetcher().fetch({ url, access, credentials: 'send', maxBytes: 100 })).code).toBe(
      'fetch-tls',
    );
  });
});
