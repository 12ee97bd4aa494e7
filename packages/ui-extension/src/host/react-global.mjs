// Argo CD's own React, whichever version it is: a second copy could not share its renderer. Named one by one, so that
// the bundle has one short name for each of them.
// oxlint-disable-next-line typescript/no-unsafe-assignment -- the typed view of it is @types/react
export const {
  Component,
  Fragment,
  createContext,
  createElement,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} = window.React;
