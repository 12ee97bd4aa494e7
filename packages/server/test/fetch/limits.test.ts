import { gzipSync } from 'node:zlib';
import { FetchFault } from '@source-integrity/core';
import { describe, expect, it } from 'vitest';
import { accessTo, fetcher, get, httpServer, problemOf, tcpServer, textOf } from './local.ts';

async function faultOf(body: Promise<unknown>): Promise<FetchFault> {
  const error = await body.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof FetchFault) return error;
  throw new Error('the body did not break off', { cause: error });
}

describe('size', () => {
  it('at the limit is fine, one byte more is not', async () => {
    const server = await httpServer((_, response) => {
      response.write('12345');
      response.end('67890');
    });
    const url = `http://charts.example.test:${server.port}/`;
    expect(await textOf(await get(fetcher(), url, { maxBytes: 10 }))).toBe('1234567890');
    const fault = await faultOf(textOf(await get(fetcher(), url, { maxBytes: 9 })));
    expect(fault.problem).toEqual({ code: 'fetch-too-large', params: { url, maxBytes: 9 } });
  });

  it('is refused before the body where the headers say so', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'content-length': '5000000000' });
      response.write('x');
    });
    const outcome = await get(fetcher(), `http://charts.example.test:${server.port}/`, { maxBytes: 1000 });
    expect(problemOf(outcome).code).toBe('fetch-too-large');
  });

  it('is not what a Content-Length says that is too small', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokSMUGGLED'));
    });
    expect(await textOf(await get(fetcher(), `http://charts.example.test:${port}/`, { maxBytes: 2 }))).toBe('ok');
  });

  it('that is smaller than Content-Length says is an answer cut short', async () => {
    const port = await tcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nonly this'));
    });
    const fault = await faultOf(textOf(await get(fetcher(), `http://charts.example.test:${port}/`)));
    expect(fault.problem).toMatchObject({ code: 'fetch-unreachable', params: { cause: 'cut-short' } });
  });

  it('of chunks that never end is counted', async () => {
    const server = await httpServer((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(1000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const outcome = await get(fetcher(), `http://charts.example.test:${server.port}/`, { maxBytes: 20_000 });
    expect((await faultOf(textOf(outcome))).problem.code).toBe('fetch-too-large');
  });

  it('of headers is limited', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'x-large': 'x'.repeat(10_000) }).end();
    });
    const from = fetcher({ limits: { maxHeaderBytes: 4096 } });
    const outcome = problemOf(await get(from, `http://charts.example.test:${server.port}/`));
    expect(outcome).toMatchObject({ code: 'fetch-headers-too-large', params: { maxBytes: 4096 } });
  });
});

describe('encodings', () => {
  it('are refused, so that a small answer stays small', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const outcome = problemOf(await get(fetcher(), `http://charts.example.test:${server.port}/`));
    expect(outcome).toMatchObject({ code: 'fetch-unsupported-encoding', params: { encoding: 'gzip' } });
  });

  it('named identity are none', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'identity' }).end('ok');
    });
    expect(await textOf(await get(fetcher(), `http://charts.example.test:${server.port}/`))).toBe('ok');
  });

  it('in the type alone are not looked into', async () => {
    const archive = gzipSync('chart');
    const server = await httpServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/gzip' }).end(archive);
    });
    const outcome = await get(fetcher(), `http://charts.example.test:${server.port}/c.tgz`);
    if ('problem' in outcome) throw new Error(outcome.problem.code);
    expect(outcome.response.contentType).toBe('application/gzip');
    const chunks: Uint8Array[] = [];
    for await (const chunk of outcome.response.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(archive)).toBe(true);
  });
});

