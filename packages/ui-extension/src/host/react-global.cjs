// Argo CD's own React, whichever version it is: a second copy could not share its renderer.
// oxlint-disable-next-line typescript/no-unsafe-assignment -- the typed view of it is @types/react
module.exports = window.React;
