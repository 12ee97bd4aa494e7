/**
 * Characters that change how the text around them reads, or that nobody can see: C0 and C1 controls but tab and line
 * feed, soft hyphen, zero-width characters, bidirectional marks, embeddings, overrides and isolates (Unicode
 * Standard Annex 9), line and paragraph separators, the byte order mark, and tags. An adversary writes them into user
 * IDs, chart names and URLs to make one look like another ("Trojan Source").
 */
const DECEPTIVE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- such characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

export type TextPart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'mark'; readonly text: string };

/** Splits untrusted text so that each deceptive character can be shown as what it is: `U+202E`. */
export function visibleParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let plain = '';
  for (const character of text) {
    if (!DECEPTIVE.test(character)) {
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
