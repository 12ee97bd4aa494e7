export * from './no-circular-other.ts';
