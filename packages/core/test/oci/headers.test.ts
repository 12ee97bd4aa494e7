import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenge } from '../../src/oci/challenge.ts';
import { nextPage } from '../../src/oci/link.ts';

describe('a challenge', () => {
  it.each([
    ['Bearer realm="https://a/t",service="s",scope="repository:x:pull"', 'https://a/t', 's', ['repository:x:pull']],
    ['bearer REALM=https, Service=s', 'https', 's', []],
    ['Bearer realm="https://a/t" , scope="a b  c"', 'https://a/t', '', ['a', 'b', 'c']],
    [String.raw`Bearer realm="https://a/\"t\""`, 'https://a/"t"', '', []],
    ['Basic realm="x", Bearer realm="https://a/t",service="s"', 'https://a/t', 's', []],
    ['Bearer realm="https://a/1",realm="https://a/2"', 'https://a/1', '', []],
    ['Negotiate, Bearer realm="https://a/t"', 'https://a/t', '', []],
  ])('%s leads to a token server', (header, realm, service, scopes) => {
    expect(parseChallenge(header)).toEqual({ scheme: 'bearer', realm, service, scopes });
  });

  it.each(['Basic realm="x"', 'basic', 'Bearer service="s", Basic realm="x"', 'Basic realm="x, Bearer realm="'])(
    '%s asks for a password',
    (header) => {
      expect(parseChallenge(header)).toEqual({ scheme: 'basic' });
    },
  );

  it.each(['', 'Negotiate', 'Bearer', 'Bearer realm=""', 'realm="https://a"', '=', ',,,', `Basic ${'x'.repeat(9000)}`])(
    '%s cannot be answered',
    (header) => {
      expect(parseChallenge(header)).toBeNull();
    },
  );

  it('of any text is an answer, soon', () => {
    const piece = fc.oneof(
      fc.constantFrom('Bearer ', 'Basic ', 'realm=', '"', '\\', ',', ' ', '=', 'scope="', '\t'),
      fc.string({ maxLength: 10 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const challenge = parseChallenge(pieces.join(''));
        expect(challenge === null || challenge.scheme === 'basic' || challenge.realm !== '').toBe(true);
      }),
    );
    const started = performance.now();
    parseChallenge(`Bearer realm="${'\\a'.repeat(4000)}`);
    parseChallenge(`Bearer ${','.repeat(8000)}`);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('the next page', () => {
  const current = new URL('https://r.example.com/v2/x/tags/list?n=100');

  it.each([
    ['</v2/x/tags/list?last=9&n=100>; rel="next"', 'https://r.example.com/v2/x/tags/list?last=9&n=100'],
    ['<list?last=9>; rel=next', 'https://r.example.com/v2/x/tags/list?last=9'],
    ['<?last=9>; title="a,b"; rel="next"', 'https://r.example.com/v2/x/tags/list?last=9'],
    ['</a>; rel="prev", <?last=9>; REL = "next"', 'https://r.example.com/v2/x/tags/list?last=9'],
    ['<https://r.example.com/v2/x/tags/list?last=9#x>; rel="next"', 'https://r.example.com/v2/x/tags/list?last=9'],
  ])('is found by %s', (header, url) => {
    expect(nextPage(header, current)).toEqual(new URL(url));
  });

  it.each([null, '', '</v2/x/tags/list?last=9>; rel="prev"', 'nonsense', '</v2/x/tags/list?last=9>; title="rel=next"'])(
    'is not there by %s',
    (header) => {
      expect(nextPage(header, current)).toBeNull();
    },
  );

  it.each([
    '<https://evil.example.com/v2/x/tags/list>; rel="next"',
    '<http://r.example.com/v2/x/tags/list>; rel="next"',
    '<//evil.example.com/v2/x/tags/list>; rel="next"',
    '</v2/other/tags/list>; rel="next"',
    '</v2/x/tags/list/../../../../admin>; rel="next"',
    '<https://a:b@r.example.com/v2/x/tags/list?last=1>; rel="next"',
    '<?n=100>; rel="next"',
    '<http://[>; rel="next"',
    `<?${'x'.repeat(9000)}>; rel="next"`,
  ])('is nowhere else: %s', (header) => {
    expect(nextPage(header, current)).toBe('elsewhere');
  });

  it('of any header is on the registry or nowhere, soon', () => {
    const piece = fc.oneof(
      fc.constantFrom('<', '>', ';', ',', ' rel="next"', 'rel=next', '"', '/v2/x/tags/list?a', 'https://'),
      fc.string({ maxLength: 10 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const next = nextPage(pieces.join(''), current);
        if (next instanceof URL) expect(next.href).toMatch(/^https:\/\/r\.example\.com\/v2\/x\/tags\/list/);
      }),
    );
    const started = performance.now();
    for (const text of ['<>'.repeat(4000), `<a>${'<a>'.repeat(2600)}"`, '<'.repeat(8000)]) nextPage(text, current);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
