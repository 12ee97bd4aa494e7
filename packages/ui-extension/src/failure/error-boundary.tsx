import * as React from 'react';
import { visibleText } from '../text/visible.ts';
import { words } from '../words.ts';

/** Argo CD has no boundary around extensions: a throw in here would take its page down. */
export class ErrorBoundary extends React.Component<
  { readonly compact?: boolean; readonly children: React.ReactNode },
  { readonly fault: string | null }
> {
  override state: { readonly fault: string | null } = { fault: null };

  static getDerivedStateFromError(error: unknown): { readonly fault: string } {
    return { fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }

  override render(): React.ReactNode {
    if (this.state.fault === null) return this.props.children;
    const fault = visibleText(this.state.fault);
    if (this.props.compact === true) {
      return (
        <div className="application-status-panel__item si-panel">
          <label>{words.title.toUpperCase()}</label>
          <div className="application-status-panel__item-name" title={fault}>
            {words.crash.title}
          </div>
        </div>
      );
    }
    return (
      <div className="si-root">
        <section className="si-box si-banner si-tone-failed white-box" role="alert">
          <div className="si-banner__text">
            <h2 className="si-banner__sentence">{words.crash.title}</h2>
            <p className="si-banner__context">{words.crash.whatToDo}</p>
            <pre className="si-snippet__text" tabIndex={0}>
              {fault}
            </pre>
          </div>
        </section>
      </div>
    );
  }
}
