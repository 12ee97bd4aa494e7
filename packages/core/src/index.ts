export * from './contract.ts';
export * from './ports.ts';
export * from './application/application.ts';
export * from './application/operation.ts';
export type * from './application/plan.ts';
export * from './application/shown.ts';
export * from './application/source.ts';
