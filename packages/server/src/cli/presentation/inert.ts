/** Control, bidirectional, invisible and unassigned characters, and line ends that are not `\n`. */
const ACTIVE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text that somebody else wrote, so that a terminal only shows it: what would move the cursor, hide or turn text
 * around is written as `\u{202e}`. Line ends too: nobody else's text begins a line of its own.
 */
export function inert(text: string): string {
  return text.replaceAll(ACTIVE, (character) => `\\u{${codePoint(character).toString(16)}}`);
}

/** JSON with the same characters escaped as JSON escapes them. */
export function inertJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.replaceAll(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => unit(character.charCodeAt(at))).join(''),
  );
}

/** Messages of our own may have several lines. */
export function inertLines(text: string): string {
  return text.split('\n').map(inert).join('\n');
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
