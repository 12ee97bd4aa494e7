import { sign } from 'node:crypto';
import { extension, type Issued, type KeyPair } from '../../../../packages/core/test/cosign/certificates.ts';
import {
  FakeSigstore,
  type Json,
  type LeafOptions,
  sha256,
} from '../../../../packages/core/test/cosign/fake-sigstore.ts';

/** Where Fulcio wrote the issuer first, as plain bytes. cosign reads no other place for legacy signatures. */
const FIRST_ISSUER = '1.3.6.1.4.1.57264.1.1';

export interface CraftedEntry {
  readonly body: Json;
  readonly at: Date;
  readonly version: 'v1' | 'v2';
  /** The log's own unless said otherwise. */
  readonly keys?: KeyPair;
  /** The first line of the checkpoint. */
  readonly origin?: string;
  readonly signer?: string;
}

/**
 * A Sigstore that issues what no real one does. cosign reads all of it: certificates name the issuer in both places,
 * entries have all members and are canonical JSON, and the checkpoints of Rekor v1 name their tree.
 */
export class CraftedSigstore extends FakeSigstore {
  override leaf(options: LeafOptions & { readonly firstIssuer?: string } = {}): Issued {
    const { issuer = 'https://issuer.test', firstIssuer = issuer, extensions = [] } = options;
    if (firstIssuer === '') return super.leaf(options);
    return super.leaf({ ...options, extensions: [extension(FIRST_ISSUER, Buffer.from(firstIssuer)), ...extensions] });
  }

  override logEntry(body: Json, at: Date, version: 'v1' | 'v2', keys: KeyPair = this.log): Json {
    return this.entry({ body, at, version, keys });
  }

  entry({ body, at, version, keys = this.log, ...note }: CraftedEntry): Json {
    const { origin = version === 'v1' ? 'log.test - 1193050959916656506' : 'log.test', signer = 'log.test' } = note;
    const canonicalizedBody = Buffer.from(JSON.stringify(sorted(whole(body))));
    const logId = sha256(keys.spki);
    const leaf = sha256(Buffer.from([0]), canonicalizedBody);
    const text = `${origin}\n1\n${leaf.toString('base64')}\n`;
    const signature = Buffer.concat([logId.subarray(0, 4), sign('sha256', Buffer.from(text), keys.privateKey)]);
    const integratedTime = Math.floor(at.getTime() / 1000);
    const promised = JSON.stringify({
      body: canonicalizedBody.toString('base64'),
      integratedTime,
      logID: logId.toString('hex'),
      logIndex: 1234,
    });
    const promise = { signedEntryTimestamp: sign('sha256', Buffer.from(promised), keys.privateKey).toString('base64') };
    return {
      logIndex: version === 'v1' ? '1234' : '0',
      logId: { keyId: logId.toString('base64') },
      kindVersion: { kind: body['kind'] ?? '', version: body['apiVersion'] ?? '' },
      ...(version === 'v1' ? { integratedTime: String(integratedTime), inclusionPromise: promise } : {}),
      inclusionProof: {
        logIndex: '0',
        rootHash: leaf.toString('base64'),
        treeSize: '1',
        hashes: [],
        checkpoint: { envelope: `${text}\n— ${signer} ${signature.toString('base64')}\n` },
      },
      canonicalizedBody: canonicalizedBody.toString('base64'),
    };
  }
}

/** Rekor's entries for envelopes have a hash that nobody compares and cosign misses where it is not there. */
function whole(body: Json): Json {
  const { spec } = body;
  if (body['kind'] !== 'dsse' || !isObject(spec)) return body;
  return { ...body, spec: { ...spec, envelopeHash: { algorithm: 'sha256', value: sha256('').toString('hex') } } };
}

/** With names in order, as canonical JSON (RFC 8785) has them; there are no numbers in it. */
function sorted(value: object): object {
  if (Array.isArray(value)) return value.map((each: unknown) => (isObject(each) ? sorted(each) : each));
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(
    entries
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, isObject(each) ? sorted(each) : each]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
