import type { Case, Expected } from '../case.ts';
import { change, type Crafting, type Json } from '../crafting.ts';
import { KEY_KINDS } from '../keys.ts';

/** `cosign verify-blob` against `verify bundle`. */
export function fileCases(craft: Crafting): Case[] {
  const { world } = craft;
  const content = Buffer.from('what was signed\n');
  const file = world.file('signed.txt', content);
  const otherFile = world.file('other.txt', 'something else\n');
  let count = 0;
  const of = (
    name: string,
    bundle: Json,
    flags: readonly string[],
    expected: Expected,
    extra: Partial<Pick<Case, 'row' | 'cosignFlags'>> & { readonly of?: string } = {},
  ): Case => {
    count += 1;
    const path = world.file(`bundle-${count}.json`, bundle);
    const { of: signed = file, ...about } = extra;
    return { class: 'files', name, expected, flags, subject: { kind: 'file', file: signed, bundle: path }, ...about };
  };
  const edited = (bundle: Json, path: readonly (string | number)[], value: unknown): Json => {
    change(bundle, path, value);
    return bundle;
  };
  const key = world.key('P-256');
  const flags = craft.trusting(key);
  const good = (): Json => world.crafted.fileBundle(content, { by: key, log: 'none' });
  const certified = world.crafted.leaf();
  const digest = ['messageSignature', 'messageDigest', 'digest'];
  return [
    ...KEY_KINDS.flatMap((kind) => {
      const by = world.key(kind);
      const row = kind === 'Ed25519' ? ({ row: 'Ed25519 over a file' } as const) : {};
      const bundle = world.crafted.fileBundle(content, { by, log: 'none', digest: by.digest });
      const trusted = ['--key', by.path, '--insecure-ignore-tlog'];
      return [
        of(kind, bundle, trusted, 'any', row),
        of(`${kind}, another file`, bundle, trusted, 'both reject', { ...row, of: otherFile }),
        of(`${kind}, another key`, bundle, craft.trusting(world.stranger), 'both reject', row),
      ];
    }),
    of('plain', good(), flags, 'both accept'),
    of(
      'another digest beside it',
      edited(good(), digest, Buffer.alloc(32, 1).toString('base64')),
      flags,
      'both reject',
      { row: 'digest of another message' },
    ),
    of('no digest beside it', edited(good(), ['messageSignature', 'messageDigest'], undefined), flags, 'any', {
      row: 'digest of another message',
    }),
    of(
      'another signature',
      edited(good(), ['messageSignature', 'signature'], Buffer.alloc(70, 1).toString('base64')),
      flags,
      'both reject',
    ),
    ...(['v1', 'v2'] as const).flatMap((log) => [
      of(`key, ${log}`, world.crafted.fileBundle(content, { by: key, log }), craft.trustingLogged(key), 'both accept'),
      of(
        `keyless, ${log}`,
        world.crafted.fileBundle(content, { by: certified, log, timestamp: true }),
        craft.trustingPerson(),
        'both accept',
      ),
      of(
        `keyless, ${log}, another file`,
        world.crafted.fileBundle(content, { by: certified, log, timestamp: true }),
        craft.trustingPerson(),
        'both reject',
        { of: otherFile },
      ),
      of(
        `keyless, ${log}, another key in the entry`,
        world.crafted.fileBundle(content, { by: certified, log, timestamp: true, loggedAs: world.stranger }),
        craft.trustingPerson(),
        'both reject',
        { row: 'log entry with another key' },
      ),
    ]),
  ];
}
