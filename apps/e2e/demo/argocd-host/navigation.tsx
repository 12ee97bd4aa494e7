import * as React from 'react';
import type { Application } from '../argocd/application.ts';
import { Link } from './link.tsx';
import { addressOf } from './location.ts';
import { healthOf, StatusIcon, syncStatusOf } from './status.tsx';

/** Argo CD's other sections: there to be seen, not to be opened. */
const ELSEWHERE = [
  ['fa-cubes', 'ApplicationSets'],
  ['fa-cog', 'Settings'],
  ['fa-user-circle', 'User Info'],
  ['fa-book', 'Documentation'],
] as const;

const FILTERS = [
  { title: 'Sync status', values: ['Unknown', 'Synced', 'OutOfSync'], of: syncStatusOf },
  { title: 'Health status', values: ['Progressing', 'Healthy', 'Degraded', 'Missing'], of: healthOf },
] as const;

/** Whether an Application passes the filters: in each group any chosen value, or all where none is chosen. */
export function passes(application: Application, filters: ReadonlySet<string>): boolean {
  return FILTERS.every(({ title, values, of }) => {
    const chosen = values.filter((value) => filters.has(`${title}/${value}`));
    return chosen.length === 0 || chosen.some((value) => value === of(application));
  });
}

export function Navigation(props: {
  readonly applications: readonly Application[];
  readonly filters: ReadonlySet<string>;
  readonly onFilters: (filters: ReadonlySet<string>) => void;
  readonly showsList: boolean;
}): React.JSX.Element {
  const { applications, filters, onFilters, showsList } = props;
  const toggle = (key: string): void => {
    const next = new Set(filters);
    if (!next.delete(key)) next.add(key);
    onFilters(next);
  };
  return (
    <nav className="cd-layout__nav" aria-label="Argo CD">
      <div className="sidebar__logo">
        <Mark />
        <span className="sidebar__name">
          argo<span className="sidebar__version">demo page</span>
        </span>
      </div>
      <ul className="sidebar__items">
        <li>
          <Link to={addressOf('/applications')} className="sidebar__item sidebar__item--active">
            <i className="fa fa-cube" aria-hidden="true" /> Applications
          </Link>
        </li>
        {ELSEWHERE.map(([icon, title]) => (
          <li key={title}>
            <span className="sidebar__item" aria-disabled="true">
              <i className={`fa ${icon}`} aria-hidden="true" /> {title}
            </span>
          </li>
        ))}
      </ul>
      {showsList ? (
        <>
          <p className="sidebar__filters">Application filters</p>
          {FILTERS.map(({ title, values, of }) => (
            <fieldset key={title} className="filter">
              <legend>{title}</legend>
              {values.map((value) => (
                <label key={value}>
                  <input
                    type="checkbox"
                    checked={filters.has(`${title}/${value}`)}
                    onChange={() => toggle(`${title}/${value}`)}
                  />
                  <StatusIcon of={value} /> <span>{value}</span>
                  <span className="filter__count">{applications.filter((each) => of(each) === value).length}</span>
                </label>
              ))}
            </fieldset>
          ))}
        </>
      ) : null}
    </nav>
  );
}

function Mark(): React.JSX.Element {
  return (
    <svg width="42" height="54" viewBox="0 0 42 54" aria-hidden="true">
      <circle cx="21" cy="20" r="18" fill="#0b3a46" stroke="#7cc3d0" strokeWidth="2" />
      <path
        d="M8 22a13 13 0 0 1 26 0v10c0 8-3 10-4 18-2-5-4-5-5 0-2-6-6-6-8 0-1-5-3-5-5 0-1-8-4-10-4-18z"
        fill="#ef7b4d"
      />
      <circle cx="15" cy="23" r="6" fill="#fff" />
      <circle cx="27" cy="23" r="6" fill="#fff" />
      <circle cx="16" cy="23" r="2.5" fill="#0b3a46" />
      <circle cx="26" cy="23" r="2.5" fill="#0b3a46" />
    </svg>
  );
}
