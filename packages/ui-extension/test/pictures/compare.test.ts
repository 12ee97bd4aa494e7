import { describe, expect, it } from 'vitest';
import { differences } from '../../pictures/compare.ts';
import type { Image } from '../../pictures/png.ts';

const [WIDTH, HEIGHT] = [160, 80];

/** A grey picture with rectangles of other colours. */
function drawn(
  ...parts: readonly (readonly [x: number, y: number, width: number, height: number, colour: number])[]
): Image {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3, 0xee);
  for (const [left, top, width, height, colour] of parts) {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) pixels.writeUIntBE(colour, (y * WIDTH + x) * 3, 3);
    }
  }
  return { width: WIDTH, height: HEIGHT, pixels };
}

const word = [24, 24, 40, 8, 0x333333] as const;

describe('two pictures', () => {
  it('are the same where they are, and where single pixels are not', () => {
    expect(differences(drawn(word), drawn(word))).toEqual([]);
    expect(differences(drawn(word), drawn(word, [100, 40, 1, 2, 0]))).toEqual([]);
  });

  it('differ by a word that is lost, moved or of another colour, and say where', () => {
    expect(differences(drawn(word), drawn())).toEqual([{ x: 24, y: 24, width: 40, height: 8, blocks: 5 }]);
    expect(differences(drawn(word), drawn([24, 30, 40, 8, 0x333333]))).not.toEqual([]);
    // As bright as before.
    expect(differences(drawn([24, 24, 40, 8, 0xc0323d]), drawn([24, 24, 40, 8, 0x3d6a3d]))).not.toEqual([]);
  });

  it('differ by many small things that do not touch each other', () => {
    const dots = [0, 16, 32, 48, 64, 80, 96].map((x) => [x, 0, 8, 8, 0] as const);
    expect(differences(drawn(), drawn(...dots))).toHaveLength(7);
    expect(differences(drawn(), drawn(...dots.slice(1)))).toEqual([]);
  });

  it('differ by their size', () => {
    expect(differences(drawn(), { ...drawn(), height: HEIGHT - 8 })).toHaveLength(1);
  });
});
