/** The wire types of the HTTP API, their parsers, and the words of the problem catalogue. Safe for browsers. */
export * from './application/source-kind.ts';
export * from './pgp/key-description.ts';
export * from './policy/explanation.ts';
export * from './report/history.ts';
export * from './report/job.ts';
export * from './report/keys.ts';
export * from './report/report.ts';
export * from './report/subject.ts';
export * from './verdict/brief.ts';
export * from './verdict/catalogue.ts';
export * from './verdict/decision.ts';
export * from './verdict/problem.ts';
export * from './verdict/verdict.ts';
