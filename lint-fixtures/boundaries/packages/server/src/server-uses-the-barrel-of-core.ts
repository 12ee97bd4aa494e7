export * from '../../core/src/pgp/leaf.ts';
