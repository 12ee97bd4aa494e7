import { describe, expect, it } from 'vitest';
import { accessTo, fetcher, httpServer, problemOf, textOf } from './local.ts';

const withCredentials = { username: 'robot', password: 's3cret' };

describe('headers of a request', () => {
  it('are sent, and authorization takes the place of the password', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    const url = `http://registry.example.test:${server.port}/v2/`;
    await textOf(
      await fetcher().fetch({
        url,
        access: accessTo(url, withCredentials),
        credentials: 'send',
        headers: { accept: 'application/json', authorization: 'Bearer abc' },
        maxBytes: 100,
      }),
    );
    expect(server.requests[0]?.headers).toMatchObject({ accept: 'application/json', authorization: 'Bearer abc' });
  });

  it('never take a bearer token to another origin, nor back from there', async () => {
    const other = await httpServer((_, response) => {
      response.writeHead(307, { location: `http://registry.example.test:${server.port}/back` }).end();
    });
    const server = await httpServer((request, response) => {
      if (request.url === '/back') response.end('ok');
      else if (request.url === '/blob') response.writeHead(307, { location: '/moved' }).end();
      else response.writeHead(307, { location: `http://storage.example.test:${other.port}/x` }).end();
    });
    const url = `http://registry.example.test:${server.port}/blob`;
    const access = accessTo(url, withCredentials);
    const headers = { authorization: 'Bearer abc', accept: 'text/plain' };
    await textOf(await fetcher().fetch({ url, access, credentials: 'certificate', headers, maxBytes: 100 }));
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([
      'Bearer abc',
      'Bearer abc',
      undefined,
    ]);
    expect(other.requests[0]?.headers).toMatchObject({ accept: 'text/plain' });
    expect(other.requests[0]?.rawHeaders.join('\n')).not.toMatch(/abc|s3cret/);
  });

  it('leave the password at home where only the certificate is to be shown', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    const url = `http://registry.example.test:${server.port}/v2/`;
    const access = accessTo(url, withCredentials);
    await textOf(await fetcher().fetch({ url, access, credentials: 'certificate', maxBytes: 100 }));
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('that no header can hold are refused', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    const url = `http://registry.example.test:${server.port}/v2/`;
    const headers = { authorization: 'Bearer a\r\nx-evil: 1' };
    const asked = fetcher().fetch({ url, access: accessTo(url), credentials: 'certificate', headers, maxBytes: 100 });
    await asked.then(problemOf, () => undefined);
    expect(server.requests).toHaveLength(0);
  });
});

describe('headers of an answer', () => {
  it('are there for whoever asks a registry, of any status, and no others', async () => {
    const server = await httpServer((_, response) => {
      response
        .writeHead(401, {
          'www-authenticate': ['Basic realm="a"', 'Bearer realm="https://b.test"'],
          link: '</v2/x/tags/list?last=9>; rel="next"',
          'retry-after': '7',
          'docker-content-digest': 'sha256:00',
          'set-cookie': 'a=b',
        })
        .end();
    });
    const url = `http://registry.example.test:${server.port}/v2/`;
    const outcome = await fetcher().fetch({ url, access: accessTo(url), credentials: 'certificate', maxBytes: 100 });
    if ('problem' in outcome) throw new Error(outcome.problem.code);
    expect([...(outcome.response.headers ?? [])]).toEqual([
      ['docker-content-digest', 'sha256:00'],
      ['link', '</v2/x/tags/list?last=9>; rel="next"'],
      ['retry-after', '7'],
      ['www-authenticate', 'Basic realm="a", Bearer realm="https://b.test"'],
    ]);
  });
});
