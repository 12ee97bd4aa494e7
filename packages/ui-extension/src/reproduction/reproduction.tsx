import * as React from 'react';
import { Disclosure } from '../text/disclosure.tsx';
import { Snippet } from '../text/snippet.tsx';
import { words } from '../words.ts';

/** The same check with the field's own tools. */
export function Reproduction({ lines }: { readonly lines: readonly string[] }): React.JSX.Element | null {
  if (lines.length === 0) return null;
  return (
    <Disclosure title={words.reproduction.heading}>
      {lines.some((line) => /\bcosign verify /.test(line)) && <p>{words.reproduction.cosign}</p>}
      <Snippet value={lines.join('\n')} what={words.reproduction.copy} />
    </Disclosure>
  );
}
