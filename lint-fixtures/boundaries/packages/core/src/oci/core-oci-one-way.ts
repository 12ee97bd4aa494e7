export * from '../policy/leaf.ts';
