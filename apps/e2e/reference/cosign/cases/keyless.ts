import {
  CODE_SIGNING,
  dns,
  email,
  extension,
  type Issued,
  keyPair,
  otherName,
  SERVER_AUTH,
  uri,
} from '../../../../../packages/core/test/cosign/certificates.ts';
import { utf8 } from '../../../../../packages/core/test/cosign/der.ts';
import type { LeafOptions } from '../../../../../packages/core/test/cosign/fake-sigstore.ts';
import type { Case, Expected } from '../case.ts';
import { at, change, CRAFTED_ISSUER, CRAFTED_PERSON, type Crafting, minutes, parsedJson, SIGNED } from '../crafting.ts';

const FORMS = ['bundle', 'legacy'] as const;
type Extra = Partial<Pick<Case, 'row' | 'field' | 'cosignFlags' | 'formats'>>;

/** Who is wanted, and who has signed. */
export function identityCases(craft: Crafting): Case[] {
  const good = craft.world.crafted.leaf();
  const of = (
    name: string,
    expected: Expected,
    wanted: Parameters<Crafting['trustingPerson']>[0],
    { by = good, ...extra }: Extra & { readonly by?: Issued } = {},
  ): Case[] =>
    FORMS.map((form) =>
      craft.case(
        { class: 'identities', name: `${name}, ${form}`, expected, flags: craft.trustingPerson(wanted), ...extra },
        craft.keyless(by, form),
      ),
    );
  const whole = { stricter: 'expressions match the whole text' } as const;
  const leaf = (options: Parameters<typeof craft.world.crafted.leaf>[0]): Issued => craft.world.crafted.leaf(options);
  const several = leaf({ subjects: [dns('build.acme.test'), email('other@acme.test'), email(CRAFTED_PERSON)] });
  const byUri = leaf({ subjects: [uri('https://ci/acme')] });
  const partOfASubject = { row: 'part of a subject', field: 'subject' } as const;
  return [
    ...of('the wanted', 'both accept', {}, { field: 'subject' }),
    ...of('another', 'both reject', { subject: 'other@acme.test' }, { field: 'subject' }),
    ...of('in another case', 'both reject', { subject: 'Release@acme.test' }, { field: 'subject' }),
    ...of('the beginning of it', 'both reject', { subject: 'release@acme' }, partOfASubject),
    ...of('a part of it', 'both reject', { subject: 'ci/ac' }, { ...partOfASubject, by: byUri }),
    ...of('more than it', 'both reject', { subject: `${CRAFTED_PERSON}.evil` }, partOfASubject),
    ...of('an expression', 'both accept', { subjectRegExp: '^release@acme\\.test$' }, { field: 'subjectRegExp' }),
    ...of('without anchors', 'both accept', { subjectRegExp: 'release@.*' }, { field: 'subjectRegExp' }),
    ...of('a part of it by expression', whole, { subjectRegExp: 'lease@ac' }, { field: 'subjectRegExp' }),
    ...of('a choice that matches a part', whole, { subjectRegExp: 'nobody|release' }, { field: 'subjectRegExp' }),
    ...of('another by expression', 'both reject', { subjectRegExp: '^other@.*$' }, { field: 'subjectRegExp' }),
    ...of(
      'without regard to case',
      'both accept',
      { subjectRegExp: '(?i)RELEASE@ACME\\.TEST' },
      { field: 'subjectRegExp' },
    ),
    ...of('another issuer', 'both reject', { issuer: 'https://accounts.google.com' }, { field: 'issuer' }),
    ...of('the issuer with a slash', 'both reject', { issuer: `${CRAFTED_ISSUER}/` }, { field: 'issuer' }),
    ...of('the right issuer', 'both accept', { issuer: CRAFTED_ISSUER }, { field: 'issuer' }),
    ...of(
      'the issuer by expression',
      'both accept',
      { issuerRegExp: 'https://issuer\\..*' },
      { field: 'issuerRegExp' },
    ),
    ...of('a part of the issuer', whole, { issuerRegExp: 'issuer' }, { field: 'issuerRegExp' }),
    ...of('another issuer by expression', 'both reject', { issuerRegExp: '^http://.*' }, { field: 'issuerRegExp' }),
    ...of('an expression across lines', 'any', { subjectRegExp: '(?s).*' }, { field: 'subjectRegExp' }),
    ...of('several subjects, the last is wanted', 'any', {}, { by: several, row: 'several subjects' }),
    ...of(
      'several subjects, the name is wanted',
      'any',
      { subject: 'build.acme.test' },
      { by: several, row: 'several subjects' },
    ),
    ...of(
      'several subjects, the first address',
      'any',
      { subject: 'other@acme.test' },
      { by: several, row: 'several subjects' },
    ),
    ...of(
      'only a DNS name',
      'any',
      { subject: 'build.acme.test' },
      {
        by: leaf({ subjects: [dns('build.acme.test')] }),
        row: 'several subjects',
      },
    ),
    ...of(
      'a URI before an address',
      'any',
      {},
      { by: leaf({ subjects: [uri('https://ci/acme'), email(CRAFTED_PERSON)] }) },
    ),
    ...of(
      'an address before a URI',
      'any',
      {},
      { by: leaf({ subjects: [email(CRAFTED_PERSON), uri('https://ci/acme')] }) },
    ),
    ...of('Fulcio’s other name', 'both accept', {}, { by: leaf({ subjects: [otherName(CRAFTED_PERSON)] }) }),
    ...of('no subject', 'both reject', {}, { by: leaf({ subjects: [] }) }),
    ...of('no issuer', 'both reject', {}, { by: leaf({ issuer: '', firstIssuer: '' }) }),
    ...of('two issuers, the second is wanted', 'any', {}, { by: leaf({ firstIssuer: 'https://evil.test' }) }),
    ...of(
      'two issuers, the first is wanted',
      'any',
      {},
      { by: leaf({ issuer: 'https://evil.test', firstIssuer: CRAFTED_ISSUER }) },
    ),
    ...of('an issuer in the second place only', 'any', {}, { by: leaf({ firstIssuer: '' }) }),
  ];
}

