import type { ComponentType } from 'react';
import { words } from '../words.ts';
import type { ExtensionsApi, FlyoutProps, PanelProps, TabProps } from './extensions-api.ts';

const ID = 'source-integrity';
const registered = Symbol.for(`${ID}.registered`);

/** Puts the tab, and the status panel item with its flyout, into Argo CD, once, as far as the host knows how. */
export function register(
  api: ExtensionsApi | undefined,
  tab: ComponentType<TabProps>,
  panel: ComponentType<PanelProps>,
  flyout: ComponentType<FlyoutProps>,
): void {
  if (api === undefined || Object.hasOwn(api, registered)) return;
  Object.defineProperty(api, registered, { value: true });
  api.registerResourceExtension?.(tab, 'argoproj.io', 'Application', words.title, { icon: 'fa-shield-halved' });
  api.registerStatusPanelExtension?.(panel, words.title, ID, flyout);
}
