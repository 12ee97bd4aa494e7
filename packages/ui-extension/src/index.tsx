import { register } from './host/register.ts';
import { SourceIntegrityFlyout } from './panel/source-integrity-flyout.tsx';
import { SourceIntegrityPanel } from './panel/source-integrity-panel.tsx';
import { SourceIntegrityTab } from './tab/source-integrity-tab.tsx';

register(window.extensionsAPI, SourceIntegrityTab, SourceIntegrityPanel, SourceIntegrityFlyout);
