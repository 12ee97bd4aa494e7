import * as React from 'react';
import type { FlyoutProps } from '../host/extensions-api.ts';
import { SourceIntegrityTab } from '../tab/source-integrity-tab.tsx';

/** What the status panel item opens: the tab itself. Argo CD numbers its tabs, so that no link can name one. */
export function SourceIntegrityFlyout({ application }: FlyoutProps): React.JSX.Element {
  return <SourceIntegrityTab application={application} resource={application} />;
}
