import type { Case, Expected, Format } from '../case.ts';
import { change, type Crafting } from '../crafting.ts';
import { KEY_KINDS } from '../keys.ts';
import { pushSignatures } from '../signatures.ts';
import { PERSON, type SignedByCosign, signWithCosign, WORKFLOW } from '../signed-by-cosign.ts';
import { tamperedCases } from './tampered.ts';

/** What the real cosign has signed, in place; and what it has signed for other artifacts or changed afterwards. */
export async function casesByCosign(craft: Crafting): Promise<Case[]> {
  return [
    ...(await keyCases(craft)),
    ...(await keylessCases(craft)),
    ...(await elsewhereCases(craft)),
    await indexCase(craft),
  ];
}

/** An index, well signed. */
async function indexCase(craft: Crafting): Promise<Case> {
  const { world } = craft;
  const repository = world.repository();
  const index = await repository.pushIndex([await world.artifact(repository)], 'index');
  const key = world.key('P-256');
  const payload = craft.payload((value) =>
    change(value, ['critical', 'image', 'docker-manifest-digest'], index.digest),
  );
  await pushSignatures(repository, index, { legacy: [craft.legacy({ by: key, log: 'none' }, payload)] });
  return {
    class: 'not a signature',
    name: 'an index, signed',
    expected: { stricter: 'an index is nothing to deploy' },
    flags: craft.trusting(key),
    subject: { kind: 'pushed', reference: `${repository.path}@${index.digest}` },
  };
}

function inPlace(
  name: string,
  { reference }: SignedByCosign,
  flags: readonly string[],
  expected: Expected,
  extra: Partial<Pick<Case, 'cosignFlags' | 'formats' | 'field'>> = {},
): Case {
  return { class: 'written by cosign', name, expected, flags, subject: { kind: 'pushed', reference }, ...extra };
}

async function keyCases(craft: Crafting): Promise<Case[]> {
  const { world } = craft;
  const cases: Case[] = [];
  for (const kind of KEY_KINDS) {
    const key = world.key(kind);
    for (const legacy of [false, true]) {
      const signed = await signWithCosign(world, { key: kind, legacy });
      const name = `${kind}, ${legacy ? 'legacy' : 'bundle'}`;
      // What cosign signs over another digest than SHA-256, and Ed25519ph, it does not verify by itself.
      const plain = key.digest === 'sha256';
      cases.push(inPlace(name, signed, craft.trusting(key), plain ? 'both accept' : 'both reject'));
      cases.push(inPlace(`${name}, another key`, signed, craft.trusting(world.stranger), 'both reject'));
      if (plain || key.digest === null) continue;
      cases.push(inPlace(`${name}, its digest`, signed, craft.trusting(key, key.digest), 'both accept'));
    }
  }
  const key = world.key('P-256');
  const root = ['--trusted-root', world.sigstore.trustedRoot];
  const logged = await signWithCosign(world, { key: 'P-256', log: true });
  const other = await signWithCosign(world, { key: 'P-256', log: true, other: true });
  const required = ['--key', key.path, ...root];
  cases.push(
    inPlace('in the log', logged, required, 'both accept', {
      formats: ['bundle with Rekor v2'],
      field: 'transparencyLog',
    }),
  );
  cases.push(inPlace('in the log, another key', logged, ['--key', world.stranger.path, ...root], 'both reject'));
  const unlogged = await signWithCosign(world, { key: 'P-256' });
  cases.push(inPlace('in no log, one required', unlogged, required, 'both reject', { field: 'transparencyLog' }));
  const legacy = await signWithCosign(world, { key: 'P-256', legacy: true });
  const otherLegacy = await signWithCosign(world, { key: 'P-256', legacy: true, other: true });
  const attested = await signWithCosign(world, { key: 'P-256' }, { attest: true });
  cases.push(inPlace('only attested', attested, craft.trusting(key), { stricter: 'an attestation is no signature' }));
  for (const form of [false, true]) {
    const claimed = await signWithCosign(world, { key: 'P-256', legacy: form, extra: ['--annotations', 'env=prod'] });
    for (const [value, expected] of [
      ['prod', 'both accept'],
      ['test', 'both reject'],
    ] as const) {
      const flags = [...craft.trusting(key), '--annotations', `env=${value}`];
      cases.push(
        inPlace(`with a claim, ${form ? 'legacy' : 'bundle'}, wanted ${value}`, claimed, flags, expected, {
          field: 'annotations',
        }),
      );
    }
  }
  return [
    ...cases,
    ...tamperedCases(
      craft,
      {
        name: 'key, in the log',
        class: 'tampered by key',
        flags: required,
        signature: { bundle: only(logged.bundles) },
        other: { bundle: only(other.bundles) },
      },
      20,
    ),
    ...tamperedCases(
      craft,
      {
        name: 'key, legacy',
        class: 'tampered by key',
        flags: craft.trusting(key),
        signature: { legacy: only(legacy.legacy) },
        other: { legacy: only(otherLegacy.legacy) },
      },
      20,
    ),
    ...tamperedCases(
      craft,
      {
        name: 'key, bundle',
        class: 'tampered by key',
        flags: craft.trusting(key),
        signature: { bundle: only(unlogged.bundles) },
        other: { bundle: only((await signWithCosign(world, { key: 'P-256', other: true })).bundles) },
      },
      20,
    ),
  ];
}

