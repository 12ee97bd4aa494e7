import * as React from 'react';
import { words } from '../words.ts';
import { Announce } from './announce.tsx';
import { Icon } from './icon.tsx';

const SHOWN_MS = 2_000;

/** A button that copies `value`, whole and without grouping. `what` names it: "fingerprint". */
export function Copy({ value, what }: { readonly value: string; readonly what: string }): React.JSX.Element {
  const announce = React.useContext(Announce);
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async (): Promise<void> => {
    const done = await toClipboard(value);
    announce(done ? words.copy.done(what) : words.copy.failed);
    setCopied(done);
  };
  const label = copied ? words.copy.done(what) : words.copy.action(what);
  return (
    <button type="button" className="si-copy" aria-label={label} title={label} onClick={() => void copy()}>
      <Icon name={copied ? 'check' : 'copy'} />
    </button>
  );
}

/** Argo CD is often served over plain http, where browsers offer no clipboard: then by a selection. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    const focused = document.activeElement;
    field.value = text;
    field.setAttribute('readonly', '');
    field.style.position = 'fixed';
    field.style.opacity = '0';
    document.body.appendChild(field);
    field.select();
    try {
      return document.execCommand('copy');
    } catch {
      return false;
    } finally {
      field.remove();
      if (focused instanceof HTMLElement) focused.focus();
    }
  }
}
