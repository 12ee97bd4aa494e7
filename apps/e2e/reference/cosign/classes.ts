/** What cases are about; none may be empty. */
export const CLASSES = [
  'written by cosign',
  'keys and digests',
  'wanted claims',
  'legacy payloads',
  'statements',
  'bundle forms',
  'several signatures',
  'signature repository',
  'odd places',
  'not a signature',
  'identities',
  'certificates',
  'certificate transparency',
  'transparency log',
  'time',
  'trust root',
  'tampered by key',
  'tampered keyless',
  'files',
] as const;
export type CaseClass = (typeof CLASSES)[number];
