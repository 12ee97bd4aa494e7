export * from '../../server/src/leaf.ts';
