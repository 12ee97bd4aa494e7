import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer, request as httpRequest } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { proxyFor } from '../../src/fetch/proxy.ts';
import { accessTo, fetcher, get, httpServer, httpsServer, listen, problemOf, textOf } from './local.ts';

const pem = (name: string): string => readFileSync(new URL(`certificates/${name}`, import.meta.url), 'utf8');

function usesProxy(url: string, noProxy: string): boolean {
  const way = proxyFor(new URL(url), accessTo(url, { proxy: 'http://proxy.test:3128', noProxy }));
  return 'proxy' in way && way.proxy !== null;
}

describe('noProxy', () => {
  it.each([
    ['https://charts.example.com/', ''],
    ['https://charts.example.com/', 'other.example.com'],
    ['https://example.com/', '.example.com'],
    ['https://notexample.com/', 'example.com'],
    ['https://charts.example.com/', 'charts.example.com:8443'],
    ['http://10.1.2.3/', '10.2.0.0/16'],
    ['http://10.1.2.3/', '10.1.2.3:8080'],
    ['http://10.1.2.3/', '2.3'],
  ])('lets %s go through the proxy though it says "%s"', (url, noProxy) => expect(usesProxy(url, noProxy)).toBe(true));

  it.each([
    ['https://charts.example.com/', '*'],
    ['https://charts.example.com/', 'example.com'],
    ['https://charts.example.com/', ' a.test, EXAMPLE.com '],
    ['https://charts.example.com/', '.example.com'],
    ['https://charts.example.com/', '*.example.com'],
    ['https://charts.example.com/', 'charts.example.com:443'],
    ['http://charts.example.com:8080/', 'charts.example.com:8080'],
    ['http://10.1.2.3/', '10.0.0.0/8'],
    ['http://10.1.2.3/', '10.1.2.3:80'],
    ['http://[fd12::1]/', 'fd12::/16'],
    ['http://[fd12::1]:81/', '[fd12::1]:81'],
    ['http://localhost:8080/', ''],
    ['http://127.0.0.1:8080/', ''],
    ['http://[::1]/', ''],
  ])('sends %s directly where it says "%s"', (url, noProxy) => expect(usesProxy(url, noProxy)).toBe(false));
});

interface Proxy {
  readonly url: string;
  readonly asked: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
}

/** A proxy that finds every name on loopback. */
async function proxy(): Promise<Proxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    authorizations.push(incoming.headers['proxy-authorization']);
    const target = new URL(incoming.url ?? '');
    httpRequest(
      { host: '127.0.0.1', port: target.port, path: target.pathname, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    ).end();
  });
  server.on('connect', (incoming, socket, head) => {
    asked.push(`CONNECT ${incoming.url}`);
    authorizations.push(incoming.headers['proxy-authorization']);
    if (incoming.url?.startsWith('forbidden.') === true) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onward = connect(Number(incoming.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    return undefined;
  });
  return { url: `http://proxy.test:${await listen(server)}`, asked, authorizations };
}

const linkLocal = () => Promise.resolve([{ address: '169.254.1.1', family: 4 }]);

describe('a proxy', () => {
  it('is asked for http, with its own credentials', async () => {
    const { url, asked, authorizations } = await proxy();
    const server = await httpServer((_, response) => response.end('ok'));
    const target = `http://charts.example.com:${server.port}/index.yaml`;
    const settings = { proxy: url.replace('http://', 'http://user:pw@'), username: 'robot', password: 's3cret' };
    expect(await textOf(await get(fetcher(), target, settings))).toBe('ok');
    expect(asked).toEqual([`GET ${target}`]);
    expect(authorizations).toEqual([`Basic ${Buffer.from('user:pw').toString('base64')}`]);
    expect(server.requests[0]?.headers.host).toBe(`charts.example.com:${server.port}`);
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('robot:s3cret').toString('base64')}`);
  });

  it('is tunnelled through for https, and sees nothing of it', async () => {
    const { url, asked } = await proxy();
    const server = await httpsServer({ cert: pem('server.pem'), key: pem('server.key') }, (_, response) =>
      response.end('ok'),
    );
    const tls = { ca: pem('authority.pem'), clientCert: null, clientKey: null, insecure: false };
    const settings = { proxy: url, tls };
    expect(await textOf(await get(fetcher(), `https://charts.example.test:${server.port}/`, settings))).toBe('ok');
    expect(asked).toEqual([`CONNECT charts.example.test:${server.port}`]);
    const other = { ...settings, tls: { ...tls, ca: pem('other-authority.pem') } };
    const outcome = problemOf(await get(fetcher(), `https://charts.example.test:${server.port}/`, other));
    expect(outcome.code).toBe('fetch-tls');
  });

  it('is not asked for a literal address that is never asked', async () => {
    const { url, asked } = await proxy();
    for (const target of ['http://169.254.169.254/', 'https://[fe80::1]/', 'http://metadata.google.internal/']) {
      expect(problemOf(await get(fetcher(), target, { proxy: url })).code).toBe('fetch-forbidden-address');
    }
    expect(asked).toEqual([]);
  });

  it.each(['http://169.254.169.254:3128', 'http://linklocal.test:3128'])('is not used at %s', async (at) => {
    const outcome = problemOf(await get(fetcher({ resolve: linkLocal }), 'http://charts.example.com/', { proxy: at }));
    expect(outcome.code).toBe('fetch-forbidden-address');
  });

  it('that refuses, is down or cannot be one is named, without its password', async () => {
    const { url } = await proxy();
    for (const [at, target] of [
      [url, 'https://forbidden.example.com/'],
      ['http://user:hunter2@proxy.test:1', 'http://charts.example.com/'],
      ['http://user:hunter2@proxy.test:1', 'https://charts.example.com/'],
      ['socks5://user:hunter2@proxy.test:1', 'http://charts.example.com/'],
    ] as const) {
      const outcome = problemOf(await get(fetcher(), target, { proxy: at }));
      expect(outcome.code).toBe('fetch-proxy');
      expect(JSON.stringify(outcome)).not.toContain('hunter2');
    }
  });

  it('that wants credentials is named', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(407).end();
    });
    const settings = { proxy: `http://proxy.test:${server.port}` };
    expect(problemOf(await get(fetcher(), 'http://charts.example.com/', settings)).code).toBe('fetch-proxy');
  });

  it('of the environment is not used', async () => {
    const before = process.env['HTTP_PROXY'];
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:1';
    onTestFinished(() => {
      if (before === undefined) delete process.env['HTTP_PROXY'];
      else process.env['HTTP_PROXY'] = before;
    });
    const server = await httpServer((_, response) => response.end('ok'));
    expect(await textOf(await get(fetcher(), `http://charts.example.test:${server.port}/`))).toBe('ok');
  });
});