/** Certificates that an authority would not issue, or not for this. */
export function certificateCases(craft: Crafting): Case[] {
  const { crafted } = craft.world;
  const of = (name: string, expected: Expected, options: LeafOptions, extra: Extra = {}): Case[] =>
    FORMS.map((form) =>
      craft.case(
        { class: 'certificates', name: `${name}, ${form}`, expected, flags: craft.trustingPerson(), ...extra },
        craft.keyless(crafted.leaf(options), form),
      ),
    );
  const usage = { row: 'extended key usage' } as const;
  const critical = extension('1.2.3.4', utf8('x'), true);
  return [
    ...of('as it should be', 'both accept', {}),
    ...of('for servers', 'both reject', { usages: [SERVER_AUTH] }, usage),
    ...of('for nothing in particular', { stricter: 'certificates are for signing code' }, { usages: null }, usage),
    ...of('for anything', 'any', { usages: ['2.5.29.37.0'] }, usage),
    ...of('for servers and code', 'any', { usages: [SERVER_AUTH, CODE_SIGNING] }, usage),
    ...of(
      'an unknown critical extension',
      'both reject',
      { extensions: [critical] },
      { row: 'unknown critical extension' },
    ),
    ...of('an unknown extension', 'both accept', { extensions: [extension('1.2.3.4', utf8('x'))] }),
    ...of('not valid yet', 'both reject', { from: minutes(60), to: minutes(70) }),
    ...of('not valid any more', 'both reject', { from: minutes(-70), to: minutes(-60) }),
    ...curveCases(craft),
  ];
}

