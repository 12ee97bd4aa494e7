import * as React from 'react';
import { Copy } from './copy.tsx';
import { Text } from './text.tsx';

/** Lines to take elsewhere. */
export function Snippet({ value, what }: { readonly value: string; readonly what: string }): React.JSX.Element {
  return (
    <div className="si-snippet">
      <pre className="si-snippet__text" tabIndex={0} aria-label={what}>
        <Text value={value.replace(/\n$/, '')} />
      </pre>
      <Copy value={value} what={what} />
    </div>
  );
}
