/** The eight states that an Application can be in. */
export const MAIN_STATES = [
  'verified',
  'blocked',
  'unsigned',
  'not-required',
  'partially-verified',
  'unsupported',
  'could-not-check',
  'checking',
] as const;

export const THEMES = ['light', 'dark'] as const;

/** What is seen of a picture in a wide and in a narrow window. */
export const WINDOWS = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 360, height: 740 },
} as const;

/** Where the pictures of the documentation are. */
export const IMAGES = new URL('../../../docs/images/', import.meta.url);
