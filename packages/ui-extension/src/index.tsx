import { register } from './host/register.ts';
import { SourceIntegrityPanel } from './panel/source-integrity-panel.tsx';
import { SourceIntegrityTab } from './tab/source-integrity-tab.tsx';

register(window.extensionsAPI, SourceIntegrityTab, SourceIntegrityPanel);
