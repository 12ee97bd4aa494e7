import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import type { TrustEntries } from '../../src/signature-requirement.ts';
import { Digest } from '../../src/verdict/verdict.ts';
import { NOW, requirementOf, rows } from '../cosign/registry-dump.ts';
import { action, asking, REGISTRY, Shop } from './shop.ts';

const folder = new URL('../vectors/cosign/', import.meta.url);
const Dump = z.object({
  repositories: z.record(
    z.string(),
    z.object({
      tags: z.record(z.string(), z.string()),
      manifests: z.record(z.string(), z.object({ mediaType: z.string(), content: z.string() })),
    }),
  ),
  blobs: z.record(z.string(), z.string()),
});
const dump = Dump.parse(JSON.parse(readFileSync(new URL('registry.json', folder), 'utf8')));
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
  const { registry } = shop;
  for (const [name, { tags, manifests }] of Object.entries(dump.repositories)) {
    for (const { content, mediaType } of Object.values(manifests)) {
      registry.push(place(name), Buffer.from(content, 'base64').toString(), undefined, mediaType);
    }
    for (const [tag, digest] of Object.entries(tags)) {
      registry.repository(place(name)).tags.set(tag, Digest.parse(digest));
    }
  }
  for (const [digest, bytes] of Object.entries(dump.blobs)) registry.storeBlob(digest, Buffer.from(bytes, 'base64'));
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
