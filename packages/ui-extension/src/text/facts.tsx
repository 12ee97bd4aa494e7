import * as React from 'react';

/** Names and values, a row each. */
export function Facts({ children }: { readonly children: React.ReactNode }): React.JSX.Element {
  return <dl className="si-facts">{children}</dl>;
}

export function Fact(props: { readonly name: string; readonly children: React.ReactNode }): React.JSX.Element {
  return (
    <div className="si-facts__row">
      <dt className="si-label">{props.name}</dt>
      <dd className="si-facts__value">{props.children}</dd>
    </div>
  );
}
