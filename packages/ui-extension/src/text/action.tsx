import * as React from 'react';
import { Icon } from './icon.tsx';

interface Pressed {
  readonly busy?: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

/** A button that looks like a link. */
export function Action(props: Pressed & { readonly icon: string; readonly expanded?: boolean }): React.JSX.Element {
  return <Patient {...props} className="si-link" />;
}

/** The banner's one button. */
export function BannerButton(props: Pressed): React.JSX.Element {
  return <Patient {...props} icon="rotate-right" className="si-button argo-button argo-button--base" />;
}

/** While it is busy it does nothing. It is not `disabled`, which would take the focus away from whoever pressed it. */
function Patient(
  props: Pressed & { readonly icon: string; readonly expanded?: boolean; readonly className: string },
): React.JSX.Element {
  const busy = props.busy === true;
  return (
    <button
      type="button"
      className={props.className}
      aria-disabled={busy}
      aria-expanded={props.expanded}
      onClick={() => {
        if (!busy) props.onClick();
      }}
    >
      <Icon name={busy ? 'circle-notch fa-spin' : props.icon} /> {props.children}
    </button>
  );
}
