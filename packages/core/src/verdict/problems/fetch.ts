import type { ProblemEntries } from '../problem.ts';

export type FetchProblems = Record<never, never>;

export const fetchProblems: ProblemEntries<FetchProblems> = {};
