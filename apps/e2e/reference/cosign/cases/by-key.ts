import type { Case } from '../case.ts';
import { change, type Crafting, type Json } from '../crafting.ts';
import { type DigestName, KEY_KINDS } from '../keys.ts';

const DIGESTS: readonly DigestName[] = ['sha256', 'sha384', 'sha512'];
const FORMS = ['bundle', 'legacy'] as const;

/** Each kind of key with each digest that it signs and each that is asked for; and a key that is not trusted. */
export function keyCases(craft: Crafting): Case[] {
  const { world } = craft;
  const cases: Case[] = [];
  for (const kind of KEY_KINDS) {
    const key = world.key(kind);
    for (const form of FORMS) {
      for (const asked of DIGESTS) {
        // Of the digests that are not asked for, one: all of them are rejected alike.
        const others = DIGESTS.filter((digest) => digest !== asked);
        for (const signed of key.digest === null ? [null] : [asked, world.chance.oneOf(others)]) {
          const fits = signed === null ? null : signed === asked;
          cases.push(
            craft.case(
              {
                class: 'keys and digests',
                name: `${kind}, ${form}, signed over ${signed ?? 'the message'}, asked for ${asked}`,
                expected: fits === null ? 'any' : fits ? 'both accept' : 'both reject',
                field: 'digestAlgorithm',
                flags: craft.trusting(key, asked),
              },
              craft.byKey(key, form, signed),
            ),
          );
        }
      }
      cases.push(
        craft.case(
          {
            class: 'keys and digests',
            name: `${kind}, ${form}, another key is trusted`,
            expected: 'both reject',
            field: 'keys',
            flags: craft.trusting(world.stranger),
          },
          craft.byKey(key, form),
        ),
      );
      if (key.pkcs1Path === null) continue;
      cases.push(
        craft.case(
          {
            class: 'keys and digests',
            name: `${kind}, ${form}, given as PKCS #1`,
            expected: 'both accept',
            field: 'keys',
            flags: ['--key', key.pkcs1Path, '--insecure-ignore-tlog'],
          },
          craft.byKey(key, form),
        ),
      );
    }
  }
  return cases;
}

/** Wanted claims in both forms. */
export function claimCases(craft: Crafting): Case[] {
  const key = craft.world.key('P-256');
  const signed = (annotations: Json): readonly [string, Case['subject']][] => {
    const bundle = craft.bundle(
      { by: key, log: 'none' },
      undefined,
      craft.statement((value) => change(value, ['subject', 0, 'annotations'], annotations)),
    );
    const legacy = craft.legacy(
      { by: key, log: 'none' },
      craft.payload((value) => change(value, ['optional'], annotations)),
    );
    return [
      ['bundle', craft.case(nothing, { bundles: [bundle] }).subject],
      ['legacy', craft.case(nothing, { legacy: [legacy] }).subject],
    ];
  };
  const nothing = { class: 'wanted claims', name: '', expected: 'any', flags: [] } as const;
  const asked = (name: string, annotations: Json, wanted: readonly string[], expected: Case['expected']): Case[] =>
    signed(annotations).map(([form, subject]) => ({
      class: 'wanted claims',
      name: `${name}, ${form}`,
      expected,
      field: 'annotations',
      formats: [],
      flags: [...craft.trusting(key), ...wanted.flatMap((each) => ['--annotations', each])],
      subject,
    }));
  return [
    ...asked('there', { env: 'prod' }, ['env=prod'], 'both accept'),
    ...asked('two, both there', { env: 'prod', team: 'edge' }, ['env=prod', 'team=edge'], 'both accept'),
    ...asked('two, one of them there', { env: 'prod' }, ['env=prod', 'team=edge'], 'both reject'),
    ...asked('missing', {}, ['env=prod'], 'both reject'),
    ...asked('another value', { env: 'test' }, ['env=prod'], 'both reject'),
    ...asked('in another case', { env: 'PROD' }, ['env=prod'], 'both reject'),
    ...asked('within a list', { env: ['prod'] }, ['env=prod'], 'both reject'),
    ...asked('within an object', { env: { value: 'prod' } }, ['env=prod'], 'both reject'),
    ...asked('the value has more', { env: 'production' }, ['env=prod'], 'both reject'),
    ...asked('with an equals sign', { env: 'a=b' }, ['env=a=b'], 'both accept'),
    ...asked('a number', { env: 1 }, ['env=1'], 'any'),
    ...asked('nobody asks', { env: 'prod' }, [], 'both accept'),
  ];
}
