import * as React from 'react';
import { Copy } from './copy.tsx';
import { grouped, shortDigest } from './grouping.ts';
import { Text } from './text.tsx';

/** A digest, fingerprint or key ID, whole, in groups of four, to be copied without them. */
export function Hex({ value, what }: { readonly value: string; readonly what: string }): React.JSX.Element {
  const parts = grouped(value);
  return (
    <span className={parts === null ? 'si-hex' : 'si-hex si-hex--grouped'}>
      <code className="si-code">{parts === null ? <Text value={value} /> : parts.prefix + parts.groups.join(' ')}</code>{' '}
      <Copy value={value} what={what} />
    </span>
  );
}

/** The ends of a digest, where it only names what a line is about; the whole is on hover, and below. */
export function ShortDigest({ value }: { readonly value: string }): React.JSX.Element {
  return <span title={value}>{shortDigest(value)}</span>;
}
