export * from '../helm/leaf.ts';
