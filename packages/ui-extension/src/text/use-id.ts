import * as React from 'react';

let count = 0;

/** An ID for the lifetime of a component. React's own came with 18, the oldest host has 16. */
export function useId(): string {
  const [id] = React.useState(() => `si-${++count}`);
  return id;
}
