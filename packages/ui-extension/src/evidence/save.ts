import type { EvidenceItem } from '@source-integrity/core/contract';

/** A name for the file on the reader's disk: the last part of where it came from, of harmless characters only. */
export function fileName(item: EvidenceItem): string {
  // Places in a registry end in a digest or a tag.
  if (item.kind === 'manifest' || item.kind === 'signature') return `${item.kind}-${item.digest.slice(7, 19)}.json`;
  if (/@sha\d+:[^/]*$/.test(item.location)) return `${item.kind}-${item.digest.slice(7, 19)}`;
  const last =
    item.location
      .replace(/[?#].*$/, '')
      .split('/')
      .pop() ?? '';
  const name = last
    .replace(/[^\w.+-]/g, '_')
    .replace(/^\.+/, '')
    .slice(0, 120);
  return name === '' ? `${item.kind}-${item.digest.slice(7, 19)}` : name;
}

/** The proxy wants headers, which a link can't send: so the bytes are fetched and saved from memory. */
export function save(blob: Blob, name: string): void {
  // Whatever the server calls it, the browser is to save it and never to open it as a page of Argo CD's origin.
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
