export * from '../../core/src/index.ts';
