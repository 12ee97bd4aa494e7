export * from './report/contract-is-for-browsers.ts';
