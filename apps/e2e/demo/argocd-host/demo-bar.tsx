import * as React from 'react';
import type { Application } from '../argocd/application.ts';
import { changeChart, type DemoState, demoState } from './api.ts';
import { navigate, withParameters } from './location.ts';

const POLL_MS = 1_500;

/** The demo's own controls. Nothing in this bar is in Argo CD. */
export function DemoBar(props: {
  readonly application: Application | null;
  readonly theme: 'light' | 'dark';
  readonly reactVersion: string;
  readonly onFailure: (message: string) => void;
}): React.JSX.Element {
  const { application, theme, reactVersion, onFailure } = props;
  const { state, reload } = useDemoState(application);
  const archive = state?.archive ?? null;
  const change = (what: 'tamper' | 'restore') => async (): Promise<void> => {
    if (application === null) return;
    try {
      await changeChart(application, what);
    } catch (error) {
      onFailure(error instanceof Error ? error.message : String(error));
    }
    await reload();
  };
  return (
    <aside className="demo-bar" aria-label="Demo">
      <strong className="demo-bar__title">Demo</strong>
      <label>
        React{' '}
        <select
          value={reactVersion.startsWith('16.') ? '16' : '19'}
          onChange={({ target }) => window.location.assign(withParameters({ react: target.value }))}
        >
          <option value="19">19.2 (Argo CD 3.5, 3.6)</option>
          <option value="16">16.14 (Argo CD 3.3, 3.4)</option>
        </select>
      </label>
      <label>
        Theme{' '}
        <select value={theme} onChange={({ target }) => navigate(withParameters({ theme: target.value }))}>
          <option value="light">light</option>
          <option value="dark">dark</option>
        </select>
      </label>
      {archive === null ? null : archive.tampered ? (
        <button type="button" onClick={() => void change('restore')()}>
          Restore {archive.name}
        </button>
      ) : (
        <button type="button" onClick={() => void change('tamper')()}>
          Tamper with the served chart {archive.name}
        </button>
      )}
      <span className="demo-bar__note" role="status">
        {noteOf(state, application)}
      </span>
    </aside>
  );
}

function noteOf(state: DemoState | null, application: Application | null): string {
  if (state === null) return '';
  const [fault] = state.faults;
  if (fault !== undefined) return `In the manifests: ${fault}`;
  const [warning] = state.warnings;
  if (warning !== undefined) return `kubectl would show: Warning: ${warning}`;
  if (state.archive?.tampered === true) return 'Its bytes are changed; signature and index are as they were.';
  if (application === null) return 'Open an Application to tamper with the chart that it deploys.';
  return state.archive === null ? 'Tampering is for charts of the repositories that the demo serves over HTTP.' : '';
}

function useDemoState(application: Application | null): {
  readonly state: DemoState | null;
  readonly reload: () => Promise<void>;
} {
  const [state, setState] = React.useState<DemoState | null>(null);
  const key = application === null ? '' : `${application.metadata.namespace}/${application.metadata.name}`;
  const current = React.useRef(application);
  current.current = application;
  const reload = React.useCallback(async () => {
    const asked = current.current;
    const now = await demoState(asked).catch(() => null);
    if (now !== null && current.current?.metadata.name === asked?.metadata.name) setState(now);
  }, []);
  React.useEffect(() => {
    setState(null);
    void reload();
    const timer = setInterval(() => void reload(), POLL_MS);
    return () => clearInterval(timer);
  }, [key, reload]);
  return { state, reload };
}
