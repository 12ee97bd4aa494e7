import * as React from 'react';
import { navigate } from './location.ts';

/** A link within the page: its address is real, following it loads nothing anew. */
export function Link(props: {
  readonly to: string;
  readonly className?: string;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const follow = (event: React.MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(props.to);
  };
  return (
    <a href={props.to} className={props.className} onClick={follow}>
      {props.children}
    </a>
  );
}
