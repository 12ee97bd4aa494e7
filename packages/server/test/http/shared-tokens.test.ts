import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SharedTokens, type SharedTokensOptions } from '../../src/http/shared-tokens.ts';
import { createLogger } from '../../src/logger.ts';
import { ask, HEADERS, PREVIOUS_TOKEN, startWorld, TOKEN } from '../server/fixture.ts';
import { eventually } from '../eventually.ts';

const NEXT = 'the-token-that-comes-next-0123456789';

function tokenFile(): { readonly file: string; readonly write: (text: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'token');
  return { file, write: (text) => writeFileSync(file, text) };
}

function open(options: Partial<SharedTokensOptions>): SharedTokens {
  const tokens = new SharedTokens({
    tokens: [TOKEN, PREVIOUS_TOKEN],
    file: null,
    logger: createLogger('silent'),
    intervalMs: 2,
    ...options,
  });
  onTestFinished(() => {
    tokens.close();
  });
  return tokens;
}

it('lets the first request in that brings the new token, and the token before for a while', async () => {
  const { file, write } = tokenFile();
  write(TOKEN);
  const world = await startWorld({ config: (config) => ({ ...config, tokenFile: file }) });
  const asked = async (authorization: string): Promise<number> =>
    (await ask(world, '/policy', { headers: { ...HEADERS, authorization } })).status;
  expect(await asked(TOKEN)).toBe(200);
  write(`${NEXT}\n`);
  expect(await asked(NEXT)).toBe(200);
  expect(await asked(TOKEN)).toBe(200);
  expect(await asked(PREVIOUS_TOKEN)).toBe(200);
  expect(await asked('some-other-token-0123456789')).toBe(403);
});

it('ends the token before when its time is over', async () => {
  const { file, write } = tokenFile();
  write(NEXT);
  const tokens = open({ file, graceMs: 0 });
  await eventually(async () => expect(await tokens.accepts(NEXT)).toBe(true));
  expect(await tokens.accepts(TOKEN)).toBe(false);
  expect(await tokens.accepts(PREVIOUS_TOKEN)).toBe(true);
});

it.each([
  ['is away', null, 'cannot be read'],
  ['is empty', '', 'is shorter than 16 characters'],
  ['holds the name that Argo CD sends where the key is missing', '$source-integrity.token', 'begins with "$"'],
])('keeps the token, and says so, where the file %s', async (_, text, wrong) => {
  const { file, write } = tokenFile();
  if (text !== null) write(text);
  const tokens = open({ file });
  await eventually(() => {
    expect(tokens.notes()[0]).toContain(wrong);
  });
  expect(await tokens.accepts(TOKEN)).toBe(true);
  expect(await tokens.accepts(text ?? '')).toBe(false);
  write(NEXT);
  await eventually(async () => expect(await tokens.accepts(NEXT)).toBe(true));
  expect(tokens.notes()).toEqual([]);
});

it('never takes another token where none comes from a file', async () => {
  const tokens = open({});
  expect(await tokens.accepts(TOKEN)).toBe(true);
  expect(await tokens.accepts(NEXT)).toBe(false);
});
