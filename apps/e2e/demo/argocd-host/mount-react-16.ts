import * as React from 'react';
import * as ReactDOM from 'react-dom';
import { App } from './app.tsx';
import { provideExtensionsApi } from './extensions-api.ts';

/** The part of React 16's DOM renderer that 19 no longer has; its types are 19's here. */
interface ReactDom16 {
  render(element: React.ReactElement, container: Element | null): void;
}

provideExtensionsApi({ React, ReactDOM });
// `/extensions.js` is the deferred script after this one: when the document is loaded, it has registered.
document.addEventListener('DOMContentLoaded', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- installed are the types of React 19
  const renderer = ReactDOM as unknown as ReactDom16;
  const container = document.getElementById('app');
  const isDemo = container?.dataset['demo'] !== undefined;
  renderer.render(React.createElement(App, { reactVersion: React.version, isDemo }), container);
});
