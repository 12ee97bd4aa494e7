import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDestination } from '../../src/fetch/destination.ts';
import { printableUrl } from '../../src/fetch/printable-url.ts';
import { fetcher, get, httpServer, problemOf, textOf } from './local.ts';

const anywhere = { privateAddresses: 'allow', allowedHosts: [] } as const;
const publicOnly = { privateAddresses: 'deny', allowedHosts: [] } as const;

function codeOf(url: string, rules: Parameters<typeof checkDestination>[1] = anywhere): string {
  const checked = checkDestination(url, rules);
  return 'problem' in checked ? checked.problem.code : 'ok';
}

describe('checkDestination', () => {
  it.each(['https://charts.example.com/index.yaml', 'http://charts.example.com:8080/a?b=c', 'http://10.0.0.1/'])(
    'passes %s',
    (url) => expect(codeOf(url)).toBe('ok'),
  );

  it.each([
    'ftp://a.example/',
    'file:///etc/passwd',
    'oci://ghcr.io/x',
    'data:text/plain,x',
    'charts.example.com',
    '',
    'http://',
  ])('refuses "%s" as no http URL', (url) => expect(codeOf(url)).toBe('fetch-url-refused'));

  it('refuses user info, and does not repeat it', () => {
    const checked = checkDestination('https://user:hunter2@charts.example.com/', anywhere);
    expect(JSON.stringify(checked)).toContain('carries a user name');
    expect(JSON.stringify(checked)).not.toMatch(/hunter2|user:/);
  });

  it('refuses an endless URL', () => expect(codeOf(`https://a.example/${'a'.repeat(9000)}`)).toBe('fetch-url-refused'));

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://0xa9.254.0251.254/',
    'http://169.254.43518/',
    'http://169.254.169.254./',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fe80::1]/',
    'http://１６９.254.169.254/',
    'http://0/',
    'http://[::]/',
    'http://metadata.google.internal/computeMetadata/v1/',
    'http://METADATA.google.internal./',
  ])('refuses %s though private addresses are allowed', (url) => expect(codeOf(url)).toBe('fetch-forbidden-address'));

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'http://10.1/',
    'http://[fd12::1]/',
  ])('refuses %s where private addresses are denied, and only there', (url) => {
    expect(codeOf(url, publicOnly)).toBe('fetch-forbidden-address');
    expect(codeOf(url, anywhere)).toBe('ok');
  });

  it('knows allowed hosts by their whole name, or below a wildcard', () => {
    const rules = { ...anywhere, allowedHosts: ['charts.example.com', '*.acme.example'] };
    expect(codeOf('https://charts.example.com/x', rules)).toBe('ok');
    expect(codeOf('https://CHARTS.example.com./x', rules)).toBe('ok');
    expect(codeOf('https://eu.acme.example/x', rules)).toBe('ok');
    expect(codeOf('https://charts.example.com.evil.test/x', rules)).toBe('fetch-forbidden-host');
    expect(codeOf('https://xcharts.example.com/x', rules)).toBe('fetch-forbidden-host');
    expect(codeOf('https://acme.example/x', rules)).toBe('fetch-forbidden-host');
    expect(codeOf('https://evilacme.example/x', rules)).toBe('fetch-forbidden-host');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `http://${text}`),
        ),
        (url) => void codeOf(url),
      ),
    );
  });
});

describe('printableUrl', () => {
  it('leaves out user info, query values and the fragment', () => {
    expect(printableUrl('https://u:p@a.example/c.tgz?X-Sig=abc&t=1#f')).toBe('https://a.example/c.tgz?X-Sig=…&t=…');
  });
  it('does so too for what is not a URL', () => {
    expect(printableUrl('http://user:hunter2@a b/?secret=1')).toBe('http://a b/');
  });
  it('is short', () => expect(printableUrl(`https://a.example/${'a'.repeat(5000)}`).length).toBeLessThanOrEqual(300));
});

const toOneGoodAndOneBad = () =>
  Promise.resolve([
    { address: '127.0.0.1', family: 4 },
    { address: '169.254.169.254', family: 4 },
  ]);

describe('a name that resolves', () => {
  it('to a forbidden address is refused, even if others are fine', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    const refused = problemOf(
      await get(fetcher({ resolve: toOneGoodAndOneBad }), `http://charts.example.test:${server.port}/`),
    );
    expect(refused.code).toBe('fetch-forbidden-address');
    expect(refused.params).toMatchObject({
      host: 'charts.example.test',
      address: '169.254.169.254',
      range: 'link-local',
    });
    expect(server.requests).toHaveLength(0);
  });

  it('to loopback is refused where private addresses are denied, and asked where they are allowed', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    const url = `http://charts.example.test:${server.port}/`;
    const denied = await get(fetcher({ destinations: publicOnly }), url);
    expect(problemOf(denied).code).toBe('fetch-forbidden-address');
    expect(server.requests).toHaveLength(0);
    expect(await textOf(await get(fetcher(), url))).toBe('ok');
  });

  it('is looked up once a connection, and only what was checked is connected to', async () => {
    const server = await httpServer((_, response) => response.end('ok'));
    let lookups = 0;
    const rebinding = () => {
      lookups += 1;
      return Promise.resolve([{ address: lookups === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]);
    };
    const from = fetcher({ resolve: rebinding });
    const url = `http://charts.example.test:${server.port}/`;
    expect(await textOf(await get(from, url))).toBe('ok');
    expect(lookups).toBe(1);
    const other = problemOf(await get(from, url, { identity: 'another' }));
    expect(other.code).toBe('fetch-forbidden-address');
  });

  it('to nothing is unreachable by DNS', async () => {
    const outcome = problemOf(await get(fetcher(), 'http://nowhere.invalid/index.yaml'));
    expect(outcome).toMatchObject({
      code: 'fetch-unreachable',
      params: { cause: 'dns', url: 'http://nowhere.invalid/index.yaml' },
    });
  });
});
