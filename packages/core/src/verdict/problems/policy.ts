import type { ProblemEntries } from '../problem.ts';

export type PolicyProblems = Record<never, never>;

export const policyProblems: ProblemEntries<PolicyProblems> = {};
