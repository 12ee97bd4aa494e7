import type { ComponentType } from 'react';

/** What Argo CD hands to an application's tab. Its own types are not ours to rely on: the objects are parsed. */
export interface TabProps {
  /** The Application whose page is open. */
  readonly application: unknown;
  /** What the tab is about: the same, or a child Application of an app-of-apps. */
  readonly resource: unknown;
  readonly tree?: unknown;
}

export interface PanelProps {
  readonly application: unknown;
  /** Shows the flyout that was registered with the item. */
  readonly openFlyout?: () => void;
}

/** What Argo CD hands to the sliding panel that a status panel item opens. */
export interface FlyoutProps {
  readonly application: unknown;
  readonly tree?: unknown;
}

/** `window.extensionsAPI`, as of Argo CD 3.3 to 3.6; hosts before 2.9 lack the status panel. */
export interface ExtensionsApi {
  registerResourceExtension?: (
    component: ComponentType<TabProps>,
    group: string,
    kind: string,
    title: string,
    options?: { readonly icon: string },
  ) => void;
  registerStatusPanelExtension?: (
    component: ComponentType<PanelProps>,
    title: string,
    id: string,
    flyout?: ComponentType<FlyoutProps>,
  ) => void;
}

declare global {
  interface Window {
    extensionsAPI?: ExtensionsApi;
  }
}
