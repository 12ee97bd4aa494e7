import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const MAX_COLOURS = 256;
/** Bytes of a pixel. */
const RGB = 3;

export interface Image {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, row by row. */
  readonly pixels: Buffer;
}

/** The same picture in its 256 most frequent colours, a third as large: pages are of few. For Chromium's own PNGs. */
export function withPalette(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const colourAt = (pixel: number): number => pixels.readUIntBE(pixel * RGB, RGB);
  const frequency = new Map<number, number>();
  for (let pixel = 0; pixel < width * height; pixel++) {
    frequency.set(colourAt(pixel), (frequency.get(colourAt(pixel)) ?? 0) + 1);
  }
  const palette = [...frequency]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_COLOURS)
    .map(([colour]) => colour);
  const indexOf = new Map([...frequency.keys()].map((colour) => [colour, nearest(palette, colour)]));

  // Each row begins with its filter: none.
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf.get(colourAt(y * width + x)) ?? 0;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, indexed colour.
  header.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function nearest(palette: readonly number[], colour: number): number {
  const distance = (other: number): number =>
    ((other >> 16) - (colour >> 16)) ** 2 +
    (((other >> 8) & 255) - ((colour >> 8) & 255)) ** 2 +
    ((other & 255) - (colour & 255)) ** 2;
  let best = 0;
  palette.forEach((other, index) => {
    if (distance(other) < distance(palette[best] ?? 0)) best = index;
  });
  return best;
}

/** PNG, third edition: eight bits, not interlaced; RGB without alpha, as Chromium writes it, or the palette from above. */
export function decode(png: Buffer): Image {
  const data: Buffer[] = [];
  let header = Buffer.alloc(0);
  let palette = Buffer.alloc(0);
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const type = png.toString('latin1', at + 4, at + 8);
    const content = Buffer.from(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    if (type === 'IHDR') header = content;
    if (type === 'PLTE') palette = content;
    if (type === 'IDAT') data.push(content);
  }
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const rows = inflateSync(Buffer.concat(data));
  switch (header.toString('hex', 8)) {
    case '0802000000':
      return { width, height, pixels: unfiltered(rows, width * RGB, height) };
    case '0803000000':
      return { width, height, pixels: looked(palette, rows, width, height) };
    default:
      throw new Error('the picture is neither a PNG as Chromium writes it nor one of ours');
  }
}

/** Of rows that each begin with the filter "none". */
function looked(palette: Buffer, rows: Buffer, width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * RGB);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = (rows[y * (width + 1) + 1 + x] ?? 0) * RGB;
      palette.copy(pixels, (y * width + x) * RGB, colour, colour + RGB);
    }
  }
  return pixels;
}

/** "Filter types for filter method 0". */
function unfiltered(filtered: Buffer, stride: number, height: number): Buffer {
  const pixels = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x < RGB ? 0 : (pixels[y * stride + x - RGB] ?? 0);
      const up = y === 0 ? 0 : (pixels[(y - 1) * stride + x] ?? 0);
      const corner = x < RGB || y === 0 ? 0 : (pixels[(y - 1) * stride + x - RGB] ?? 0);
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
      pixels[y * stride + x] = ((filtered[y * (stride + 1) + 1 + x] ?? 0) + predicted) & 255;
    }
  }
  return pixels;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