async function keylessCases(craft: Crafting): Promise<Case[]> {
  const { world } = craft;
  const { issuer, trustedRoot } = world.sigstore;
  const person = issuer.person(PERSON);
  const who = (subject: string, from: string): string[] => [
    '--certificate-identity',
    subject,
    '--certificate-oidc-issuer',
    from,
    '--trusted-root',
    trustedRoot,
    '--insecure-ignore-sct',
  ];
  const wanted = who(PERSON, issuer.people);
  const noLog = [...wanted, '--insecure-ignore-tlog'];
  const formats: readonly Format[] = ['keyless bundle with Rekor v2 and timestamp'];
  const stamped = {
    cosignFlags: ['--use-signed-timestamps'],
    formats: ['keyless legacy with timestamp only'] as const,
  };
  const bundle = await signWithCosign(world, { token: person });
  const otherBundle = await signWithCosign(world, { token: person, other: true });
  const legacy = await signWithCosign(world, { token: person, legacy: true });
  const otherLegacy = await signWithCosign(world, { token: person, legacy: true, other: true });
  const workflow = await signWithCosign(world, { token: issuer.workflow('acme/charts', 'refs/heads/main') });
  const branch = await signWithCosign(world, { token: issuer.workflow('acme/charts', 'refs/heads/quick-fix') });
  const ofWorkflow = who(WORKFLOW, issuer.workflows);
  const sct = wanted.filter((flag) => flag !== '--insecure-ignore-sct');
  const rekor = ['--rekor-url', world.emptyRekor];
  return [
    inPlace('keyless, bundle', bundle, wanted, 'both accept', { formats, field: 'subject' }),
    inPlace('keyless, bundle, no log required', bundle, noLog, 'any', stamped),
    inPlace('keyless, bundle, certificate log required', bundle, sct, 'both reject', {
      field: 'certificateTransparency',
    }),
    inPlace('keyless, bundle, another person', bundle, who('evil@acme.test', issuer.people), 'both reject', {
      field: 'subject',
    }),
    inPlace('keyless, bundle, another issuer', bundle, who(PERSON, issuer.workflows), 'both reject', {
      field: 'issuer',
    }),
    inPlace(
      'keyless, bundle, a key is wanted',
      bundle,
      ['--key', world.key('P-256').path, '--trusted-root', trustedRoot],
      'both reject',
    ),
    inPlace(
      'keyless, bundle, another root',
      bundle,
      [...wanted.slice(0, 5), craft.root('crafted', () => undefined), '--insecure-ignore-sct'],
      'both reject',
      { field: 'trustRoot' },
    ),
    inPlace('keyless, legacy', legacy, noLog, 'both accept', stamped),
    inPlace('keyless, legacy, log required', legacy, wanted, 'both reject', {
      field: 'transparencyLog',
      cosignFlags: rekor,
    }),
    inPlace(
      'keyless, legacy, another person',
      legacy,
      [...who('evil@acme.test', issuer.people), '--insecure-ignore-tlog'],
      'both reject',
      stamped,
    ),
    inPlace('workflow', workflow, ofWorkflow, 'both accept', { formats }),
    inPlace('workflow of another branch', branch, ofWorkflow, 'both reject', { field: 'subject' }),
    ...tamperedCases(
      craft,
      {
        name: 'keyless, bundle',
        class: 'tampered keyless',
        flags: wanted,
        formats,
        signature: { bundle: only(bundle.bundles) },
        other: { bundle: only(otherBundle.bundles) },
      },
      30,
    ),
    ...tamperedCases(
      craft,
      {
        name: 'keyless, legacy',
        class: 'tampered keyless',
        flags: noLog,
        ...stamped,
        signature: { legacy: only(legacy.legacy) },
        other: { legacy: only(otherLegacy.legacy) },
      },
      10,
    ),
    ...tamperedCases(
      craft,
      {
        name: 'keyless, legacy, Rekor v1',
        class: 'tampered keyless',
        flags: craft.trustingPerson(),
        cosignFlags: rekor,
        formats: ['legacy with signed entry timestamp'],
        signature: { legacy: craft.legacy({ by: world.crafted.leaf() }) },
        other: {
          legacy: craft.legacy(
            { by: world.crafted.leaf() },
            craft.payload((payload) =>
              change(payload, ['critical', 'image', 'docker-manifest-digest'], craft.otherDigest),
            ),
          ),
        },
      },
      10,
    ),
  ];
}

/** Signed with COSIGN_REPOSITORY. */
async function elsewhereCases(craft: Crafting): Promise<Case[]> {
  const { world } = craft;
  const key = world.key('P-256');
  const cases: Case[] = [];
  for (const legacy of [false, true]) {
    const elsewhere = world.repository();
    const signed = await signWithCosign(world, { key: 'P-256', legacy }, { elsewhere });
    const name = `in another repository, ${legacy ? 'legacy' : 'bundle'}`;
    const asked = [...craft.trusting(key), '--signature-repository', elsewhere.path];
    const of = (label: string, flags: readonly string[], expected: Expected): Case => ({
      ...inPlace(`${name}, ${label}`, signed, flags, expected, { field: 'signatureRepository' }),
      class: 'signature repository',
    });
    cases.push(of('asked there', asked, 'any'), of('not asked there', craft.trusting(key), 'both reject'));
  }
  return cases;
}

function only<T>(values: readonly T[]): T {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) throw new Error(`${values.length} instead of one`);
  return value;
}
