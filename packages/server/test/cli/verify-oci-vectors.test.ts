import { createServer } from 'node:http';
import { Observation } from '@source-integrity/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from './command-line.ts';
import { cosignVector, vectorContent, vectorRows } from './registry.ts';

const FILES = new Set(['--key', '--trusted-root']);

/** cosign's flags as they are, but for where files and the registry are. */
function asGiven(flags: readonly string[], host: string): string[] {
  return flags.map((word, at) =>
    FILES.has(flags[at - 1] ?? '') ? cosignVector(word) : word.replace(/^REGISTRY\//, `${host}/`),
  );
}

describe.each([
  ['the fall-back tag', false],
  ['the referrers API', true],
])('signatures that cosign 3.1.3 made, found by %s', (_, referrersApi) => {
  const server = createServer(vectorContent().listener({ referrersApi }));
  let host = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    host = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  });
  afterAll(() => server.closeAllConnections());
  afterAll(() => server.close());

  test.each(vectorRows())('$name: $ours', async ({ reference, flags, ours }) => {
    const args = ['verify', 'oci', `oci://${host}/${reference}`, ...asGiven(flags, host), '--plain-http'];
    const { status, out, err } = await cli([...args, '--output', 'json']);
    expect(err).toBe('');
    const observation = Observation.parse(JSON.parse(out));
    expect(status === 0).toBe(observation.status === 'verified');
    if (ours === 'OK') expect(status).toBe(0);
    if (ours === 'FAIL') expect([1, 2]).toContain(status);
  });
});

test('the vectors are all there', () => {
  expect(vectorRows()).toHaveLength(107);
});
