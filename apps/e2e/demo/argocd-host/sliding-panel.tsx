import * as React from 'react';

/** Argo CD's panel that slides over the page from the right. */
export function SlidingPanel(props: {
  readonly label: string;
  readonly narrow?: boolean;
  readonly header?: React.ReactNode;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const { label, narrow, header, onClose, children } = props;
  const panel = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented) onClose();
  };
  return (
    <div className="sliding-panel" onKeyDown={onKeyDown}>
      <div className="sliding-panel__outside" onClick={onClose} />
      <div
        className={`sliding-panel__wrapper${narrow === true ? ' sliding-panel__wrapper--narrow' : ''}`}
        role="dialog"
        aria-label={label}
        tabIndex={-1}
        ref={panel}
      >
        <div className={`sliding-panel__header${header === undefined ? '' : ' sliding-panel__header--ruled'}`}>
          <div>{header}</div>
          <button type="button" className="sliding-panel__close" aria-label="Close" onClick={onClose}>
            <i className="fa fa-times" aria-hidden="true" />
          </button>
        </div>
        <div className="sliding-panel__body">{children}</div>
      </div>
    </div>
  );
}
