import { randomBytes } from 'node:crypto';
import type { Case } from '../case.ts';
import { change, type Crafting } from '../crafting.ts';
import type { Layer, Manifest } from '../../pushed-repository.ts';
import { BUNDLE, type Signatures, SIMPLE_SIGNING } from '../signatures.ts';

const SBOM: Manifest = {
  artifactType: 'application/spdx+json',
  layers: [{ mediaType: 'application/spdx+json', content: Buffer.from('{"spdxVersion":"SPDX-2.3"}') }],
};

/** More than one signature, and signatures among other things. */
export function severalCases(craft: Crafting): Case[] {
  const { world } = craft;
  const key = world.key('P-256');
  const flags = craft.trusting(key);
  const bundle = craft.bundle({ by: key, log: 'none' });
  const strangers = craft.bundle({ by: world.stranger, log: 'none' });
  const attestation = craft.bundle(
    { by: world.stranger, log: 'none' },
    undefined,
    craft.statement((statement) => change(statement, ['predicateType'], 'https://acme.test/scan/v1')),
  );
  const legacy = craft.legacy({ by: key, log: 'none' });
  const strangersLegacy = craft.legacy({ by: world.stranger, log: 'none' });
  const broken = { ...legacy, annotations: { 'dev.cosignproject.cosign/signature': '???' } };
  const of = (name: string, expected: Case['expected'], signatures: Signatures): Case[] =>
    world.registries.map(({ kind }) =>
      craft.case({ class: 'several signatures', name: `${name}, ${kind}`, expected, flags }, signatures, {
        registry: kind,
      }),
    );
  return [
    ...of('bundles of a stranger and the good one', 'both accept', { bundles: [strangers, bundle] }),
    ...of('the good bundle and a stranger’s', 'both accept', { bundles: [bundle, strangers] }),
    ...of('bundles of strangers only', 'both reject', { bundles: [strangers, attestation] }),
    ...of('a stranger’s legacy signature and the good one', 'both accept', { legacy: [strangersLegacy, legacy] }),
    ...of('the good legacy signature and a broken one', 'both accept', { legacy: [legacy, broken] }),
    ...of('a broken legacy signature and the good one', 'both accept', { legacy: [broken, legacy] }),
    ...of('broken ones only', 'both reject', { legacy: [broken, strangersLegacy] }),
    ...of('a stranger’s bundle, the good one is legacy', 'cosign stops at a bundle', {
      bundles: [strangers],
      legacy: [legacy],
    }),
    ...of('a stranger’s attestation, the good one is legacy', 'cosign stops at a bundle', {
      bundles: [attestation],
      legacy: [legacy],
    }),
    ...of('an SBOM and the good bundle', 'both accept', { others: [SBOM], bundles: [bundle] }),
    ...of('an SBOM and the good legacy one', 'both accept', { others: [SBOM], legacy: [legacy] }),
    ...of('an unreadable bundle, the good one is legacy', 'both accept', {
      bundles: [randomBytes(40)],
      legacy: [legacy],
    }),
  ];
}

/** Signatures that lie in another repository. */
export function signatureRepositoryCases(craft: Crafting): Case[] {
  const key = craft.world.key('P-256');
  const flags = craft.trusting(key);
  const forms: readonly [string, Signatures][] = [
    ['bundle', { bundles: [craft.bundle({ by: key, log: 'none' })] }],
    ['legacy', { legacy: [craft.legacy({ by: key, log: 'none' })] }],
    ['bundle of a stranger', { bundles: [craft.bundle({ by: craft.world.stranger, log: 'none' })] }],
  ];
  return forms.flatMap(([form, signatures]) =>
    craft.world.registries.flatMap(({ kind }) =>
      (['and asked there', 'and not asked there'] as const).map((elsewhere) =>
        craft.case(
          {
            class: 'signature repository',
            name: `${form} elsewhere ${elsewhere}, ${kind}`,
            expected:
              elsewhere === 'and asked there' && !form.includes('stranger')
                ? // cosign does not look for bundles by fall-back tag in another repository.
                  'any'
                : 'both reject',
            field: 'signatureRepository',
            flags,
          },
          signatures,
          { registry: kind, elsewhere },
        ),
      ),
    ),
  );
}

