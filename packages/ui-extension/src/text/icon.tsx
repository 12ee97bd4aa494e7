import * as React from 'react';
import type { Standing } from '../words.ts';
import { words } from '../words.ts';
import { icons, tones } from '../sentence/standing.ts';

/** Decoration from the host's Font Awesome: a word beside it always says the same. */
export function Icon({ name, tone }: { readonly name: string; readonly tone?: string }): React.JSX.Element {
  return <i className={`fa fa-${name} si-icon${tone === undefined ? '' : ` si-tone-${tone}`}`} aria-hidden="true" />;
}

/** A verdict as icon and word. */
export function StandingLabel({ standing }: { readonly standing: Standing }): React.JSX.Element {
  return (
    <span className={`si-standing si-tone-${tones[standing]}`}>
      <Icon name={icons[standing]} /> {words.standing[standing]}
    </span>
  );
}