/** Certificates of other keys, with what such keys sign. */
function curveCases(craft: Crafting): Case[] {
  const { crafted } = craft.world;
  return (['P-256', 'P-384', 'P-521'] as const).flatMap((curve) =>
    (['sha256', 'sha384', 'sha512'] as const).flatMap((digest) => {
      const by = crafted.leaf({ curve });
      const of = (
        name: string,
        signatures: Parameters<Crafting['case']>[1],
        extra: Extra,
        flags: readonly string[] = [],
      ): Case =>
        craft.case(
          {
            class: 'certificates',
            name: `${curve} over ${digest}, ${name}`,
            expected: 'any',
            flags: [...craft.trustingPerson(), ...flags],
            ...extra,
          },
          signatures,
        );
      const stamped = { cosignFlags: ['--use-signed-timestamps'] };
      return [
        of('in no log', { bundles: [craft.bundle({ by, digest, log: 'none', timestamp: true })] }, stamped, [
          '--insecure-ignore-tlog',
        ]),
        of('Rekor v1', { bundles: [craft.bundle({ by, digest, log: 'v1' })] }, {}),
        of('Rekor v2', { bundles: [craft.bundle({ by, digest, log: 'v2', timestamp: true })] }, {}),
        of(
          'legacy',
          { legacy: [craft.legacy({ by, digest, log: 'v1' })] },
          { cosignFlags: ['--rekor-url', craft.world.emptyRekor] },
        ),
        of('legacy, in no log', { legacy: [craft.legacy({ by, digest, log: 'none', timestamp: true })] }, stamped, [
          '--insecure-ignore-tlog',
        ]),
      ];
    }),
  );
}

/** Whether a certificate has been published. */
export function certificateTransparencyCases(craft: Crafting): Case[] {
  const { crafted } = craft.world;
  const kinds = ['good', 'none', 'other-log', 'broken'] as const;
  return kinds.flatMap((kind) =>
    FORMS.flatMap((form) =>
      [true, false].map((required) =>
        craft.case(
          {
            class: 'certificate transparency',
            name: `${kind}, ${form}, ${required ? 'required' : 'optional'}`,
            expected:
              kind === 'good' ? 'both accept' : required ? 'both reject' : kind === 'none' ? 'both accept' : 'any',
            field: 'certificateTransparency',
            flags: [...craft.trustingPerson(), ...(required ? [] : ['--insecure-ignore-sct'])],
          },
          craft.keyless(crafted.leaf({ certificateTimestamp: kind }), form),
        ),
      ),
    ),
  );
}

