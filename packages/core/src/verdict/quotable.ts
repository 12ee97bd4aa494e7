const MAX_LENGTH = 200;

/**
 * Text that somebody else wrote, made fit for the parameters of a problem: one line without control, bidirectional or
 * other invisible characters, at most 200 characters (then an ellipsis).
 */
export function quotable(text: string): string {
  const plain = text
    .slice(0, 4 * MAX_LENGTH)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  const characters = Array.from(plain);
  return characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH - 1).join('')}…` : plain;
}
