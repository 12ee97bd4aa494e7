/** Colours for both themes. Text has a contrast of at least 4.5, icons of 3; the host's own palette has not. */
export const tokens = `
.si-root, .si-panel {
  --si-ink: #363c4a;
  --si-muted: #5b6c78;
  --si-ok: #0f7a5f;
  --si-failed: #c0323d;
  --si-unknown: #8a5a00;
  --si-link: #00738a;
  --si-line: #dee6eb;
  --si-surface: #fff;
  --si-soft: #f4f7f9;
  --si-hover: #f8fafb;
  --si-expected: #eefaf6;
  --si-actual: #fdf2f3;
  --si-action: #5b6c78;
  --si-action-hover: #495763;
}
.theme-dark .si-root, .theme-dark .si-panel {
  --si-ink: #eff3f5;
  --si-muted: #a9b7c0;
  --si-ok: #3fd0ab;
  --si-failed: #ff8f97;
  --si-unknown: #f4c030;
  --si-link: #4fd0e0;
  --si-line: #495763;
  --si-surface: #303237;
  --si-soft: #3a3d43;
  --si-hover: #35383e;
  --si-expected: #24392f;
  --si-actual: #40292c;
}
.si-tone-ok { --si-tone: var(--si-ok); }
.si-tone-failed { --si-tone: var(--si-failed); }
.si-tone-unknown { --si-tone: var(--si-unknown); }
.si-tone-quiet { --si-tone: var(--si-muted); }
.si-tone-busy, .si-tone-link { --si-tone: var(--si-link); }
`;
