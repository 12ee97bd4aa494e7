import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cli, CHART, vector } from './command-line.ts';

const COMMANDS = [
  ['verify', 'chart'],
  ['verify', 'helm'],
  ['verify', 'oci'],
  ['verify', 'bundle'],
  ['verify', 'application'],
  ['keys', 'list'],
  ['policy', 'lint'],
  ['policy', 'explain'],
  ['digests', 'list'],
  ['digests', 'forget'],
  ['serve'],
];

describe('help', () => {
  test('lists every command, and is an error where nothing was asked', async () => {
    const { status, out } = await cli(['--help']);
    expect(status).toBe(0);
    for (const words of COMMANDS) expect(out).toContain(`  ${words.join(' ')} `);
    expect(await cli([])).toMatchObject({ status: 64, out: '', err: out });
  });

  test.each(COMMANDS)('is there for %s %s', async (...words) => {
    const { status, out } = await cli([...words, '--help']);
    expect(status).toBe(0);
    expect(out.startsWith(`source-integrity ${words.join(' ')}`)).toBe(true);
    if (words[0] !== 'serve') expect(out).toContain('--output table|json');
  });

  test('tells the version', async () => {
    expect((await cli(['--version'])).out).toMatch(/^source-integrity \d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage', () => {
  const chart = ['verify', 'chart', CHART, '--prov', vector('rsa2048.prov'), '--keyring', vector('rsa2048.gpg')];

  test.each([
    [['verify'], 'verify chart, verify helm'],
    [['sign', 'chart'], 'There is no command "sign chart"'],
    [['verify', 'chart'], '<chart.tgz> is missing'],
    [['verify', 'chart', 'a.tgz', 'b.tgz'], '"b.tgz" is one too many'],
    [['keys', 'list', 'ring.gpg'], '"ring.gpg" is one too many'],
    [[...chart, '--colour'], "Unknown option '--colour'."],
    [[...chart, '--output', 'yaml'], '--output takes table or json, and got "yaml"'],
    [[...chart, '--strict-rules', 'some'], '--strict-rules takes on or off'],
    [[...chart, '--now', 'yesterday'], '--now takes a time such as'],
    [[...chart, '--timeout', 'soon'], '--timeout takes a duration'],
    [[...chart, '--timeout'], '--timeout'],
    [['verify', 'helm', '--keyring', 'x'], '--repo is needed'],
    [['policy', 'explain', '--project', 'x', '--repo', 'y'], '--cluster-dir is needed'],
    [['digests', 'forget'], '--repo is needed'],
    [['digests', 'list', '--data-dir', ':memory:'], ':memory:'],
    [['serve', '--cluster-dir', '/nowhere', '--api-listen', 'here'], '--api-listen ("here") is not a host and a port'],
  ])('%j says what is wrong', async (args, reason) => {
    const { status, out, err } = await cli(args);
    expect(status).toBe(64);
    expect(out).toBe('');
    expect(err).toContain(reason);
  });

  test('does not repeat control characters', async () => {
    expect((await cli(['\u001b[2J\u202e'])).err).not.toMatch(/[^\n\P{C}]/u);
  });
});

test('arbitrary arguments never throw, and are never taken for a bug', async () => {
  const word = fc.oneof(
    fc.constantFrom('--keyring', '--keys', '--prov', '--now', '--output', '--timeout', '--repo', '--chart', '--', '-o'),
    fc.constantFrom(
      '--cluster-dir',
      '--project',
      '--data-dir',
      '--version',
      '--password-stdin',
      '-h',
      '--no-keys',
      '=',
    ),
    fc.constantFrom('--key', '--certificate-identity-regexp', '--certificate-oidc-issuer', '--annotations', '--bundle'),
    fc.constantFrom('--digest', '--trusted-root', '--insecure-ignore-tlog', '--plain-http', '127.0.0.1:9/a/b:1', 'a=b'),
    fc.constantFrom(CHART, vector('rsa2048.gpg'), vector('expected.tsv'), '/dev/null', '/', '\0', 'a\0b', '5s', 'json'),
    fc.string({ maxLength: 12, unit: 'binary' }),
  );
  const args = fc
    .tuple(fc.constantFrom(...COMMANDS.filter(([first]) => first !== 'serve'), []), fc.array(word, { maxLength: 8 }))
    .map(([words, rest]) => words.concat(rest));
  await fc.assert(
    fc.asyncProperty(args, async (given) => {
      const { status, err } = await cli(given);
      expect([0, 1, 2, 64]).toContain(status);
      expect(err).not.toContain('This is a bug');
    }),
    { numRuns: 300 },
  );
});