/** Entries of logs, by keys and by certificates. */
export function logCases(craft: Crafting): Case[] {
  const { crafted, stranger } = craft.world;
  const key = craft.world.key('P-256');
  const good = crafted.leaf();
  const signers = [
    ['key', key, craft.trustingLogged(key)],
    ['keyless', good, craft.trustingPerson()],
  ] as const;
  const cases: Case[] = [];
  const add = (
    name: string,
    expected: Expected,
    subject: Case['subject'] | null,
    flags: readonly string[],
    extra: Extra = {},
  ): void => {
    if (subject !== null) cases.push({ class: 'transparency log', name, expected, flags, subject, ...extra });
  };
  const beside = (signatures: Parameters<Crafting['case']>[1]): Case['subject'] =>
    craft.case({ class: 'transparency log', name: '', expected: 'any', flags: [] }, signatures).subject;
  for (const [who, by, flags] of signers) {
    for (const log of ['v1', 'v2'] as const) {
      const signing = { by, log, timestamp: log === 'v2' } as const;
      const formats = [log === 'v1' ? 'bundle with Rekor v1' : 'bundle with Rekor v2'] as const;
      const entry = ['verificationMaterial', 'tlogEntries', 0] as const;
      const bundle = (edit: Parameters<Crafting['bundle']>[1]): Case['subject'] =>
        beside({ bundles: [craft.bundle(signing, edit)] });
      const required = { field: 'transparencyLog', formats } as const;
      const change1 = (path: readonly (string | number)[], value: unknown) =>
        bundle((b) => change(b, [...entry, ...path], value));
      add(`${who}, ${log}`, 'both accept', bundle(undefined), flags, required);
      add(
        `${who}, ${log}, another key in the entry`,
        'both reject',
        beside({ bundles: [craft.bundle({ ...signing, loggedAs: who === 'key' ? stranger : keyPair() })] }),
        flags,
        { row: 'log entry with another key' },
      );
      add(
        `${who}, ${log}, no entry`,
        'both reject',
        bundle((b) => change(b, ['verificationMaterial', 'tlogEntries'], [])),
        flags,
        required,
      );
      add(
        `${who}, ${log}, the entry twice`,
        'any',
        bundle((b) => {
          const list = at(b, ['verificationMaterial', 'tlogEntries']);
          if (Array.isArray(list)) list.push(list[0]);
        }),
        flags,
      );
      add(
        `${who}, ${log}, of another signature`,
        'both reject',
        bundle((b) => {
          const other: unknown = JSON.parse(craft.bundle(signing).toString());
          const path = ['verificationMaterial', 'tlogEntries'];
          change(b, path, at(other, path));
        }),
        flags,
      );
      add(`${who}, ${log}, without proof`, 'any', change1(['inclusionProof'], undefined), flags);
      add(
        `${who}, ${log}, without checkpoint`,
        'both reject',
        change1(['inclusionProof', 'checkpoint'], undefined),
        flags,
      );
      add(`${who}, ${log}, another index`, 'any', change1(['logIndex'], '7'), flags);
      add(`${who}, ${log}, another index in the proof`, 'any', change1(['inclusionProof', 'logIndex'], '3'), flags);
      add(`${who}, ${log}, another size`, 'any', change1(['inclusionProof', 'treeSize'], '9'), flags);
      add(
        `${who}, ${log}, another root`,
        'any',
        change1(['inclusionProof', 'rootHash'], Buffer.alloc(32).toString('base64')),
        flags,
      );
      add(
        `${who}, ${log}, another log`,
        'both reject',
        change1(['logId', 'keyId'], Buffer.alloc(32).toString('base64')),
        flags,
      );
      add(`${who}, ${log}, another kind`, 'any', change1(['kindVersion', 'kind'], 'intoto'), flags);
      add(`${who}, ${log}, another version`, 'any', change1(['kindVersion', 'version'], '0.0.9'), flags);
      add(
        `${who}, ${log}, another time`,
        'any',
        change1(['integratedTime'], String(SIGNED.getTime() / 1000 + 60)),
        flags,
      );
      const named = (name: string, note: { readonly origin?: string; readonly signer?: string }): void =>
        add(
          `${who}, ${log}, ${name}`,
          'any',
          bundle((b) => {
            const encoded = String(at(b, [...entry, 'canonicalizedBody']));
            const body = parsedJson(Buffer.from(encoded, 'base64').toString());
            change(b, entry, crafted.logEntry(body, SIGNED, log, note));
          }),
          flags,
        );
      named('another origin of the checkpoint', { origin: log === 'v1' ? 'elsewhere.test - 12' : 'elsewhere.test' });
      named('another name of the checkpoint’s signer', { signer: 'elsewhere.test' });
    }
    add(
      `${who}, in no log`,
      'both reject',
      beside({ bundles: [craft.bundle({ by, log: 'none', timestamp: true })] }),
      flags,
      { field: 'transparencyLog', formats: ['bundle without log'] },
    );
    add(
      `${who}, in no log, none required`,
      'both accept',
      beside({ bundles: [craft.bundle({ by, log: 'none', timestamp: true })] }),
      [...flags, '--insecure-ignore-tlog'],
      {
        field: 'transparencyLog',
        formats: ['bundle without log'],
        ...(who === 'keyless' ? { cosignFlags: ['--use-signed-timestamps'] } : {}),
      },
    );
    add(`${who}, legacy, signed entry timestamp`, 'both accept', beside({ legacy: [craft.legacy({ by })] }), flags, {
      formats: ['legacy with signed entry timestamp'],
    });
    add(
      `${who}, legacy, another key in the entry`,
      'both reject',
      beside({ legacy: [craft.legacy({ by, loggedAs: who === 'key' ? stranger : keyPair() })] }),
      flags,
      { row: 'log entry with another key' },
    );
    add(
      `${who}, legacy, in no log`,
      'both reject',
      beside({ legacy: [craft.legacy({ by, log: 'none', timestamp: true })] }),
      flags,
      { field: 'transparencyLog', cosignFlags: ['--rekor-url', craft.world.emptyRekor] },
    );
    const entry = craft.legacy({ by });
    const part = 'dev.sigstore.cosign/bundle';
    const mutated = (name: string, edit: (text: string) => string): void =>
      add(
        `${who}, legacy, ${name}`,
        'any',
        beside({
          legacy: [{ ...entry, annotations: { ...entry.annotations, [part]: edit(entry.annotations[part] ?? '') } }],
        }),
        flags,
        { cosignFlags: ['--rekor-url', craft.world.emptyRekor] },
      );
    mutated('another index', (text) => text.replace('"logIndex":1234', '"logIndex":7'));
    mutated('another time', (text) =>
      text.replace(/"integratedTime":(\d+)/, (_, time: string) => `"integratedTime":${Number(time) + 60}`),
    );
    mutated('another log', (text) => text.replace(/"logID":"[0-9a-f]{4}/, '"logID":"0000'));
    mutated('of another signature', () => craft.legacy({ by }).annotations[part] ?? '');
    mutated('no JSON', () => 'x');
  }
  return cases;
}

/** When it was signed, as far as somebody trusted says so. */
export function timeCases(craft: Crafting): Case[] {
  const { crafted } = craft.world;
  const now = new Date();
  const good = crafted.leaf();
  const fresh = crafted.leaf({ from: minutes(-1, now), to: minutes(9, now) });
  const tsa = { cosignFlags: ['--use-signed-timestamps'] };
  const noLog = [...craft.trustingPerson(), '--insecure-ignore-tlog'];
  const of = (
    name: string,
    expected: Expected,
    signatures: Parameters<Crafting['case']>[1],
    flags: readonly string[],
    extra: Extra = {},
  ): Case => craft.case({ class: 'time', name, expected, flags, ...extra }, signatures);
  const stamps = ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps'] as const;
  const stamped = (edit: Parameters<Crafting['bundle']>[1]) => ({
    bundles: [craft.bundle({ by: good, log: 'v2', timestamp: true }, edit)],
  });
  const foreign = (b: Parameters<NonNullable<Parameters<Crafting['bundle']>[1]>>[0]): void =>
    change(b, [...stamps, 0, 'signedTimestamp'], crafted.timestamp(Buffer.from('other'), SIGNED).toString('base64'));
  return [
    of(
      'a bundle with a timestamp only',
      'both accept',
      { bundles: [craft.bundle({ by: good, log: 'none', timestamp: true })] },
      noLog,
      tsa,
    ),
    of(
      'a legacy signature with a timestamp only',
      'both accept',
      { legacy: [craft.legacy({ by: good, log: 'none', timestamp: true })] },
      noLog,
      {
        ...tsa,
        formats: ['keyless legacy with timestamp only'],
      },
    ),
    of(
      'no time at all, certificate valid now, bundle',
      { stricter: 'a certificate needs a trusted time' },
      { bundles: [craft.bundle({ by: fresh, log: 'none', at: now })] },
      noLog,
      { row: 'no trusted time' },
    ),
    of(
      'no time at all, certificate valid now, legacy',
      { stricter: 'a certificate needs a trusted time' },
      { legacy: [craft.legacy({ by: fresh, log: 'none', at: now })] },
      noLog,
      { row: 'no trusted time' },
    ),
    of(
      'no time at all, certificate expired, bundle',
      'both reject',
      { bundles: [craft.bundle({ by: good, log: 'none' })] },
      noLog,
      { row: 'no trusted time' },
    ),
    of(
      'no time at all, certificate expired, legacy',
      'both reject',
      { legacy: [craft.legacy({ by: good, log: 'none' })] },
      noLog,
      { row: 'no trusted time' },
    ),
    of(
      'an entry of Rekor v2 without timestamp',
      'any',
      { bundles: [craft.bundle({ by: good, log: 'v2' })] },
      craft.trustingPerson(),
    ),
    of(
      'a timestamp after the certificate',
      'both reject',
      { bundles: [craft.bundle({ by: good, log: 'none', timestamp: true, at: minutes(30) })] },
      noLog,
      tsa,
    ),
    of(
      'a timestamp before the certificate',
      'both reject',
      { bundles: [craft.bundle({ by: good, log: 'none', timestamp: true, at: minutes(-30) })] },
      noLog,
      tsa,
    ),
    of(
      'a log entry after the certificate, bundle',
      'both reject',
      { bundles: [craft.bundle({ by: good, log: 'v1', at: minutes(30) })] },
      craft.trustingPerson(),
    ),
    of(
      'a log entry after the certificate, legacy',
      'both reject',
      { legacy: [craft.legacy({ by: good, log: 'v1', at: minutes(30) })] },
      craft.trustingPerson(),
    ),
    of('a timestamp of another signature', 'both reject', stamped(foreign), craft.trustingPerson()),
    of(
      'a timestamp that is none',
      'any',
      stamped((b) => change(b, [...stamps, 0, 'signedTimestamp'], 'AAAA')),
      craft.trustingPerson(),
    ),
    of(
      'the timestamp twice',
      'any',
      stamped((b) => change(b, [...stamps, 1], { signedTimestamp: 'AAAA' })),
      craft.trustingPerson(),
    ),
    of(
      'a good one beside one of another signature',
      'any',
      stamped((b) =>
        change(b, [...stamps, 1], {
          signedTimestamp: crafted.timestamp(Buffer.from('other'), SIGNED).toString('base64'),
        }),
      ),
      craft.trustingPerson(),
    ),
  ];
}

/** Roots that trust others, or at other times. */
export function trustRootCases(craft: Crafting): Case[] {
  const { crafted } = craft.world;
  const good = crafted.leaf();
  const key = craft.world.key('P-256');
  const range = { start: '2020-01-01T00:00:00Z', end: '2021-01-01T00:00:00Z' };
  const roots: readonly [string, Expected, string, readonly (string | number)[], unknown][] = [
    ['as it is', 'both accept', 'as-is', ['mediaType'], 'application/vnd.dev.sigstore.trustedroot+json;version=0.1'],
    ['no authority', 'both reject', 'no-ca', ['certificateAuthorities'], []],
    ['no log', 'both reject', 'no-log', ['tlogs'], []],
    ['no certificate log', 'both reject', 'no-ct', ['ctlogs'], []],
    ['an authority of another time', 'both reject', 'old-ca', ['certificateAuthorities', 0, 'validFor'], range],
    ['a log of another time', 'any', 'old-log', ['tlogs', 0, 'publicKey', 'validFor'], range],
    ['a certificate log of another time', 'both reject', 'old-ct', ['ctlogs', 0, 'publicKey', 'validFor'], range],
    ['a log without start', 'both reject', 'log-no-start', ['tlogs', 0, 'publicKey', 'validFor'], {}],
    ['no timestamp authority', 'any', 'no-tsa', ['timestampAuthorities'], []],
    ['a timestamp authority of another time', 'any', 'old-tsa', ['timestampAuthorities', 0, 'validFor'], range],
  ];
  return roots.flatMap(([name, expected, file, path, value]) => {
    const root = craft.root(file, (json) => change(json, path, value));
    const row = file === 'log-no-start' ? ({ row: 'log without start of validity' } as const) : {};
    const keyless = FORMS.map((form) =>
      craft.case(
        {
          class: 'trust root',
          name: `${name}, ${form}`,
          // What a root has no word on may be what this form does not need.
          expected: /tsa/.test(file) && form === 'legacy' ? 'any' : expected,
          field: 'trustRoot',
          flags: craft.trustingPerson({ root }),
          ...row,
        },
        craft.keyless(good, form),
      ),
    );
    const byKey = craft.case(
      {
        class: 'trust root',
        name: `${name}, by key`,
        expected: 'any',
        field: 'trustRoot',
        flags: craft.trustingLogged(key, root),
        ...row,
      },
      { bundles: [craft.bundle({ by: key, log: craft.world.chance.oneOf(['v1', 'v2'] as const) })] },
    );
    return keyless.concat(byKey);
  });
}
