/** What the boxes are filled with. */
export const parts = `
.si-root .si-button {
  flex: none;
  padding: 8px 18px;
  border: 0;
  border-radius: 24px;
  color: #f8fbfb;
  background: var(--si-action);
  font-size: 13px;
  font-weight: 500;
  line-height: 18px;
  text-transform: uppercase;
  cursor: pointer;
}
.si-root .si-button:hover { background: var(--si-action-hover); }
.si-root .si-button[aria-disabled='true'] { cursor: default; color: var(--si-muted); background: var(--si-soft); box-shadow: inset 0 0 0 1px var(--si-line); }
.si-link, .si-copy, .si-disclosure__button { margin: 0; padding: 0; border: 0; color: var(--si-link); background: none; font-size: 13px; line-height: 20px; cursor: pointer; }
.si-link:hover, .si-disclosure__button:hover { text-decoration: underline; }
.si-copy { flex: none; min-width: 24px; min-height: 24px; margin: -2px 0; border-radius: 3px; text-align: center; }
.si-copy:hover { background: var(--si-soft); }
.si-icon[class*='si-tone-'] { color: var(--si-tone); }
.si-standing { color: var(--si-tone); font-weight: 600; white-space: nowrap; }
.si-standing .si-icon { width: 18px; }
.si-tag {
  display: inline-block;
  margin: 0 0 0 6px;
  padding: 0 8px;
  border: 1px solid currentcolor;
  border-radius: 10px;
  color: var(--si-muted);
  font-size: 11px;
  line-height: 17px;
  white-space: nowrap;
}
.si-tag[class*='si-tone-'] { color: var(--si-tone); }
.si-tagged { display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: center; }
.si-tagged > .si-tag { margin: 0; }
.si-quiet { color: var(--si-muted); }
.si-root .si-label { margin: 0 0 8px; color: var(--si-muted); font-size: 12px; font-weight: 400; line-height: 20px; text-transform: uppercase; }
.si-line { margin: 8px 0 0; }
.si-line:has(> .si-icon:first-child) { padding-left: 22px; text-indent: -22px; }
.si-line * { text-indent: 0; }
.si-line > .si-icon:first-child { display: inline-block; width: 18px; text-align: left; }
.si-mark { margin: 0 1px; padding: 0 3px; border: 1px solid var(--si-failed); border-radius: 3px; color: var(--si-failed); font: 11px/1.2 monospace; }
.si-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.si-root .si-code, .si-root .si-snippet__text {
  padding: 0;
  border: 0;
  color: inherit;
  background: none;
  font: 12.5px/20px 'Source Code Pro', 'Liberation Mono', Menlo, Consolas, monospace;
}
.si-root .si-code { white-space: normal; }
.si-hex { display: inline-flex; align-items: flex-start; gap: 4px; max-width: 100%; }
.si-facts .si-hex--grouped .si-code { max-width: 24.5ch; }

.si-checks__item { display: flex; gap: 12px; margin-bottom: 12px; }
.si-checks__item > .si-icon { flex: none; width: 16px; line-height: 20px; text-align: center; }
.si-checks__evidence { color: var(--si-muted); font-size: 12px; line-height: 18px; }

.si-comparison { border: 1px solid var(--si-line); border-radius: 4px; overflow: hidden; }
.si-comparison__side { display: flex; gap: 16px; align-items: flex-start; padding: 10px 14px; }
.si-comparison__side + .si-comparison__side { border-top: 1px solid var(--si-line); }
.si-comparison__side > dt { flex: 0 0 76px; }
.si-comparison__side > dd { display: flex; flex: 1; gap: 16px; min-width: 0; }
.si-comparison__value { flex: 1; min-width: 0; }
.si-comparison__side--expected { background: var(--si-expected); }
.si-comparison__side--actual { background: var(--si-actual); }
.si-differs { color: var(--si-failed); background: none; font-weight: 700; text-decoration: underline; text-underline-offset: 3px; }

.si-snippet { display: flex; align-items: flex-start; gap: 8px; padding: 10px 14px; border-radius: 4px; background: var(--si-soft); }
.si-snippet + .si-quiet { margin-top: 8px; }
.si-root .si-snippet__text { flex: 1; min-width: 0; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.si-snippet__text > div { min-height: 20px; }
.si-root .si-evidence > .si-snippet__text { max-height: 340px; margin-top: 8px; padding: 10px 14px; border-radius: 4px; background: var(--si-soft); }

.si-facts__row { display: flex; gap: 16px; padding: 9px 0; border-bottom: 1px solid var(--si-line); }
.si-facts__row:last-child { border-bottom: 0; }
.si-facts + .si-facts { margin-top: 12px; padding-top: 12px; border-top: 2px solid var(--si-line); }
.si-root .si-facts__row > .si-label { flex: 0 0 118px; margin: 0; }
.si-facts__value { flex: 1; min-width: 0; }
.si-trusted + .si-trusted { margin-top: 6px; }
.si-trusted > bdi { display: block; }

.si-problems { margin-bottom: 20px; }
.si-observed { margin-bottom: 16px; }
.si-uncovered { margin-top: 6px; }
.si-problems__item { display: flex; gap: 10px; }
.si-problems__item > .si-icon { flex: none; line-height: 20px; }
.si-list > li + li { margin-top: 12px; }
.si-evidence__actions { display: flex; gap: 20px; }
.si-key { padding-top: 16px; border-top: 1px solid var(--si-line); }
.si-key:first-child { padding-top: 0; border-top: 0; }
@container si-root (min-width: 900px) {
  .si-key .si-facts { display: grid; grid-template-columns: 1fr 1fr; gap: 0 40px; }
  .si-key .si-facts__row { border-bottom: 0; border-top: 1px solid var(--si-line); }
}
.si-root .si-key__name { font-size: 14px; font-weight: 500; line-height: 22px; text-transform: none; }

.si-folds { margin: 24px -30px 0 -72px; }
.si-disclosure { border-top: 1px solid var(--si-line); }
.si-box > .si-disclosure { border-top: 0; }
.si-disclosure__button { width: 100%; padding: 13px 30px; text-align: left; }
.si-disclosure__button .si-icon { width: 16px; }
.si-root .si-disclosure__button:focus-visible { outline-offset: -2px; }
.si-disclosure__content { padding: 4px 30px 20px 52px; }
.si-disclosure__content > p { margin-bottom: 12px; }
.si-columns .si-disclosure__button { padding-left: 0; }
.si-columns .si-disclosure__content { padding: 0 0 12px 20px; }

.si-root .si-table { width: 100%; margin: 0; border: 0; border-collapse: collapse; background: none; }
.si-root .si-table :is(thead, tbody, tr) { border: 0; background: none; }
.si-root .si-table th { padding: 8px 16px 8px 0; color: var(--si-muted); background: none; font-size: 12px; font-weight: 400; text-align: left; text-transform: uppercase; }
.si-root .si-table td { padding: 10px 16px 10px 0; border-top: 1px solid var(--si-line); color: var(--si-ink); background: none; text-align: left; vertical-align: top; }
.si-root .si-table { table-layout: fixed; }
.si-root .si-table :is(th, td):last-child { padding-right: 0; }
.si-root .si-table--wide :is(th, td):last-child { padding-right: 30px; }
.si-root .si-table--wide :is(th, td):first-child { padding-left: 30px; }

.si-filter { display: flex; gap: 10px; align-items: center; justify-content: flex-end; padding: 10px 30px; }
.si-root .si-filter .si-label { margin: 0; }
.si-root .si-select { width: auto; height: 30px; margin: 0; padding: 3px 8px; border: 1px solid var(--si-muted); border-radius: 4px; color: var(--si-ink); background: var(--si-surface); font-family: inherit; font-size: 13px; line-height: 20px; }

.si-bone { height: 14px; margin: 8px 0; border-radius: 4px; background: var(--si-line); animation: si-breathe 1.6s ease-in-out infinite; }
.si-bone--title { width: 60%; height: 22px; }
.si-bone--line { width: 85%; }
@keyframes si-breathe { 50% { opacity: 0.45; } }

.si-panel { max-width: 330px; }
.si-panel__open { margin: 0; padding: 0; border: 0; color: inherit; background: none; font: inherit; text-align: left; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; cursor: pointer; }
.si-panel__open:focus-visible { outline: 2px solid var(--si-link); outline-offset: 2px; }
.si-panel__line { max-width: 290px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }

@container si-root (max-width: 760px) {
  .si-folds { margin-left: -30px; }
}
@container si-root (max-width: 480px) {
  .si-folds { margin: 16px -16px 0; }
  .si-disclosure__button { padding: 12px 16px; }
  .si-disclosure__content { padding: 0 16px 16px; }
  .si-facts__row, .si-comparison__side { flex-wrap: wrap; gap: 0 8px; }
  .si-root .si-facts__row > .si-label { flex-basis: 100%; }
  .si-facts__value { flex-basis: 100%; }
  .si-comparison__side > :is(dt, dd) { flex-basis: 100%; }
  .si-filter { justify-content: flex-start; padding: 10px 16px; }
  .si-root .si-table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .si-root .si-table :is(tbody, tr, td) { display: block; width: 100%; }
  .si-root .si-table tr { padding: 10px 0; border-top: 1px solid var(--si-line); }
  .si-root .si-table td { display: flex; flex-wrap: wrap; gap: 0 12px; padding: 2px 0; border: 0; }
  .si-root .si-table td > * { flex: 1; min-width: 0; }
  .si-root .si-table td::before { content: attr(data-label); flex: 0 0 80px; color: var(--si-muted); font-size: 12px; text-transform: uppercase; }
  .si-root .si-table--wide tr { padding: 10px 16px; }
  .si-root .si-table--wide td:first-child { padding-left: 0; }
}
@media (prefers-reduced-motion: reduce) {
  .si-root *, .si-panel * { animation: none !important; transition: none !important; }
}
`;
