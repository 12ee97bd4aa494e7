import type { ProblemEntries } from '../problem.ts';

export type HelmProblems = Record<never, never>;

export const helmProblems: ProblemEntries<HelmProblems> = {};
