import * as React from 'react';
import type { Application } from '../../demo/argocd/application.ts';
import { applicationTabs, statusPanelExtensions } from '../../demo/argocd-host/extensions-api.ts';

/**
 * Shows what the loaded extensions have registered for the Application that the address names: status panels and tab,
 * with the Application as the real argocd-server gives it.
 */
export async function extensionsOf(): Promise<React.ReactElement> {
  const name = new URLSearchParams(window.location.search).get('application') ?? '';
  const response = await fetch(`/api/v1/applications/${encodeURIComponent(name)}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Argo CD hands over what it has parsed, too
  const application = (await response.json()) as Application;
  const tree = { nodes: [], orphanedNodes: [], hosts: [] };
  const [tab] = applicationTabs();
  const panels = statusPanelExtensions().map(({ component, id }) =>
    React.createElement(component, { key: id, application, openFlyout: () => undefined }),
  );
  return React.createElement(
    'main',
    null,
    React.createElement('p', { id: 'react' }, React.version),
    ...panels,
    tab === undefined ? 'no tab' : React.createElement(tab.component, { application, resource: application, tree }),
  );
}
