import type { ProblemEntries } from '../problem.ts';

export type AdmissionProblems = Record<never, never>;

export const admissionProblems: ProblemEntries<AdmissionProblems> = {};
