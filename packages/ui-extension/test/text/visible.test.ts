import { describe, expect, it } from 'vitest';
import { visibleParts, visibleText } from '../../src/text/visible.ts';

describe('untrusted text', () => {
  it('shows each character that changes direction or cannot be seen', () => {
    expect(visibleText('a\u202Eb')).toBe('a[U+202E]b');
    expect(visibleText('\u2066\u200B\uFEFF\u00AD\u0007\u{E0041}')).toBe(
      '[U+2066][U+200B][U+FEFF][U+00AD][U+0007][U+E0041]',
    );
  });

  it('leaves everything else as it is', () => {
    const text = 'Ämter – 東京 – שלום <b>&amp;</b>\n\tline';
    expect(visibleParts(text)).toEqual([{ kind: 'text', text }]);
  });

  it('holds no format character that stays hidden but the signs that enclose digits and are seen', () => {
    const seen = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2]/;
    for (let point = 0; point < 0x1_0000; point++) {
      const character = String.fromCodePoint(point);
      if (/\p{Cf}/u.test(character) && !seen.test(character)) {
        expect(visibleText(character), point.toString(16)).toMatch(/^\[U\+/);
      }
    }
  });
});
