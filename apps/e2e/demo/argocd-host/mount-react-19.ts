import * as React from 'react';
import * as ReactDOM from 'react-dom';
import { createRoot } from 'react-dom/client';
import * as ReactJSXRuntime from 'react/jsx-runtime';
import { App } from './app.tsx';
import { provideExtensionsApi } from './extensions-api.ts';

provideExtensionsApi({ React, ReactDOM, ReactJSXRuntime });
// `/extensions.js` is the deferred script after this one: when the document is loaded, it has registered.
document.addEventListener('DOMContentLoaded', () => {
  const container = document.getElementById('app');
  if (container === null) return;
  const isDemo = container.dataset['demo'] !== undefined;
  createRoot(container).render(React.createElement(App, { reactVersion: React.version, isDemo }));
});
