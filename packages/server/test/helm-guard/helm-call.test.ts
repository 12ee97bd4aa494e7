import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHelmCall } from '../../src/helm-guard/helm-call.ts';
import { CALLS } from './calls.ts';

function argumentsOf(text: string): string[] {
  return text === '' ? [] : text.split(' ').map((word) => filled(word).replaceAll('␣', ' '));
}

function filled(text: string): string {
  return text.replace('{repo}', 'https://charts.example.com').replace('{registry}', 'registry.example.com');
}

describe('a call of helm', () => {
  test.each(CALLS)('helm $args is $read', ({ args, read, pull, destination }) => {
    const call = readHelmCall(argumentsOf(args));
    expect(call.kind).toBe(read);
    if (call.kind !== 'pull') return;
    expect([call.pull.repository, call.pull.chart, call.pull.version]).toEqual(pull?.map(filled));
    expect(call.destination).toBe(destination);
  });

  test('a chart that is named like a flag is its value or an unknown flag, never nothing', () => {
    const call = readHelmCall(['pull', '--repo', 'https://charts.example.com', '--version', '1.0.0', '--untar']);
    expect(call.kind).toBe('unguarded');
    const named = readHelmCall(['pull', '--repo', 'https://charts.example.com', '--version', '--untar', 'demo']);
    expect(named).toMatchObject({ kind: 'pull', pull: { version: '--untar', chart: 'demo' } });
  });

  test('passing credentials on is told, since it changes what is served', () => {
    const args = 'pull demo --repo https://charts.example.com --version 1.0.0 --pass-credentials'.split(' ');
    expect(readHelmCall(args)).toMatchObject({ kind: 'pull', pull: { passCredentials: true } });
    expect(readHelmCall([...args, '--pass-credentials=false'])).toMatchObject({ pull: { passCredentials: false } });
  });

  test('a password in a URL is not told, but that there was one is', () => {
    const read = readHelmCall(['pull', '--repo', 'https://u:p@ss@charts.example.com/x', '--version', '1.0.0', 'demo']);
    expect(read).toMatchObject({ kind: 'pull', pull: { repository: 'https://redacted@charts.example.com/x' } });
    expect(readHelmCall(['pull', 'oci://u:secret@registry.example.com/demo', '--version', '1.0.0']).kind).toBe(
      'unguarded',
    );
  });

  test('whatever the arguments, a pull is read as one with a chart and a version, or not at all', () => {
    const word = fc.oneof(
      fc.constantFrom('--repo', 'https://x.example', '--version', '1.0.0', 'demo', '--untar', '-d', 'out', '--', '-h'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (rest) => {
        const call = readHelmCall(['pull', ...rest]);
        if (call.kind !== 'pull') return;
        const { repository, chart, version } = call.pull;
        for (const part of [repository, chart, version]) {
          expect(part).not.toBe('');
          expect(rest.some((each) => each.includes(part))).toBe(true);
        }
      }),
    );
  });
});
