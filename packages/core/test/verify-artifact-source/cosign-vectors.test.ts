import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TrustEntries } from '../../src/signature-requirement.ts';
import { RegistryContent } from '../oci/registry-content.ts';
import { NOW, requirementOf, rows } from '../cosign/registry-dump.ts';
import { action, asking, REGISTRY, Shop } from './shop.ts';

const folder = new URL('../vectors/cosign/', import.meta.url);
const content = new RegistryContent(new URL('registry.json', folder));
const files = readdirSync(new URL('keys', folder));
const keys: TrustEntries = {
  entries: new Map(files.map((file) => [file, readFileSync(new URL(`keys/${file}`, folder), 'utf8')])),
};
const roots: TrustEntries = {
  entries: new Map([['private', readFileSync(new URL('trusted_root.json', folder), 'utf8')]]),
};

/** Where each artifact lies: it is a chart called mychart. */
const place = (repository: string): string => (repository.startsWith('c/') ? `${repository}/mychart` : repository);

function serve(referrersApi: boolean): Shop {
  const shop = new Shop({ referrersApi });
  content.serve(shop.registry, place);
  return shop;
}

/** cosign's flags as an entry of the policy. */
function entryOf(flags: string): object {
  const { keys: of, identities, trustRoot, signatureRepository, ...rest } = requirementOf(flags);
  const written = (field: string, pattern: { text: string } | { regExp: string }): [string, string] =>
    'text' in pattern ? [field, pattern.text] : [`${field}RegExp`, pattern.regExp];
  return asking({
    ...rest,
    keys: of.map(({ name }) => name),
    identities: identities.map(({ issuer, subject }) =>
      Object.fromEntries([written('issuer', issuer), written('subject', subject)]),
    ),
    ...(trustRoot === null ? {} : { trustRoot: 'private' }),
    ...(signatureRepository === null ? {} : { signatureRepository: `${REGISTRY}/${signatureRepository}` }),
  });
}

describe.each([
  ['by fall-back tag', serve(false)],
  ['by the referrers API', serve(true)],
])('signatures of cosign 3.1.3, found %s', (_, shop) => {
  test.each(rows())('$name is $ours, as a chart and behind oci://', async ({ reference, flags, ours }) => {
    const [repository = ''] = reference.split('@');
    const asked = { targetRevision: '1.2.3', keys, roots, root: 'none', now: NOW } as const;
    const chart = { ...asked, repoURL: `${REGISTRY}/${repository}`, chart: 'mychart' };
    const plain = { ...asked, repoURL: `oci://${REGISTRY}/${repository}/mychart` };
    for (const source of [chart, plain]) {
      const report = await shop.verify(source, [entryOf(flags)]);
      if (ours !== 'either') expect(action(report)).toBe(ours === 'OK' ? 'allow' : 'deny');
      expect(report.verdict.status === 'verified').toBe(action(report) === 'allow');
    }
  });
});
