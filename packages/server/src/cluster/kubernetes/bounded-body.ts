/** More was sent than is taken. */
export class TooLargeError extends Error {
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`larger than ${maxBytes} bytes`);
    this.name = 'TooLargeError';
    this.maxBytes = maxBytes;
  }
}

/** The whole text of a body; throws a {@link TooLargeError} as soon as it is larger. */
export async function boundedText(body: AsyncIterable<unknown>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body is made of bytes');
    size += chunk.byteLength;
    if (size > maxBytes) throw new TooLargeError(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The lines of a body that need not end; throws a {@link TooLargeError} as soon as one of them is larger. */
export async function* boundedLines(
  body: AsyncIterable<unknown>,
  maxBytes: number,
): AsyncGenerator<string, void, undefined> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a body is made of bytes');
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); ; end = rest.indexOf(0x0a)) {
      const piece = end < 0 ? rest : rest.subarray(0, end);
      size += piece.byteLength;
      if (size > maxBytes) throw new TooLargeError(maxBytes);
      if (piece.byteLength > 0) pieces.push(piece);
      if (end < 0) break;
      if (size > 0) yield Buffer.concat(pieces).toString('utf8');
      pieces = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
  }
  // What breaks off within a line says nothing.
}
