import type { PolicySet } from '@source-integrity/core';

/**
 * Whether any entry of any project is decided by the public-good root: one with identities or a required log that
 * names no other root. An entry of which anything cannot be read decides nothing by it.
 */
export function needsPublicGood({ problems, baseline, projects }: PolicySet): boolean {
  if (problems.length > 0) return false;
  const documents = [baseline, ...projects.values()].filter((document) => document !== null);
  return documents.some(
    (document) =>
      document.problems.length === 0 &&
      document.oci.some(
        ({ mode, trustRoot, identities, transparencyLog }) =>
          mode === 'signature' && trustRoot === null && (identities.length > 0 || transparencyLog === 'required'),
      ),
  );
}