/** Good signatures in places and manifests where cosign does not look for such. */
export function oddPlaceCases(craft: Crafting): Case[] {
  const { world, digest } = craft;
  const key = world.key('P-256');
  const content = craft.bundle({ by: key, log: 'none' });
  const { payload, annotations } = craft.legacy({ by: key, log: 'none' });
  const bundle: Layer = { mediaType: BUNDLE, content };
  const legacy: Layer = { mediaType: SIMPLE_SIGNING, content: payload, annotations };
  const tag = digest.replace(':', '-');
  const of = (name: string, expected: Case['expected'], signatures: Signatures, extra: Partial<Case> = {}): Case => ({
    ...craft.case({ class: 'odd places', name, expected, flags: craft.trusting(key) }, signatures),
    ...extra,
  });
  const type = 'application/vnd.dev.cosign.artifact.sig.v1+json';
  const oci11: Manifest = { config: { mediaType: type, content: Buffer.from('{}') }, layers: [legacy] };
  return [
    of('two bundles in one manifest', 'both reject', { others: [{ artifactType: BUNDLE, layers: [bundle, bundle] }] }),
    of('a bundle beside something else', 'both reject', {
      others: [{ artifactType: BUNDLE, layers: [bundle, { mediaType: 'text/plain', content: Buffer.from('x') }] }],
    }),
    of('a bundle of another artifact type', 'both accept', {
      others: [{ artifactType: 'text/plain', layers: [bundle] }],
    }),
    of('a bundle under the tag of legacy signatures', 'both reject', {
      tagged: [{ tag: `${tag}.sig`, layers: [bundle] }],
    }),
    of('a bundle under the tag of attestations', 'both reject', { tagged: [{ tag: `${tag}.att`, layers: [bundle] }] }),
    of('a legacy signature under the tag of attestations', 'both reject', {
      tagged: [{ tag: `${tag}.att`, layers: [legacy] }],
    }),
    of('a bundle under the tag of SBOMs', 'both reject', { tagged: [{ tag: `${tag}.sbom`, layers: [bundle] }] }),
    of('a legacy signature as referrer', 'both accept', { others: [oci11] }, { cosignFlags: ['--experimental-oci11'] }),
    of('a legacy signature as referrer of no type', 'both reject', { others: [{ layers: [legacy] }] }),
    of('a bundle with another media type', 'both reject', {
      others: [{ artifactType: BUNDLE, layers: [{ mediaType: 'application/json', content }] }],
    }),
  ];
}

/** Nothing, or things that are no signatures. */
export function noSignatureCases(craft: Crafting): Case[] {
  const { world } = craft;
  const key = world.key('P-256');
  const flags = craft.trusting(key);
  const of = (name: string, expected: Case['expected'], signatures: Signatures): Case =>
    craft.case({ class: 'not a signature', name, expected, flags }, signatures);
  const attested = (predicateType: string): Signatures => ({
    bundles: [
      craft.bundle(
        { by: key, log: 'none' },
        undefined,
        craft.statement((statement) => change(statement, ['predicateType'], predicateType)),
      ),
    ],
  });
  const attestation = { stricter: 'an attestation is no signature' } as const;
  return [
    of('nothing', 'both reject', {}),
    of('an SBOM', 'both reject', { others: [SBOM] }),
    of('Notation', 'both reject', {
      others: [
        {
          artifactType: 'application/vnd.cncf.notary.signature',
          layers: [{ mediaType: 'application/jose+json', content: Buffer.from('{}') }],
        },
      ],
    }),
    ...['https://acme.test/scan/v1', 'https://slsa.dev/provenance/v1', 'https://spdx.dev/Document', 'custom'].map(
      (type) => of(`an attestation of ${type}`, attestation, attested(type)),
    ),
    of('legacy signature without an annotation', 'both reject', {
      legacy: [{ payload: Buffer.from(craft.payload()), annotations: {} }],
    }),
    of('legacy signature of another artifact', 'both reject', {
      legacy: [
        craft.legacy(
          { by: key, log: 'none' },
          craft.payload((payload) =>
            change(payload, ['critical', 'image', 'docker-manifest-digest'], craft.otherDigest),
          ),
        ),
      ],
    }),
  ];
}
