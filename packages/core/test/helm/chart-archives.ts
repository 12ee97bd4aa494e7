import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';

/** An entry of an archive: its path and content, or more of its header. */
export type ArchiveEntry =
  readonly [path: string, content: string | Buffer] | (Partial<Header> & { readonly name: string });

/** Writes a tar as it is told to, however wrong. */
export async function tarOf(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const entry of entries) {
    if ('name' in entry) tar.entry({ ...entry });
    else tar.entry({ name: entry[0] }, entry[1]);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function archiveOf(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  return gzipSync(await tarOf(entries));
}

export function chartYaml(name: string, version: string, more = ''): string {
  return `apiVersion: v2\nname: ${name}\nversion: ${version}\n${more}`;
}
