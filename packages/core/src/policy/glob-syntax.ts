/** Inclusive bounds of one range of code points. */
export type CodePointRange = readonly [low: number, high: number];

/** A piece of a glob. Without separators `**` is `*`. */
export type GlobNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly CodePointRange[] }
  | { readonly kind: 'choice'; readonly alternatives: readonly (readonly GlobNode[])[] };

export type ParsedGlob = { readonly nodes: readonly GlobNode[] } | { readonly invalid: string };

class SyntaxFault extends Error {}

/**
 * Reads a glob by the grammar of gobwas/glob 1.0.0 (`syntax/lexer.go`, `parse.go`), which Argo CD 3.6 uses:
 * what that library refuses to compile is `invalid` here, with the reason.
 * The caller caps the length; nesting is bounded by it.
 */
export function parseGlob(pattern: string): ParsedGlob {
  if (!pattern.isWellFormed()) return { invalid: 'it is not valid Unicode' };
  const reader = new GlobReader(Array.from(pattern));
  try {
    return { nodes: reader.whole() };
  } catch (fault) {
    if (fault instanceof SyntaxFault) return { invalid: fault.message };
    throw fault;
  }
}

class GlobReader {
  readonly #characters: readonly string[];
  #position = 0;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  whole(): readonly GlobNode[] {
    return this.#sequence(0);
  }

  /** Outside of braces `,` and `}` are text; inside they end an alternative. */
  #sequence(depth: number): GlobNode[] {
    const nodes: GlobNode[] = [];
    for (;;) {
      const character = this.#characters[this.#position];
      if (character === undefined || (depth > 0 && (character === ',' || character === '}'))) return nodes;
      this.#position += 1;
      switch (character) {
        case '*':
          if (nodes.at(-1)?.kind !== 'any') nodes.push({ kind: 'any' });
          break;
        case '?':
          nodes.push({ kind: 'one' });
          break;
        case '[':
          nodes.push(this.#class());
          break;
        case '{':
          nodes.push(this.#choice(depth + 1));
          break;
        case '\\':
          nodes.push({ kind: 'text', text: this.#escaped() });
          break;
        default:
          nodes.push({ kind: 'text', text: character });
      }
    }
  }

  #choice(depth: number): GlobNode {
    const alternatives: GlobNode[][] = [];
    for (;;) {
      alternatives.push(this.#sequence(depth));
      const end = this.#characters[this.#position];
      if (end === undefined) throw new SyntaxFault('a "{" is never closed');
      this.#position += 1;
      if (end === '}') return { kind: 'choice', alternatives };
    }
  }

  /** Either one range (`a-z`, where a backslash is an ordinary bound) or a set of characters, never both. */
  #class(): GlobNode {
    const negated = this.#characters[this.#position] === '!';
    if (negated) this.#position += 1;
    const low = this.#characters[this.#position];
    if (low !== undefined && this.#characters[this.#position + 1] === '-') {
      return { kind: 'class', negated, ranges: [this.#range(low)] };
    }
    const ranges: CodePointRange[] = [];
    for (;;) {
      const character = this.#characters[this.#position];
      if (character === undefined) throw new SyntaxFault('a "[" is never closed');
      this.#position += 1;
      if (character === ']') break;
      const codePoint = codePointOf(character === '\\' ? this.#escaped() : character);
      ranges.push([codePoint, codePoint]);
    }
    if (ranges.length === 0) throw new SyntaxFault('a class "[]" holds no character');
    return { kind: 'class', negated, ranges };
  }

  #range(low: string): CodePointRange {
    const high = this.#characters[this.#position + 2];
    if (high === undefined) throw new SyntaxFault('a "[" is never closed');
    if (this.#characters[this.#position + 3] !== ']') {
      throw new SyntaxFault(`a class that begins with the range "${low}-${high}" must end there`);
    }
    if (codePointOf(high) < codePointOf(low)) throw new SyntaxFault(`the range "${low}-${high}" runs backwards`);
    this.#position += 4;
    return [codePointOf(low), codePointOf(high)];
  }

  #escaped(): string {
    const character = this.#characters[this.#position];
    if (character === undefined) throw new SyntaxFault('a backslash at the end escapes nothing');
    this.#position += 1;
    return character;
  }
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
