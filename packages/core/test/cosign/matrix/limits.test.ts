import { expect, test } from 'vitest';
import { OCI_LIMITS } from '../../../src/oci/limits.ts';
import { type Descriptor, image } from '../../oci/registry-fake.ts';
import { action, outcome, Shop } from '../../verify-artifact-source/shop.ts';
import { ask, BY_KEY, content, shopWith, signatureLayer, type SignedCase, signatureOf } from './signed-artifacts.ts';

const MIB = 1024 * 1024;
const HUGE = Buffer.alloc(200 * MIB, 0x20);
const CASES = BY_KEY.filter(({ name }) => name === 'p-256/bundle' || name === 'p-256/legacy');

/** The artifact, and beside it a manifest with these layers in the place of the signature's. */
function shopWithLayers({ name, form }: SignedCase, layersOf: (shop: Shop) => Descriptor[]): Shop {
  const shop = new Shop();
  const { registry } = shop;
  const { digest } = registry.push(name, content.manifestText(name, '1.2.3') ?? '', '1.2.3');
  const manifest = image(registry.blob('{}', 'application/vnd.oci.empty.v1+json'), layersOf(shop));
  if (form === 'legacy') registry.push(name, manifest, `${digest.replace(':', '-')}.sig`);
  else shop.referrer(name, digest, registry.push(name, manifest));
  return shop;
}

/** The bytes that may be read of a blob; null: it was not asked for. */
function allowedFor(shop: Shop, digest: string): number | null {
  return shop.registry.requests.find(({ url }) => url.endsWith(`/blobs/${digest}`))?.maxBytes ?? null;
}

test.each(CASES)('$name with 10,001 layers is not opened', async (signed) => {
  const { digest, mediaType, annotations = {} } = signatureLayer(signed);
  const size = content.blob(digest).length;
  const layer = { digest: content.digest(signed.name, '1.2.3'), mediaType, size, annotations };
  const shop = shopWithLayers(signed, () => Array.from({ length: 10_001 }, () => layer));
  const report = await ask(shop, signed);
  expect([outcome(report), action(report)]).toEqual(['indeterminate oci-too-many-layers', 'deny']);
  expect(allowedFor(shop, layer.digest)).toBeNull();
});

test('an artifact with 10,001 layers is refused, well signed or not', async () => {
  const [signed] = CASES;
  if (signed === undefined) throw new Error('there is no case');
  const shop = shopWith(signed, signatureOf(signed), false);
  const layer = shop.registry.blob('x', 'application/vnd.oci.image.layer.v1.tar+gzip');
  const config = shop.registry.blob('{}', 'application/vnd.oci.empty.v1+json');
  shop.registry.push(
    signed.name,
    image(
      config,
      Array.from({ length: 10_001 }, () => layer),
    ),
    '1.2.3',
  );
  const report = await ask(shop, signed);
  expect([outcome(report), action(report)]).toEqual(['indeterminate oci-too-many-layers', 'deny']);
});

test.each(CASES)('$name with 200 MiB of payload is not fetched', async (signed) => {
  const { mediaType, annotations = {} } = signatureLayer(signed);
  let digest = '';
  const shop = shopWithLayers(signed, ({ registry }) => {
    const layer = registry.blob(HUGE, mediaType, annotations);
    digest = layer.digest;
    return [layer];
  });
  const report = await ask(shop, signed);
  expect([outcome(report), action(report)]).toEqual(['indeterminate oci-blob-too-large', 'deny']);
  expect(allowedFor(shop, digest)).toBeNull();
});

test.each(CASES)(
  '$name with 200 MiB behind the digest of a small payload is read no further than its size',
  async (signed) => {
    const { digest, mediaType, annotations = {} } = signatureLayer(signed);
    const size = content.blob(digest).length;
    const shop = shopWithLayers(signed, ({ registry }) => {
      const layer = { ...registry.blob(content.blob(digest), mediaType, annotations) };
      registry.storeBlob(digest, HUGE);
      return [layer];
    });
    const report = await ask(shop, signed);
    expect(report.verdict.status).toBe('indeterminate');
    expect(action(report)).toBe('deny');
    expect(allowedFor(shop, digest)).toBeLessThanOrEqual(Math.max(size, 1) + 1);
    expect(size).toBeLessThan(OCI_LIMITS.signatureBytes);
  },
);
