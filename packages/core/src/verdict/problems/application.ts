import type { ProblemEntries } from '../problem.ts';

export type ApplicationProblems = Record<never, never>;

export const applicationProblems: ProblemEntries<ApplicationProblems> = {};
