import * as React from 'react';
import { visibleParts } from './visible.ts';

/** Untrusted text: isolated, so that its direction changes nothing around it, and with nothing hidden in it. */
export function Text({ value }: { readonly value: string }): React.JSX.Element {
  return (
    <bdi>
      {visibleParts(value).map((part, index) =>
        part.kind === 'text' ? (
          part.text
        ) : (
          <span
            key={index}
            className="si-mark"
            title="A character that is not visible or changes the direction of text"
          >
            {part.text}
          </span>
        ),
      )}
    </bdi>
  );
}
