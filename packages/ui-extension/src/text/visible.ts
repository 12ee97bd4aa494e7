/**
 * Characters that change how the text around them reads, or that nobody can see: controls, line and paragraph
 * separators, Unicode's Bidi_Control (Standard Annex 9) and Default_Ignorable_Code_Point (zero width, soft hyphen,
 * variation selectors, tags), interlinear annotations. An adversary writes them into user IDs, chart names and URLs
 * to make one look like another ("Trojan Source").
 */
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
/** Controls that text of several lines is made of. */
const LAYOUT = /[\n\t]/;

export type TextPart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'mark'; readonly text: string };

/** Splits untrusted text so that each deceptive character can be shown as what it is: `U+202E`. */
export function visibleParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let plain = '';
  for (const character of text) {
    if (!DECEPTIVE.test(character) || LAYOUT.test(character)) {
      plain += character;
      continue;
    }
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
    parts.push({ kind: 'mark', text: codePoint(character) });
  }
  if (plain !== '') parts.push({ kind: 'text', text: plain });
  return parts;
}

/** The same as one string, for places that take no markup: titles, names for screen readers. */
export function visibleText(text: string): string {
  return visibleParts(text)
    .map((part) => (part.kind === 'mark' ? `[${part.text}]` : part.text))
    .join('');
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
