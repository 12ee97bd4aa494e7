import { layout } from './layout.ts';
import { parts } from './parts.ts';
import { tokens } from './tokens.ts';

const MARK = 'data-source-integrity';

/** Puts the one style sheet into the page, once; the host's styles are never bundled or changed. */
export function ensureStyles(): void {
  if (document.head.querySelector(`style[${MARK}]`) !== null) return;
  const style = document.createElement('style');
  style.setAttribute(MARK, '');
  style.textContent = tokens + layout + parts;
  document.head.appendChild(style);
}
