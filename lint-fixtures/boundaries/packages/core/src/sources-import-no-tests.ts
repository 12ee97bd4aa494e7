export * from '../test/leaf.ts';