describe('time', () => {
  it('runs out for headers that do not come', async () => {
    const server = await httpServer(() => undefined);
    const from = fetcher({ limits: { headersTimeoutMs: 100 } });
    const outcome = problemOf(await get(from, `http://charts.example.test:${server.port}/`));
    expect(outcome).toMatchObject({ code: 'fetch-timeout', params: { waitedFor: 'headers', limitMs: 100 } });
  });

  it('runs out for a body that stops', async () => {
    const server = await httpServer((_, response) => void response.write('begin'));
    const from = fetcher({ limits: { idleTimeoutMs: 100 } });
    const fault = await faultOf(textOf(await get(from, `http://charts.example.test:${server.port}/`)));
    expect(fault.problem).toMatchObject({ code: 'fetch-timeout', params: { waitedFor: 'body' } });
  });

  it('runs out for a body that drips', async () => {
    const server = await httpServer((_, response) => {
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const from = fetcher({ limits: { totalTimeoutMs: 300 } });
    const fault = await faultOf(textOf(await get(from, `http://charts.example.test:${server.port}/`)));
    expect(fault.problem).toMatchObject({ code: 'fetch-timeout', params: { waitedFor: 'whole answer', limitMs: 300 } });
  });

  it('runs out over many redirects together', async () => {
    const server = await httpServer((request, response) => {
      setTimeout(() => response.writeHead(302, { location: `${request.url}x` }).end(), 100);
    });
    const from = fetcher({ limits: { totalTimeoutMs: 250 } });
    expect(problemOf(await get(from, `http://charts.example.test:${server.port}/`)).code).toBe('fetch-timeout');
  });

  it('runs out for a name that is looked up forever', async () => {
    const from = fetcher({ limits: { connectTimeoutMs: 100 }, resolve: () => new Promise(() => undefined) });
    expect(problemOf(await get(from, 'http://charts.example.test/'))).toMatchObject({
      code: 'fetch-timeout',
      params: { waitedFor: 'connection' },
    });
  });

  it('ends when the caller says so, with the caller’s reason', async () => {
    const server = await httpServer(() => undefined);
    const url = `http://charts.example.test:${server.port}/`;
    const caller = new AbortController();
    const pending = fetcher().fetch({
      url,
      access: accessTo(url),
      credentials: 'send',
      maxBytes: 1,
      signal: caller.signal,
    });
    caller.abort(new Error('the budget is spent'));
    await expect(pending).rejects.toThrow('the budget is spent');
  });

  it('of an answer that nobody reads ends without a crash', async () => {
    const server = await httpServer((_, response) => void response.write('begin'));
    const from = fetcher({ limits: { totalTimeoutMs: 50 } });
    await get(from, `http://charts.example.test:${server.port}/`);
    await new Promise((resolve) => {
      setTimeout(resolve, 120);
    });
  });

  it('is not needed any more when the fetcher closes', async () => {
    const server = await httpServer(() => undefined);
    const from = fetcher();
    const pending = get(from, `http://charts.example.test:${server.port}/`);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    await Promise.all([from.close(), expect(pending).rejects.toThrow('shutting down')]);
  });
});

describe('failures', () => {
  it('of any status are answers, their bodies left unread', async () => {
    const server = await httpServer((request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end('x'.repeat(100_000));
    });
    for (const status of [401, 403, 404, 429, 500, 503]) {
      const outcome = await get(fetcher(), `http://charts.example.test:${server.port}/${status}`, { maxBytes: 10 });
      expect(outcome).toMatchObject({ response: { status } });
      expect(await textOf(outcome)).toBe('');
    }
  });

  it('to connect are told', async () => {
    const port = await tcpServer(() => undefined);
    const closed = port === 65_535 ? port - 1 : 1;
    expect(problemOf(await get(fetcher(), `http://charts.example.test:${closed}/`))).toMatchObject({
      code: 'fetch-unreachable',
      params: { cause: 'refused' },
    });
  });

  it('by a reset are tried once more', async () => {
    let connections = 0;
    const port = await tcpServer((socket) => {
      connections += 1;
      if (connections === 1) socket.once('data', () => socket.resetAndDestroy());
      else socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    expect(await textOf(await get(fetcher(), `http://charts.example.test:${port}/`))).toBe('ok');
    expect(connections).toBe(2);
  });

  it('by two resets are told', async () => {
    let connections = 0;
    const port = await tcpServer((socket) => {
      connections += 1;
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect(problemOf(await get(fetcher(), `http://charts.example.test:${port}/`))).toMatchObject({
      code: 'fetch-unreachable',
      params: { cause: 'reset' },
    });
    expect(connections).toBe(2);
  });

  it.each([
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  ])('to speak HTTP are told (%j)', async (answer) => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.end(answer)));
    expect(problemOf(await get(fetcher(), `http://charts.example.test:${port}/`)).code).toBe('fetch-malformed-answer');
  });

  it('are counted, each once', async () => {
    const outcomes: string[] = [];
    const server = await httpServer((request, response) => {
      response.writeHead(request.url === '/ok' ? 200 : 404).end('body');
    });
    const from = fetcher({ onFinished: (outcome) => outcomes.push(outcome) });
    const base = `http://charts.example.test:${server.port}`;
    await textOf(await get(from, `${base}/ok`));
    await textOf(await get(from, `${base}/missing`));
    await faultOf(textOf(await get(from, `${base}/ok`, { maxBytes: 1 }))).catch(() => undefined);
    await get(from, 'ftp://charts.example.test/');
    expect(outcomes).toEqual(['2xx', '4xx', 'fetch-too-large', 'fetch-url-refused']);
  });
});
