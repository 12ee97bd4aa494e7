import * as React from 'react';
import { stringify } from 'yaml';
import { type Application, sourcesOf } from '../argocd/application.ts';
import { applicationTabs } from './extensions-api.ts';
import { navigate, withParameters } from './location.ts';
import { SlidingPanel } from './sliding-panel.tsx';
import { Summary } from './summary.tsx';
import { treeOf } from './tree.ts';

interface Tab {
  readonly key: string;
  readonly title: string;
  readonly icon?: string;
  readonly content: () => React.ReactNode;
}

/** The details of the Application: Argo CD's own tabs, then those of extensions. */
export function DetailsPanel(props: {
  readonly application: Application;
  /** What the panel is about: the same, or an Application that it deploys. */
  readonly resource: Application;
  readonly tab: string;
  readonly onClose: () => void;
}): React.JSX.Element {
  const { application, resource, tab, onClose } = props;
  const tabs: readonly Tab[] = [
    { key: 'summary', title: 'Summary', content: () => <Summary application={resource} /> },
    { key: 'parameters', title: 'Parameters', content: () => <Parameters application={resource} /> },
    { key: 'manifest', title: 'Manifest', content: () => <Manifest application={resource} /> },
    { key: 'events', title: 'Events', content: () => <p>No events available</p> },
    ...applicationTabs().map(({ title, icon, component: Extension }) => ({
      key: title.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      title,
      icon,
      // As in Argo CD, nothing stands between the page and what an extension throws.
      content: () => <Extension application={application} resource={resource} tree={treeOf(application)} />,
    })),
  ];
  const [first] = tabs;
  const active = tabs.find(({ key }) => key === tab) ?? first;
  return (
    <SlidingPanel label={`Details of ${resource.metadata.name}`} onClose={onClose}>
      <div className="tabs">
        <nav className="tabs__nav" aria-label="Details">
          {tabs.map(({ key, title, icon }) => (
            <button
              type="button"
              key={key}
              className={`tabs__nav-item${key === active?.key ? ' active' : ''}`}
              aria-current={key === active?.key ? 'page' : undefined}
              onClick={() => navigate(withParameters({ tab: key }))}
            >
              {icon === undefined || icon === '' ? null : <i className={`fa ${icon}`} aria-hidden="true" />}
              {title}
            </button>
          ))}
        </nav>
        <div className="tabs__content" key={active?.key}>
          {active?.content()}
        </div>
      </div>
    </SlidingPanel>
  );
}

function Manifest({ application }: { readonly application: Application }): React.JSX.Element {
  return (
    <div className="white-box">
      <pre className="manifest" tabIndex={0} aria-label="Manifest">
        {stringify(application, { lineWidth: 0, aliasDuplicateObjects: false })}
      </pre>
    </div>
  );
}

function Parameters({ application }: { readonly application: Application }): React.JSX.Element {
  return (
    <>
      {sourcesOf(application).map((source, index) => (
        <div className="white-box" key={index}>
          <p>{source.chart ?? source.ref ?? source.path ?? source.repoURL}</p>
          <pre className="manifest" tabIndex={0} aria-label="Parameters">
            {source.helm === undefined ? 'No parameters' : stringify(source.helm)}
          </pre>
        </div>
      ))}
    </>
  );
}
