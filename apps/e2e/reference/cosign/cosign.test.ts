import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addCounts, type ClassCount } from '../counts.ts';
import { Chance, chosenSeed } from '../seed.ts';
import { type Case, FORMATS, LAXER_ROWS, POLICY_FIELDS } from './case.ts';
import { type CaseClass, CLASSES } from './classes.ts';
import { claimCases, keyCases } from './cases/by-key.ts';
import { casesByCosign } from './cases/by-cosign.ts';
import { bundleCases, payloadCases, statementCases } from './cases/content.ts';
import { fileCases } from './cases/files.ts';
import {
  certificateCases,
  certificateTransparencyCases,
  identityCases,
  logCases,
  timeCases,
  trustRootCases,
} from './cases/keyless.ts';
import { noSignatureCases, oddPlaceCases, severalCases, signatureRepositoryCases } from './cases/places.ts';
import { type Compared, compare } from './compare.ts';
import { Crafting } from './crafting.ts';
import { rulesFor, STRICTER_RULES } from './stricter-rules.ts';
import { World } from './world.ts';

/** How many cases are asked about at once: cosign is a process of its own. */
const AT_ONCE = 2;

const chance = new Chance(chosenSeed());
const say = (line: string): void => void process.stderr.write(`${line}\n`);
say(`SEED=${chance.seed} repeats this run of cosign's cases`);

let world: World;
let results: readonly { readonly case: Case; readonly compared: Compared }[] = [];

beforeAll(async () => {
  world = await World.start(chance);
  const { digest } = await world.artifact(world.repository());
  const { digest: other } = await world.otherArtifact(world.repository());
  const craft = new Crafting(world, digest, other);
  const makers = [
    keyCases,
    claimCases,
    payloadCases,
    statementCases,
    bundleCases,
    severalCases,
    signatureRepositoryCases,
    oddPlaceCases,
    noSignatureCases,
    identityCases,
    certificateCases,
    certificateTransparencyCases,
    logCases,
    timeCases,
    trustRootCases,
    fileCases,
  ];
  const cases = [...(await casesByCosign(craft)), ...makers.flatMap((make) => make(craft))];
  results = await all(cases);
  addCounts('cosign', CLASSES.map(countOf));
  const stricter = results.filter(({ compared }) => isStricter(compared)).length;
  say(`stricter than cosign, each by a named rule: ${stricter}`);
}, 1_800_000);
afterAll(async () => world.close());

async function all(cases: readonly Case[]): Promise<typeof results> {
  const compared: { readonly case: Case; readonly compared: Compared }[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let each = cases[next]; each !== undefined; each = cases[next]) {
      next += 1;
      compared.push({ case: each, compared: await compare(world, each) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return compared;
}

test.each(CLASSES)('%s: nothing is accepted here that cosign rejects, and whatever is stricter has a rule', (name) => {
  const own = results.filter((each) => each.case.class === name);
  expect(own.length).toBeGreaterThan(0);
  expect(own.filter(({ compared }) => compared.fault !== null).map(shown)).toEqual([]);
});

test('there are at least 200 cases', () => {
  expect(results.length).toBeGreaterThanOrEqual(200);
});

test.each(LAXER_ROWS)('the row "%s" of where the library is laxer is among them', (row) => {
  expect(results.filter((each) => each.case.row === row)).not.toEqual([]);
});

test.each(POLICY_FIELDS)('the field "%s" of a policy makes one case pass and another fail', (field) => {
  const verdicts = results.filter((each) => each.case.field === field).map(({ compared }) => compared.ours.verdict);
  expect(new Set(verdicts)).toEqual(new Set(['accepted', 'rejected']));
});

test.each(FORMATS)('the format "%s" is among what is accepted', (format) => {
  const own = results.filter((each) => each.case.formats?.includes(format) === true);
  expect(own.map(({ compared }) => compared.ours.verdict)).toContain('accepted');
});

test.each(Object.keys(STRICTER_RULES))('the rule "%s" is one that cosign has not', (rule) => {
  const stricter = results.filter(({ compared }) => isStricter(compared));
  const rules = stricter.flatMap((each) => rulesFor(each.compared.ours.because, each.case.class));
  expect(rules).toContain(rule);
});

test('docs/cosign-parity.md names every stricter rule, with its problems', () => {
  const page = readFileSync(new URL('../../../../docs/cosign-parity.md', import.meta.url), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  for (const [rule, { because, codes }] of Object.entries(STRICTER_RULES)) {
    const written = codes.map((code) => `\`${code}\``).join(', ');
    expect(rows).toContainEqual(['', rule, because, written, '']);
  }
});

function shown({ case: { name }, compared: { fault, ours, cosigns } }: (typeof results)[number]): string {
  return `${name}: ${fault ?? ''} (we: ${ours.verdict} ${ours.because}; cosign: ${cosigns.verdict} ${cosigns.because})`;
}

function countOf(name: CaseClass): ClassCount {
  const own = results.filter((each) => each.case.class === name);
  return { name, all: own.length, failed: own.filter(({ compared }) => compared.fault !== null).length };
}

function isStricter({ ours, cosigns }: Compared): boolean {
  return ours.verdict === 'rejected' && cosigns.verdict === 'accepted';
}
