import * as React from 'react';
import * as ReactDOM from 'react-dom';
import { createRoot } from 'react-dom/client';
import * as ReactJSXRuntime from 'react/jsx-runtime';
import { provideExtensionsApi } from '../../demo/argocd-host/extensions-api.ts';
import { extensionsOf } from './page.ts';

provideExtensionsApi({ React, ReactDOM, ReactJSXRuntime });
// `/extensions.js` is the deferred script after this one: when the document is loaded, it has registered.
document.addEventListener('DOMContentLoaded', () => {
  const container = document.getElementById('app');
  if (container !== null) void extensionsOf().then((element) => createRoot(container).render(element));
});
