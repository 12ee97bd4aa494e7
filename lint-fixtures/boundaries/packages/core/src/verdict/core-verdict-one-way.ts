export * from '../pgp/leaf.ts';
