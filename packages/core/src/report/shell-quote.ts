/** One word for a POSIX shell, where nothing is special between single quotes but the single quote itself. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,^~-]+$/.test(text) && !text.startsWith('-') && !text.startsWith('~')
    ? text
    : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
