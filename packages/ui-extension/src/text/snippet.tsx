import * as React from 'react';
import { Copy } from './copy.tsx';
import { Text } from './text.tsx';

/** Lines to take elsewhere. */
export function Snippet(props: {
  readonly value: string;
  readonly what: string;
  /** Breaks long lines; for what is read line by line and not by its indentation. */
  readonly wrap?: boolean;
}): React.JSX.Element {
  const { value, what } = props;
  return (
    <div className="si-snippet">
      <pre
        className={`si-snippet__text${props.wrap === true ? ' si-snippet__text--wrap' : ''}`}
        tabIndex={0}
        aria-label={what}
      >
        <Text value={value.replace(/\n$/, '')} />
      </pre>
      <Copy value={value} what={what} />
    </div>
  );
}
