import type { Image } from './png.ts';

/** Bytes of a pixel. */
const RGB = 3;
/** Pixels of a block's side: about the height of a small letter. */
const BLOCK = 8;
/** Of 255: what the smoothing of letters changes in a block's mean of red, green or blue stays below. */
const SAME = 20;
/** Blocks that may differ, where none of them touch each other. */
const LONELY = 6;

/** Where two pictures differ, and how much. */
export interface Difference {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Blocks in it that differ. */
  readonly blocks: number;
}

/**
 * What a person would see: pictures of the same size differ where neighbouring blocks have another mean colour.
 * Letters that are drawn a little otherwise on another machine do not count; a lost or moved word does.
 */
export function differences(a: Image, b: Image): readonly Difference[] {
  if (a.width !== b.width || a.height !== b.height) {
    return [{ x: 0, y: 0, width: b.width, height: b.height, blocks: Infinity }];
  }
  const columns = Math.ceil(a.width / BLOCK);
  const [before, after] = [means(a), means(b)];
  const differing = new Set<number>();
  before.forEach((mean, at) => {
    if (Math.abs(mean - (after[at] ?? 0)) > SAME) differing.add(Math.floor(at / RGB));
  });
  const found = patches(differing, columns);
  return found.some(({ blocks }) => blocks > 1) || differing.size > LONELY ? found : [];
}

/** The mean red, green and blue of each block, row by row. */
function means({ width, height, pixels }: Image): readonly number[] {
  const columns = Math.ceil(width / BLOCK);
  const found: number[] = [];
  for (let top = 0; top < height; top += BLOCK) {
    for (let left = 0; left < columns * BLOCK; left += BLOCK) {
      const [bottom, right] = [Math.min(top + BLOCK, height), Math.min(left + BLOCK, width)];
      for (let channel = 0; channel < RGB; channel++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) sum += pixels[(y * width + x) * RGB + channel] ?? 0;
        }
        found.push(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return found;
}

/** Blocks that touch each other, as one each. */
function patches(blocks: ReadonlySet<number>, columns: number): Difference[] {
  const left = new Set(blocks);
  const found: Difference[] = [];
  for (const first of blocks) {
    if (!left.delete(first)) continue;
    const patch = [first];
    for (const block of patch) {
      for (const next of neighbours(block, columns)) if (left.delete(next)) patch.push(next);
    }
    const xs = patch.map((block) => (block % columns) * BLOCK);
    const ys = patch.map((block) => Math.floor(block / columns) * BLOCK);
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    found.push({
      x,
      y,
      width: Math.max(...xs) + BLOCK - x,
      height: Math.max(...ys) + BLOCK - y,
      blocks: patch.length,
    });
  }
  return found.toSorted((a, b) => b.blocks - a.blocks);
}

function neighbours(block: number, columns: number): readonly number[] {
  const sides = [block - columns, block + columns];
  if (block % columns > 0) sides.push(block - 1);
  if (block % columns < columns - 1) sides.push(block + 1);
  return sides;
}
