import { describe, expect, it } from 'vitest';
import { fetcher, get, httpServer, problemOf, textOf } from './local.ts';

const credentials = { username: 'robot', password: 's3cret' };
const basic = `Basic ${Buffer.from('robot:s3cret').toString('base64')}`;

describe('credentials', () => {
  it('go to the repository without being asked for', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    await textOf(await get(fetcher(), `http://charts.example.test:${server.port}/index.yaml`, credentials));
    expect(server.requests[0]?.headers.authorization).toBe(basic);
  });

  it('stay here when they are to be withheld', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    const url = `http://charts.example.test:${server.port}/index.yaml`;
    await textOf(await get(fetcher(), url, { ...credentials, withhold: true }));
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('follow a redirect within the origin', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else response.end('ok');
    });
    await textOf(await get(fetcher(), `http://charts.example.test:${server.port}/a`, credentials));
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
  });

  it.each([
    ['a look-alike host', 'charts.example.test.evil.test'],
    ['a subdomain', 'files.charts.example.test'],
    ['another host', 'files.example.test'],
    ['another port of the same host', 'charts.example.test'],
  ])('do not follow a redirect to %s', async (_, host) => {
    const other = await httpServer((_request, response) => response.end('elsewhere'));
    const server = await httpServer((_request, response) => {
      response.writeHead(307, { location: `http://${host}:${other.port}/chart.tgz` }).end();
    });
    const outcome = await get(fetcher(), `http://charts.example.test:${server.port}/chart.tgz`, credentials);
    expect(await textOf(outcome)).toBe('elsewhere');
    expect(server.requests[0]?.headers.authorization).toBe(basic);
    expect(other.requests).toHaveLength(1);
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    expect(other.requests[0]?.rawHeaders.join('\n')).not.toContain('s3cret');
  });

  it('are gone for good once a redirect left the origin', async () => {
    const other = await httpServer((_, response) => {
      response.writeHead(302, { location: `http://charts.example.test:${server.port}/back` }).end();
    });
    const server = await httpServer((request, response) => {
      if (request.url === '/back') response.end('ok');
      else response.writeHead(302, { location: `http://files.example.test:${other.port}/` }).end();
    });
    await textOf(await get(fetcher(), `http://charts.example.test:${server.port}/a`, credentials));
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([basic, undefined]);
  });

  it('sends nothing that names the machine or asks for compression', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    await textOf(await get(fetcher(), `http://charts.example.test:${server.port}/`));
    const { host: _host, connection: _connection, ...headers } = server.requests[0]?.headers ?? {};
    expect(headers).toEqual({ 'user-agent': 'source-integrity', accept: '*/*', 'accept-encoding': 'identity' });
  });
});

describe('redirects', () => {
  it('are followed five times, not six', async () => {
    const server = await httpServer((request, response) => {
      const left = Number(/\d/.exec(request.url ?? '')?.[0]);
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: `/${left - 1}` }).end('not this');
    });
    const base = `http://charts.example.test:${server.port}`;
    expect(await textOf(await get(fetcher(), `${base}/5`))).toBe('there');
    const outcome = problemOf(await get(fetcher(), `${base}/6?token=abc`));
    expect(outcome).toEqual({
      code: 'fetch-too-many-redirects',
      params: { url: `${base}/6?token=…`, maxRedirects: 5 },
    });
  });

  it('that lead back are a loop', async () => {
    const server = await httpServer((request, response) => {
      response.writeHead(301, { location: request.url === '/a' ? '/b#x' : '/a#y' }).end();
    });
    const outcome = problemOf(await get(fetcher(), `http://charts.example.test:${server.port}/a`));
    expect(outcome.code).toBe('fetch-redirect-loop');
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    ['http://169.254.169.254/latest/', 'fetch-forbidden-address'],
    ['http://[::ffff:a9fe:a9fe]/', 'fetch-forbidden-address'],
    ['file:///etc/passwd', 'fetch-url-refused'],
    ['http://user:pw@files.example.test/', 'fetch-url-refused'],
    ['http://[broken', 'fetch-malformed-answer'],
  ])('to %s are refused', async (location, code) => {
    const server = await httpServer((_, response) => {
      response.writeHead(302, { location }).end();
    });
    expect(problemOf(await get(fetcher(), `http://charts.example.test:${server.port}/a`)).code).toBe(code);
  });

  it('to a host that is not allowed are refused', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(302, { location: 'http://files.example.test/' }).end();
    });
    const from = fetcher({ destinations: { privateAddresses: 'allow', allowedHosts: ['charts.example.test'] } });
    expect(problemOf(await get(from, `http://charts.example.test:${server.port}/a`)).code).toBe('fetch-forbidden-host');
  });

  it('without a location are no answer', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(302).end();
    });
    expect(problemOf(await get(fetcher(), `http://charts.example.test:${server.port}/a`)).code).toBe(
      'fetch-malformed-answer',
    );
  });

  it('say in the answer where they ended', async () => {
    const server = await httpServer((request, response) => {
      if (request.url === '/a') response.writeHead(308, { location: 'b?c=d' }).end();
      else response.end('ok');
    });
    const outcome = await get(fetcher(), `http://charts.example.test:${server.port}/a`);
    expect(outcome).toMatchObject({
      response: { url: `http://charts.example.test:${server.port}/b?c=d`, status: 200 },
    });
  });
});
