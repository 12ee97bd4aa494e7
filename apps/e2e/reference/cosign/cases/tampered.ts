import type { Case, Format } from '../case.ts';
import type { CaseClass } from '../classes.ts';
import { at, change, type Crafting, type Json, parsedJson } from '../crafting.ts';
import type { LegacySignature } from '../signatures.ts';

/** A good signature that is going to be changed. */
export interface Original {
  readonly name: string;
  readonly class: Extract<CaseClass, `tampered${string}`>;
  readonly flags: readonly string[];
  readonly cosignFlags?: readonly string[];
  readonly formats?: readonly Format[];
  readonly signature: { readonly bundle: Buffer } | { readonly legacy: LegacySignature };
  /** Another good signature, by the same and for another artifact. */
  readonly other: { readonly bundle: Buffer } | { readonly legacy: LegacySignature };
}

/** Everything in it, changed: each part once, then as chance will have it. */
export function tamperedCases(craft: Crafting, original: Original, rounds: number): Case[] {
  const { signature, other } = original;
  const of = (name: string, changed: Original['signature']): Case =>
    craft.case(
      {
        class: original.class,
        name: `${original.name}: ${name}`,
        expected: 'any',
        flags: original.flags,
        ...(original.cosignFlags === undefined ? {} : { cosignFlags: original.cosignFlags }),
        ...(original.formats === undefined ? {} : { formats: original.formats }),
      },
      'bundle' in changed ? { bundles: [changed.bundle] } : { legacy: [changed.legacy] },
    );
  const good: Case = { ...of('unchanged', signature), expected: 'both accept' };
  const copied: Case = { ...of('of another artifact', other), expected: 'both reject' };
  const changes =
    'bundle' in signature && 'bundle' in other
      ? changedBundles(craft, signature.bundle, other.bundle, rounds)
      : 'legacy' in signature && 'legacy' in other
        ? changedLegacy(craft, signature.legacy, other.legacy, rounds)
        : [];
  return [good, copied, ...changes.map(([name, changed]) => of(name, changed))];
}

type Changed = [string, Original['signature']];

function changedBundles({ world: { chance } }: Crafting, bundle: Buffer, other: Buffer, rounds: number): Changed[] {
  const parsed = (): Json => parsedJson(bundle.toString());
  const otherParsed: unknown = JSON.parse(other.toString());
  const leaves = leavesOf(parsed());
  const changed: Changed[] = leaves.flatMap((path): Changed[] => {
    const name = path.join('.');
    const edited = (value: unknown): Original['signature'] => {
      const copy = parsed();
      change(copy, path, value);
      return { bundle: Buffer.from(JSON.stringify(copy)) };
    };
    const value = String(at(parsed(), path));
    return [
      [`${name} changed`, edited(altered(chance, value))],
      [`${name} missing`, edited(undefined)],
      [`${name} of another`, edited(at(otherParsed, path))],
    ];
  });
  for (let round = 0; round < rounds; round += 1) {
    changed.push([`bit ${round}`, { bundle: chance.flipped(bundle) }]);
  }
  return changed;
}

function changedLegacy(
  { world: { chance } }: Crafting,
  { payload, annotations }: LegacySignature,
  other: LegacySignature,
  rounds: number,
): Changed[] {
  const changed: Changed[] = [['payload of another', { legacy: { payload: other.payload, annotations } }]];
  for (const [name, value] of Object.entries(annotations)) {
    const short = name.split('/').at(-1) ?? name;
    const others = Object.entries(annotations).filter(([each]) => each !== name);
    const edited = (text: string | undefined): Original['signature'] => ({
      legacy: { payload, annotations: Object.fromEntries(text === undefined ? others : [...others, [name, text]]) },
    });
    changed.push([`${short} changed`, edited(altered(chance, value))]);
    changed.push([`${short} changed elsewhere`, edited(altered(chance, value))]);
    changed.push([`${short} missing`, edited(undefined)]);
    changed.push([`${short} of another`, edited(other.annotations[name])]);
  }
  for (let round = 0; round < rounds; round += 1) {
    changed.push([`payload bit ${round}`, { legacy: { payload: chance.flipped(payload), annotations } }]);
  }
  return changed;
}

/** Every text and number in a JSON document. */
function leavesOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((each: unknown, index) => leavesOf(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [[...path]];
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) => leavesOf(each, [...path, name]));
}

/** Base64 with a bit turned, so that it is still base64; a number one higher; of other text a character. */
function altered(chance: Crafting['world']['chance'], text: string): string {
  if (/^\d+$/.test(text)) return String(Number(text) + 1);
  if (/^[A-Za-z0-9+/]{8,}={0,2}$/.test(text) && text.length % 4 === 0) {
    return chance.flipped(Buffer.from(text, 'base64')).toString('base64');
  }
  const index = chance.below(Math.max(text.length, 1));
  const letter = text[index] === 'A' ? 'B' : 'A';
  return `${text.slice(0, index)}${letter}${text.slice(index + 1)}`;
}
