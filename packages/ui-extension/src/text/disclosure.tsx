import * as React from 'react';
import { Icon } from './icon.tsx';
import { useId } from './use-id.ts';

/** A part that is folded until somebody wants it. Its content is made when it is first opened. */
export function Disclosure(props: {
  readonly title: React.ReactNode;
  /** For what is a part of the tab by itself. */
  readonly heading?: boolean;
  readonly onOpen?: () => void;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const [open, setOpen] = React.useState(false);
  const id = useId();
  const toggle = (): void => {
    if (!open) props.onOpen?.();
    setOpen(!open);
  };
  const button = (
    <button
      type="button"
      className="si-disclosure__button"
      aria-expanded={open}
      aria-controls={open ? id : undefined}
      onClick={toggle}
    >
      <Icon name={open ? 'chevron-down' : 'chevron-right'} /> {props.title}
    </button>
  );
  return (
    <div className="si-disclosure">
      {props.heading === true ? <h3>{button}</h3> : button}
      {open && (
        <div id={id} className="si-disclosure__content">
          {props.children}
        </div>
      )}
    </div>
  );
}
