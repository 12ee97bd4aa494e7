import * as React from 'react';

export interface Toast {
  readonly id: number;
  readonly message: string;
}

const SHOWN_FOR_MS = 20_000;
let lastId = 0;

/** Argo CD's notifications of failures, at the lower right. */
export function useToasts(): {
  readonly toasts: readonly Toast[];
  readonly show: (message: string) => void;
  readonly dismiss: (id: number) => void;
} {
  const [toasts, setToasts] = React.useState<readonly Toast[]>([]);
  const dismiss = React.useCallback((id: number) => setToasts((now) => now.filter((toast) => toast.id !== id)), []);
  const show = React.useCallback((message: string) => {
    lastId += 1;
    const toast = { id: lastId, message };
    setToasts((now) => [...now.filter((shown) => shown.message !== message), toast].slice(-3));
  }, []);
  return { toasts, show, dismiss };
}

export function Toasts(props: {
  readonly toasts: readonly Toast[];
  readonly dismiss: (id: number) => void;
}): React.JSX.Element {
  return (
    <div className="toasts" role="region" aria-label="Notifications" aria-live="assertive">
      {props.toasts.map((toast) => (
        <ToastBox key={toast.id} toast={toast} dismiss={props.dismiss} />
      ))}
    </div>
  );
}

function ToastBox(props: { readonly toast: Toast; readonly dismiss: (id: number) => void }): React.JSX.Element {
  const { toast, dismiss } = props;
  const [held, setHeld] = React.useState(false);
  React.useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => dismiss(toast.id), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [held, toast.id, dismiss]);
  const hold = (): void => setHeld(true);
  const release = (): void => setHeld(false);
  return (
    <div className="toast" onMouseEnter={hold} onMouseLeave={release} onFocus={hold} onBlur={release}>
      <i className="fa fa-exclamation-circle toast__icon" aria-hidden="true" />
      <div className="toast__message" tabIndex={0} role="group" aria-label="Failure">
        {toast.message}
      </div>
      <button type="button" className="toast__close" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
        <i className="fa fa-times" aria-hidden="true" />
      </button>
      <div
        className={`toast__time${held ? ' toast__time--held' : ''}`}
        style={{ animationDuration: `${SHOWN_FOR_MS}ms` }}
      />
    </div>
  );
}
