import { describe, expect, it } from 'vitest';
import { tokens } from '../../src/style/tokens.ts';

/** The colours of a theme, by their names. */
function colours(selector: string): ReadonlyMap<string, string> {
  const block = tokens.slice(tokens.indexOf(`\n${selector}`)).split('}')[0] ?? '';
  return new Map(
    [...block.matchAll(/--si-([\w-]+): (#[0-9a-f]+);/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.replaceAll(/[0-9a-f]/g, '$&$&') : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe.each([
  ['light', '.si-root, .si-panel {'],
  ['dark', '.theme-dark .si-root'],
])('the colours of the %s theme', (_, selector) => {
  // What a theme does not say is as in the light one.
  const theme = new Map([...colours('.si-root, .si-panel {'), ...colours(selector)]);
  const of = (name: string): string => theme.get(name) ?? '';

  it.each(['ink', 'muted', 'ok', 'failed', 'unknown', 'link'])('let %s be read on all that is behind it', (name) => {
    for (const behind of ['surface', 'soft', 'hover']) {
      expect(contrast(of(name), of(behind)), behind).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('let what is compared, and what differs, be read on its tint', () => {
    for (const behind of ['expected', 'actual']) {
      expect(contrast(of('ink'), of(behind)), behind).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(of('failed'), of('actual'))).toBeGreaterThanOrEqual(4.5);
  });

  it('let the button be read, and be seen with the mouse over it', () => {
    expect(contrast('#f8fbfb', of('action'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast('#f8fbfb', of('action-hover'))).toBeGreaterThanOrEqual(4.5);
  });
});
