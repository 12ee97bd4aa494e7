import * as React from 'react';
import { Text } from './text.tsx';

/** A sentence of the catalogue, with what it sets between backticks as code. */
export function Prose({ value }: { readonly value: string }): React.JSX.Element {
  return (
    <>
      {value.split(/`([^`]+)`/).map((part, index) =>
        index % 2 === 0 ? (
          <Text key={index} value={part} />
        ) : (
          <code key={index} className="si-code">
            <Text value={part} />
          </code>
        ),
      )}
    </>
  );
}
