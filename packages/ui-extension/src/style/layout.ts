/** The tab's boxes, from the banner down. Widths are the tab's own: the panel may be narrow in a wide window. */
export const layout = `
.si-root {
  container: si-root / inline-size;
  padding: 30px;
  color: var(--si-ink);
  font-size: 13px;
  line-height: 20px;
  overflow-wrap: anywhere;
}
.si-root *, .si-root *::before, .si-root *::after { box-sizing: border-box; }
.si-root :where(h2, h3, h4, h5, p, dl, dd, ul, ol, pre) {
  margin: 0;
  padding: 0;
}
.si-root :where(h2, h3, h4, h5) { font: inherit; }
.si-root :where(ul, ol) { list-style: none; }
.si-root :where(button) { font-family: inherit; }
.si-root :focus-visible { outline: 2px solid var(--si-link); outline-offset: 2px; border-radius: 2px; }
.si-root .si-box {
  margin: 0 0 20px;
  padding: 0;
  border-radius: 4px;
  color: var(--si-ink);
  background: var(--si-surface);
  line-height: 20px;
  overflow: hidden;
}
.si-heading {
  padding: 20px 30px 16px;
  border-bottom: 1px solid var(--si-line);
  color: var(--si-muted);
  font-size: 15px;
  font-weight: 400;
  line-height: 22px;
  text-transform: uppercase;
}
.si-padded { padding: 16px 30px; }
.si-columns {
  display: grid;
  grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
  gap: 24px 40px;
}
.si-columns > div { display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px; align-content: start; min-width: 0; }
.si-columns--even { grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); }
.si-columns--even > section { min-width: 0; }
.si-columns + .si-columns { margin-top: 28px; padding-top: 24px; border-top: 1px solid var(--si-line); }

.si-root .si-banner { display: flex; align-items: flex-start; gap: 20px; padding: 24px 30px; border-left: 6px solid var(--si-tone); }
.si-banner__icon { flex: none; width: 34px; color: var(--si-tone); font-size: 34px; line-height: 34px; text-align: center; }
.si-banner__text { flex: 1; min-width: 0; }
.si-root .si-banner__sentence { color: var(--si-ink); font-size: 20px; font-weight: 500; line-height: 28px; letter-spacing: normal; text-transform: none; }
.si-root .si-banner__context { margin-top: 4px; color: var(--si-muted); font-size: 13px; line-height: 20px; text-transform: none; }
.si-banner__context strong { color: var(--si-ink); font-weight: 600; }
.si-advice {
  display: flex;
  gap: 10px;
  max-width: 860px;
  margin-top: 16px;
  padding: 12px 16px;
  border-radius: 4px;
  background: var(--si-soft);
}
.si-advice > div { flex: 1; min-width: 0; }
.si-advice > .si-icon { line-height: 20px; }
.si-advice strong, .si-problems strong { font-weight: 600; }
.si-advice .si-snippet { margin: 8px 0; background: var(--si-surface); }
.si-phases { display: flex; flex-wrap: wrap; gap: 4px 20px; margin-top: 12px; }
.si-phases__item { color: var(--si-muted); }
.si-phases__item--now { color: var(--si-ink); font-weight: 600; }
.si-phases__item--now .si-icon { color: var(--si-link); }
.si-phases__item--later .si-icon { font-size: 6px; vertical-align: 3px; }
.si-phases .si-icon { display: inline-block; width: 16px; text-align: center; }
.si-phases__item--over .si-icon { color: var(--si-ok); }

.si-source + .si-source { border-top: 1px solid var(--si-line); }
.si-source__row {
  display: grid;
  grid-template: 'kind what verdict chevron' / 22px minmax(0, 1fr) 190px 24px;
  gap: 0 20px;
  align-items: center;
  width: 100%;
  margin: 0;
  padding: 14px 30px;
  border: 0;
  color: var(--si-ink);
  background: none;
  font-size: 13px;
  line-height: 20px;
  text-align: left;
  text-transform: none;
  cursor: pointer;
}
.si-source__row:hover { background: var(--si-hover); }
.si-root .si-source__row:focus-visible { outline-offset: -2px; }
.si-source__kind { grid-area: kind; color: var(--si-muted); font-size: 18px; text-align: center; }
.si-source__what { grid-area: what; min-width: 0; }
.si-source__name { display: block; font-size: 14px; font-weight: 500; }
.si-source__where { display: block; color: var(--si-muted); }
.si-source__verdict { grid-area: verdict; }
.si-source__by { display: block; padding-left: 22px; color: var(--si-muted); font-size: 12px; line-height: 16px; }
.si-source__chevron { grid-area: chevron; text-align: right; }
.si-source__details { padding: 8px 30px 0 72px; }
.si-source__details > .si-commit { padding-bottom: 20px; }

@container si-root (max-width: 760px) {
  .si-columns { grid-template-columns: minmax(0, 1fr); }
  .si-columns > div { display: contents; }
  .si-columns .si-coverage { order: 1; }
  .si-source__details { padding-left: 30px; }
  .si-source__row { grid-template: 'kind what chevron' 'kind verdict chevron' / 22px minmax(0, 1fr) 24px; }
  .si-source__verdict { margin-top: 4px; }
  .si-root .si-banner { flex-wrap: wrap; }
  .si-banner__text { flex-basis: calc(100% - 60px); }
  .si-root .si-banner > .si-button { margin-left: 54px; }
}
@container si-root (max-width: 480px) {
  .si-heading { padding: 16px 16px 12px; }
  .si-padded { padding: 12px 16px; }
  .si-root .si-banner { gap: 12px; padding: 16px; }
  .si-banner__icon { width: 24px; font-size: 24px; line-height: 28px; }
  .si-banner__text { flex-basis: calc(100% - 40px); }
  .si-root .si-banner__sentence { font-size: 17px; line-height: 24px; }
  .si-root .si-banner > .si-button { margin-left: 36px; }
  .si-advice { margin-left: -36px; padding: 12px; }
  .si-source__row { gap: 0 12px; padding: 12px 16px; }
  .si-source__details { padding: 4px 16px 0; }
}
@media (max-width: 640px) { .si-root { padding: 12px 0; } }
`;
