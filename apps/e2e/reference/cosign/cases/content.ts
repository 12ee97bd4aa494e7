import { sign } from 'node:crypto';
import type { Case, Expected } from '../case.ts';
import { change, type Crafting, type Json } from '../crafting.ts';

/** Legacy payloads by the trusted key that say other things, or say it in other ways. */
export function payloadCases(craft: Crafting): Case[] {
  const key = craft.world.key('P-256');
  const of = (name: string, payload: string, expected: Expected, mediaType?: string): Case => {
    const signature = craft.legacy({ by: key, log: 'none' }, payload);
    const layer = mediaType === undefined ? signature : { ...signature, mediaType };
    const flags = craft.trusting(key);
    return craft.case({ class: 'legacy payloads', name, expected, flags }, { legacy: [layer] });
  };
  const digestAt = ['critical', 'image', 'docker-manifest-digest'];
  const edited = (path: readonly (string | number)[], value: unknown): string =>
    craft.payload((payload) => change(payload, path, value));
  const good = craft.payload();
  const other = `"docker-manifest-digest":"${craft.otherDigest}"`;
  const own = `"docker-manifest-digest":"${craft.digest}"`;
  return [
    of('plain', good, 'both accept'),
    of('with more in it', edited(['critical', 'more'], 'x'), 'both accept'),
    of('spread over lines', JSON.stringify(JSON.parse(good), null, 2), 'both accept'),
    of('another digest', edited(digestAt, craft.otherDigest), 'both reject'),
    of('no digest', edited(digestAt, undefined), 'both reject'),
    of('digest in upper case', edited(digestAt, craft.digest.toUpperCase()), 'both reject'),
    of('digest with space', edited(digestAt, ` ${craft.digest}`), 'both reject'),
    of('digest without algorithm', edited(digestAt, craft.digest.slice(7)), 'both reject'),
    of('digest within a list', edited(digestAt, [craft.digest]), 'both reject'),
    of('another type', edited(['critical', 'type'], 'atomic container signature'), rule('payloads have their type')),
    of('no type', edited(['critical', 'type'], undefined), rule('payloads have their type')),
    of('another reference', edited(['critical', 'identity', 'docker-reference'], 'elsewhere/x'), 'both accept'),
    of('two digests, the good one last', good.replace(own, `${other},${own}`), rule('JSON means one thing')),
    of('two digests, the good one first', good.replace(own, `${own},${other}`), 'both reject'),
    of('a name in another case', good.replace('"critical"', '"Critical"'), rule('JSON means one thing')),
    of('data behind it', `${good}{}`, 'both reject'),
    of('white space behind it', `${good}\n`, 'both accept'),
    of('a byte order mark', `\ufeff${good}`, 'both reject'),
    of('a list', `[${good}]`, 'both reject'),
    of('nothing', '{}', 'both reject'),
    of('no JSON', 'signed', 'both reject'),
    of('another media type', good, rule('layers have their media type'), 'application/octet-stream'),
  ];
}

/** In-toto statements by the trusted key. */
export function statementCases(craft: Crafting): Case[] {
  const key = craft.world.key('P-256');
  const of = (name: string, statement: string, expected: Expected, row?: Case['row']): Case => {
    const bundle = craft.bundle({ by: key, log: 'none' }, undefined, statement);
    const flags = craft.trusting(key);
    return craft.case(
      { class: 'statements', name, expected, flags, ...(row === undefined ? {} : { row }) },
      { bundles: [bundle] },
    );
  };
  const edited = (path: readonly (string | number)[], value: unknown): string =>
    craft.statement((statement) => change(statement, path, value));
  const hex = craft.digest.slice(7);
  const otherHex = craft.otherDigest.slice(7);
  const good = craft.statement();
  return [
    of('plain', good, 'both accept'),
    of(
      'another subject',
      edited(['subject', 0, 'digest', 'sha256'], otherHex),
      'both reject',
      'subject of another artifact',
    ),
    of('a second subject', edited(['subject', 1], { digest: { sha256: otherHex } }), 'both accept'),
    of(
      'the artifact as second subject',
      edited(['subject'], [{ digest: { sha256: otherHex } }, { digest: { sha256: hex } }]),
      'both accept',
    ),
    of('no subject', edited(['subject'], []), 'both reject'),
    of('subject in upper case', edited(['subject', 0, 'digest', 'sha256'], hex.toUpperCase()), 'both reject'),
    of('only a SHA-512 digest', edited(['subject', 0, 'digest'], { sha512: hex.repeat(2) }), 'both reject'),
    of('a second digest', edited(['subject', 0, 'digest', 'sha512'], hex.repeat(2)), 'any'),
    of('the digest under another name', edited(['subject', 0, 'digest'], { gitCommit: hex }), 'both reject'),
    of(
      'another predicate',
      edited(['predicateType'], 'https://slsa.dev/provenance/v1'),
      rule('an attestation is no signature'),
    ),
    of('no predicate type', edited(['predicateType'], undefined), 'any'),
    of(
      'statement v0.1',
      edited(['_type'], 'https://in-toto.io/Statement/v0.1'),
      rule('statements are in-toto statements v1'),
    ),
    of('another type', edited(['_type'], 'https://acme.test/x'), rule('statements are in-toto statements v1')),
    of('a name that nobody knows', edited(['more'], 'x'), 'both reject'),
    of('a name in another case', good.replace('"subject"', '"Subject"'), 'any'),
    of('two subjects of one name', good.replace('"subject":', '"subject":[],"subject":'), 'any'),
    of('data behind it', `${good}{}`, 'both reject'),
    of('a list', `[${good}]`, 'both reject'),
    of('no JSON', 'signed', 'both reject'),
    of('no subject list', edited(['subject'], { digest: { sha256: hex } }), 'both reject'),
    of('a digest that is a list', edited(['subject', 0, 'digest', 'sha256'], [hex]), 'both reject'),
  ];
}

