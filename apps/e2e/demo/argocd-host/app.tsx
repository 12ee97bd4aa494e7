import * as React from 'react';
import type { Application } from '../argocd/application.ts';
import { listApplications } from './api.ts';
import { ApplicationList } from './application-list.tsx';
import { ApplicationPage } from './application-page.tsx';
import { DemoBar } from './demo-bar.tsx';
import { useLocation } from './location.ts';
import { Navigation } from './navigation.tsx';
import { Toasts, useToasts } from './toasts.tsx';

/** Argo CD's page watches a stream; this one asks again. */
const POLL_MS = 1_000;
const POLL_WHILE_SYNCING_MS = 250;

interface AppProps {
  readonly reactVersion: string;
  /** Whether the demo answers behind the page, or a real argocd-server. */
  readonly isDemo: boolean;
}

/** The layout of Argo CD's application views; in the demo with its own bar above it. */
export function App({ reactVersion, isDemo }: AppProps): React.JSX.Element {
  const { application: open, search } = useLocation();
  const { applications, reload } = useApplications();
  const { toasts, show, dismiss } = useToasts();
  const [filters, setFilters] = React.useState<ReadonlySet<string>>(new Set());
  const theme = search.get('theme') === 'dark' ? 'dark' : 'light';
  const shown =
    applications?.find(
      ({ metadata }) => open !== null && metadata.namespace === open.namespace && metadata.name === open.name,
    ) ?? null;

  return (
    <div className={`theme-${theme}`}>
      {isDemo ? <DemoBar application={shown} theme={theme} reactVersion={reactVersion} onFailure={show} /> : null}
      <div className="cd-layout">
        <Navigation
          applications={applications ?? []}
          filters={filters}
          onFilters={setFilters}
          showsList={open === null}
        />
        <main className="cd-layout__content">
          {applications === null ? (
            <p className="loading">Loading …</p>
          ) : open === null ? (
            <ApplicationList applications={applications} filters={filters} reload={reload} onFailure={show} />
          ) : shown === null ? (
            <p className="loading">
              Application {open.namespace}/{open.name} does not exist.
            </p>
          ) : (
            <ApplicationPage
              application={shown}
              child={childOf(search, applications)}
              search={search}
              reload={reload}
              onFailure={show}
            />
          )}
        </main>
      </div>
      <Toasts toasts={toasts} dismiss={dismiss} />
    </div>
  );
}

/** Argo CD names the resource whose panel is open `group/kind/namespace/name/index`. */
function childOf(search: URLSearchParams, applications: readonly Application[]): Application | null {
  const [group, kind, namespace, name] = (search.get('node') ?? '').split('/');
  if (group !== 'argoproj.io' || kind !== 'Application') return null;
  return applications.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name) ?? null;
}

function useApplications(): {
  readonly applications: readonly Application[] | null;
  readonly reload: () => Promise<void>;
} {
  const [applications, setApplications] = React.useState<readonly Application[] | null>(null);
  const last = React.useRef('');
  const reload = React.useCallback(async () => {
    try {
      const now = await listApplications();
      const text = JSON.stringify(now);
      // The same answer keeps the same objects, so that nothing is drawn anew.
      if (text !== last.current) setApplications(now);
      last.current = text;
    } catch {
      // The next poll asks again.
    }
  }, []);
  const syncing = applications?.some(({ operation }) => operation !== undefined) ?? false;
  React.useEffect(() => {
    void reload();
    const timer = setInterval(() => void reload(), syncing ? POLL_WHILE_SYNCING_MS : POLL_MS);
    return () => clearInterval(timer);
  }, [reload, syncing]);
  return { applications, reload };
}
