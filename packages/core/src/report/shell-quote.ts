/**
 * One word for a POSIX shell, where nothing is special between single quotes but the single quote itself. `~` and `=`
 * are special to some shells even inside a word, and `^` to others.
 */
export function quote(text: string): string {
  return /^[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
