import { describe, expect, test } from 'vitest';
import { type ConfigResult, loadConfig } from '../../src/config/config.ts';
import { SEED } from '../../src/trust-root/seed.ts';

const ROOT = JSON.stringify({ signed: { _type: 'root', version: 1 }, signatures: [] });
const FILES: Readonly<Record<string, string>> = {
  '/root.json': ROOT,
  '/else.json': '{"signed": {"_type": "targets"}}',
};
const files = {
  read(path: string): string {
    const text = FILES[path];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  },
  isFolder: () => true,
};

function load(flags: Readonly<Record<string, string>>): ConfigResult {
  return loadConfig(
    { 'cluster-dir': '/cluster', ...flags },
    { SOURCE_INTEGRITY_TOKEN: 'a-token-of-some-length' },
    files,
  );
}

describe('settings of TUF', () => {
  test.each<[string, Record<string, string>, object | null]>([
    ['the public-good mirror, unless said otherwise', {}, { mirror: SEED?.mirror, anchor: null }],
    ['nobody', { tuf: 'off' }, null],
    [
      'a mirror with its root',
      { 'tuf-mirror': 'https://tuf.example.com/sigstore/', 'tuf-root': '/root.json' },
      { mirror: 'https://tuf.example.com/sigstore', anchor: Buffer.from(ROOT) },
    ],
    [
      'the public-good mirror by a pinned root',
      { 'tuf-root': '/root.json' },
      { mirror: SEED?.mirror, anchor: Buffer.from(ROOT) },
    ],
  ])('ask %s', (_, flags, tuf) => {
    expect(load(flags)).toMatchObject({ config: { tuf } });
  });

  test.each<[string, Record<string, string>, string]>([
    ['a mirror of which nobody knows the root', { 'tuf-mirror': 'https://tuf.example.com' }, '--tuf-mirror'],
    ['a root that is not there', { 'tuf-root': '/none.json' }, '--tuf-root'],
    ['a root that is none', { 'tuf-root': '/else.json' }, '--tuf-root'],
    ['a mirror that is no URL', { 'tuf-mirror': 'tuf.example.com', 'tuf-root': '/root.json' }, '--tuf-mirror'],
    ['credentials', { 'tuf-mirror': 'https://a:b@tuf.example.com', 'tuf-root': '/root.json' }, '--tuf-mirror'],
    ['a query', { 'tuf-mirror': 'https://tuf.example.com?x=1', 'tuf-root': '/root.json' }, '--tuf-mirror'],
    ['anything but on and off', { tuf: 'maybe' }, '--tuf'],
  ])('are not %s', (_, flags, setting) => {
    expect(load(flags)).toMatchObject({ faults: [{ setting }] });
  });
});
