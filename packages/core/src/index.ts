export * from './contract.ts';
export * from './ports.ts';
export * from './application/application.ts';
export * from './application/operation.ts';
export type * from './application/plan.ts';
export * from './application/project.ts';
export * from './application/source.ts';
export * from './application/virtual-project.ts';
export * from './revision/resolve-revision.ts';
