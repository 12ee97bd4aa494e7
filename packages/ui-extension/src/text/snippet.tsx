import * as React from 'react';
import { Copy } from './copy.tsx';
import { Text } from './text.tsx';

/** Lines to take elsewhere. What is too long for a line goes on below it, further in: nothing of it is out of sight. */
export function Snippet({ value, what }: { readonly value: string; readonly what: string }): React.JSX.Element {
  return (
    <div className="si-snippet">
      <pre className="si-snippet__text" tabIndex={0} aria-label={what}>
        {value
          .replace(/\n$/, '')
          .split('\n')
          .map((line, index) => {
            const indent = `min(${line.search(/\S|$/) + 2}ch, 14cqw)`;
            return (
              <div key={index} style={{ paddingLeft: indent, textIndent: `calc(-1 * ${indent})` }}>
                <Text value={line} />
              </div>
            );
          })}
      </pre>
      <Copy value={value} what={what} />
    </div>
  );
}
