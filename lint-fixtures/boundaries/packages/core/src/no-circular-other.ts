export * from './no-circular.ts';
