import type { ComponentType } from 'react';
import type { Application } from '../argocd/application.ts';

/** What Argo CD hands to the tab of a resource. */
interface TabExtensionProps {
  readonly application: Application;
  readonly resource: Application;
  readonly tree: ApplicationTree;
}

export interface ApplicationTree {
  readonly nodes: readonly object[];
  readonly orphanedNodes: readonly object[];
  readonly hosts: readonly object[];
}

interface StatusPanelProps {
  readonly application: Application;
  readonly openFlyout: () => void;
}

interface FlyoutProps {
  readonly application: Application;
  readonly tree: ApplicationTree;
}

interface TabExtension {
  readonly component: ComponentType<TabExtensionProps>;
  readonly group: string;
  readonly kind: string;
  readonly title: string;
  readonly icon: string;
}

interface StatusPanelExtension {
  readonly component: ComponentType<StatusPanelProps>;
  readonly title: string;
  readonly id: string;
  readonly flyout?: ComponentType<FlyoutProps>;
}

const tabs: TabExtension[] = [];
const statusPanels: StatusPanelExtension[] = [];

/**
 * `window.extensionsAPI` as Argo CD defines it (upstream: ui/src/app/shared/services/extensions-service.ts), and the
 * globals that extensions take their React from. What this page has no place for is taken and not shown.
 */
export function provideExtensionsApi(globals: Readonly<Record<string, unknown>>): void {
  Object.assign(window, globals, {
    extensionsAPI: {
      registerResourceExtension(
        component: ComponentType<TabExtensionProps>,
        group: string,
        kind: string,
        title: string,
        options?: { readonly icon: string },
      ): void {
        tabs.push({ component, group, kind, title, icon: options?.icon ?? '' });
      },
      registerStatusPanelExtension(
        component: ComponentType<StatusPanelProps>,
        title: string,
        id: string,
        flyout?: ComponentType<FlyoutProps>,
      ): void {
        statusPanels.push({ component, title, id, ...(flyout === undefined ? {} : { flyout }) });
      },
      registerSystemLevelExtension(): void {},
      registerAppViewExtension(): void {},
      registerTopBarActionMenuExt(): void {},
    },
  });
}

function fits(pattern: string, text: string): boolean {
  return pattern === text || pattern === '*' || pattern === '**';
}

/** The tabs for Applications, by title as Argo CD sorts them. */
export function applicationTabs(): readonly TabExtension[] {
  return tabs
    .filter(({ group, kind }) => fits(group, 'argoproj.io') && fits(kind, 'Application'))
    .sort((a, b) => a.title.localeCompare(b.title));
}

export function statusPanelExtensions(): readonly StatusPanelExtension[] {
  return statusPanels;
}
