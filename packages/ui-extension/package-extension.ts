/**
 * Packs the built extension as argocd-extension-installer takes it: `dist/extension.tar.gz` and
 * `dist/extension_checksums.txt`. The same extension gives the same bytes, on every machine.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';

const NAME = 'extension-source-integrity.js';
/** The installer copies what is below `resources`; it finds our folder by its name. */
const FOLDER = `resources/${NAME}`;

interface PackedExtension {
  readonly archive: Buffer;
  /** One line, as `sha256sum` writes it: the installer compares with the bare name of the archive. */
  readonly checksums: string;
}

export function packExtension(script: Uint8Array): PackedExtension {
  const archive = gzip(
    tar([
      { path: 'resources/', content: null },
      { path: `${FOLDER}/`, content: null },
      { path: `${FOLDER}/${NAME}`, content: script },
    ]),
  );
  const digest = createHash('sha256').update(archive).digest('hex');
  return { archive, checksums: `${digest}  extension.tar.gz\n` };
}

interface Entry {
  /** At most 100 bytes; a folder ends in a slash and has no content. */
  readonly path: string;
  readonly content: Uint8Array | null;
}

const BLOCK_BYTES = 512;

/** A ustar archive (POSIX.1-1988) that belongs to nobody and to no time. */
function tar(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, content }) => {
    const padding = (BLOCK_BYTES - ((content?.length ?? 0) % BLOCK_BYTES)) % BLOCK_BYTES;
    return [tarHeader(path, content), content ?? Buffer.alloc(0), Buffer.alloc(padding)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function tarHeader(path: string, content: Uint8Array | null): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  };
  header.write(path, 0, 100, 'latin1');
  octal(content === null ? 0o755 : 0o644, 100, 7);
  octal(0, 108, 7); // owner
  octal(0, 116, 7); // group
  octal(content?.length ?? 0, 124, 11);
  octal(0, 136, 11); // time of change
  header.write(content === null ? '5' : '0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(' ', 148, 156); // the sum counts its own field as spaces
  const sum = header.reduce((total, byte) => total + byte, 0);
  octal(sum, 148, 6);
  return header;
}

/** RFC 1951, section 3.2.4: the length of a stored block has 16 bits. */
const STORED_BYTES = 65_535;

/** A gzip file (RFC 1952) of stored blocks: how well bytes are compressed differs between versions and processors. */
function gzip(bytes: Buffer): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let at = 0; at < bytes.length; at += STORED_BYTES) {
    const stored = bytes.subarray(at, at + STORED_BYTES);
    const head = Buffer.from([at + STORED_BYTES >= bytes.length ? 1 : 0, 0, 0, 0, 0]);
    head.writeUInt16LE(stored.length, 1);
    head.writeUInt16LE(0xffff - stored.length, 3);
    parts.push(head, stored);
  }
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(bytes), 0);
  end.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([...parts, end]);
}

if (import.meta.main) {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const { archive, checksums } = packExtension(await readFile(at(`dist/${NAME}`)));
  await writeFile(at('dist/extension.tar.gz'), archive);
  await writeFile(at('dist/extension_checksums.txt'), checksums);
  process.stdout.write(checksums);
}
