interface PemBlock {
  readonly label: string;
  readonly der: Buffer;
}

/** `fault` completes "it …". */
export type PemBlocks = { readonly blocks: readonly PemBlock[] } | { readonly fault: string };

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,64})-----$/;
const BASE64_LINE = /^[A-Za-z0-9+/]*={0,2}$/;
const HEADER_LINE = /^[A-Za-z0-9-]+: ?.*$/;
const MAX_BLOCKS = 16;

/** RFC 7468: every block of a text that holds nothing else, but for white space. */
export function readPem(text: string): PemBlocks {
  const blocks: PemBlock[] = [];
  let block: { readonly label: string; readonly lines: string[] } | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (block === null) {
      if (line === '') continue;
      const label = BEGIN.exec(line)?.[1];
      if (label === undefined) return { fault: blocks.length === 0 ? 'is not PEM' : 'has text beside its PEM blocks' };
      block = { label, lines: [] };
    } else if (line === `-----END ${block.label}-----`) {
      const base64 = block.lines.filter((line) => !HEADER_LINE.test(line)).join('');
      if (!BASE64_LINE.test(base64)) return { fault: 'has a PEM block that is not base64' };
      blocks.push({ label: block.label, der: Buffer.from(base64, 'base64') });
      if (blocks.length > MAX_BLOCKS) return { fault: `has more than ${MAX_BLOCKS} PEM blocks` };
      block = null;
    } else {
      block.lines.push(line);
    }
  }
  return block === null ? { blocks } : { fault: `has no line "-----END ${block.label}-----"` };
}