/** What is around the statement. */
export function bundleCases(craft: Crafting): Case[] {
  const key = craft.world.key('P-256');
  const certified = craft.world.crafted.leaf();
  const flags = craft.trusting(key);
  const raw = (name: string, bundle: Buffer, expected: Expected, row?: Case['row'], asked = flags): Case =>
    craft.case(
      { class: 'bundle forms', name, expected, flags: asked, ...(row === undefined ? {} : { row }) },
      { bundles: [bundle] },
    );
  const of = (name: string, edit: (bundle: Json) => void, expected: Expected, row?: Case['row']): Case =>
    raw(name, craft.bundle({ by: key, log: 'none' }, edit), expected, row);
  const set =
    (path: readonly (string | number)[], value: unknown) =>
    (bundle: Json): void =>
      change(bundle, path, value);
  const version = (text: string): ((bundle: Json) => void) =>
    set(['mediaType'], `application/vnd.dev.sigstore.bundle${text}`);
  const good = craft.bundle({ by: key, log: 'none' }).toString();
  const [second] = Array.from(
    JSON.stringify({ sig: sign('sha256', Buffer.from('x'), key.privateKey).toString('base64') }),
  );
  return [
    raw('plain', Buffer.from(good), 'both accept'),
    of('version 0.2', version('+json;version=0.2'), 'any'),
    of('version 0.1', version('+json;version=0.1'), 'any'),
    of('version 9.9', version('.v9.9+json'), 'both reject', 'unknown bundle version'),
    of('no version', set(['mediaType'], ''), 'both reject', 'unknown bundle version'),
    of('another media type', set(['mediaType'], 'application/json'), 'both reject', 'unknown bundle version'),
    of('another payload type', set(['dsseEnvelope', 'payloadType'], 'application/json'), 'both reject'),
    of('no signature', set(['dsseEnvelope', 'signatures'], []), 'both reject'),
    of(
      'two signatures',
      set(['dsseEnvelope', 'signatures', 1], { sig: `AA==${second ?? ''}`.slice(0, 4) }),
      'both reject',
    ),
    of('an unknown member', set(['more'], 'x'), 'both reject'),
    of('an unknown member within', set(['verificationMaterial', 'more'], 'x'), 'both reject'),
    of('another hint', set(['verificationMaterial', 'publicKey', 'hint'], 'AAAA'), 'any'),
    of('no hint', set(['verificationMaterial', 'publicKey', 'hint'], ''), 'any'),
    of('no material', set(['verificationMaterial'], undefined), 'both reject'),
    raw('cut off', Buffer.from(good.slice(0, -20)), 'both reject'),
    raw('data behind it', Buffer.from(`${good}{}`), 'both reject'),
    raw('a byte order mark', Buffer.from(`\ufeff${good}`), 'both reject'),
    raw('a list', Buffer.from(`[${good}]`), 'both reject'),
    raw('empty', Buffer.from('{}'), 'both reject'),
    raw('no JSON', Buffer.from('bundle'), 'both reject'),
    raw('a member twice', Buffer.from(good.replace('{', '{"mediaType":"x",')), 'any'),
    raw('a member in snake case', Buffer.from(good.replace('"dsseEnvelope"', '"dsse_envelope"')), 'any'),
    raw(
      'a certificate where a key is wanted',
      craft.bundle({ by: certified, log: 'none' }),
      'both reject',
      'certificate where a key is wanted',
    ),
    raw(
      'a certificate where a key is wanted, with a log',
      craft.bundle({ by: certified, log: 'v2', timestamp: true }),
      'both reject',
      'certificate where a key is wanted',
      craft.trustingLogged(key),
    ),
    raw(
      'a key where a certificate is wanted',
      craft.bundle({ by: key, log: 'v2', timestamp: true }),
      'both reject',
      undefined,
      craft.trustingPerson(),
    ),
    raw(
      'a message signature over the digest',
      Buffer.from(JSON.stringify(craft.world.crafted.fileBundle(Buffer.from(craft.digest), { by: key, log: 'none' }))),
      'both reject',
      'digest of another message',
    ),
  ];
}

function rule(stricter: Extract<Expected, object>['stricter']): Expected {
  return { stricter };
}
