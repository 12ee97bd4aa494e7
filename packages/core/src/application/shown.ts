/** Characters of foreign text that a problem carries at most. */
const SHOWN_CHARACTERS = 200;

/**
 * Foreign text made safe to show: control, format and bidirectional characters become `�`, and what is longer
 * than 200 characters ends in `…`. An Application's owner writes these texts; an administrator reads them.
 */
export function shown(text: string): string {
  const printable = text.slice(0, 2 * SHOWN_CHARACTERS + 2).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD');
  const characters = Array.from(printable);
  return characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS - 1).join('')}…` : printable;
}

/** A repository URL as it may be shown: without the user name and password that it should not have carried. */
export function shownURL(repoURL: string): string {
  return shown(withoutUserInfo(repoURL));
}

/** Drops `user:password@` from the authority of a URL with a scheme; leaves `git@host:path` as it is. */
export function withoutUserInfo(repoURL: string): string {
  return repoURL.replace(/^(\s*[a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}
