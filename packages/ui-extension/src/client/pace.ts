/** How often things are asked for again. All in milliseconds. */
export const pace = {
  /** Between two looks at a report that is well. */
  report: 30_000,
  /** The same where it is only glanced at: a line on a page that is about something else. */
  glance: 300_000,
  /** While the server says that it is still verifying. */
  settling: 3_000,
  /** The longest wait between looks at a server that does not answer. */
  reportSlowest: 300_000,
  job: 400,
  jobSlowest: 5_000,
  /** Failed looks at a job in a row before it counts as lost. */
  jobAttempts: 6,
} as const;

/** The wait before look number `failures` + 1: doubling, never beyond the slowest. */
export function reportDelay(failures: number): number {
  return Math.min(pace.report * 2 ** Math.min(failures, 10), pace.reportSlowest);
}

/** The wait before the next look at a job after `looks` that showed nothing new. */
export function jobDelay(looks: number): number {
  return Math.min(pace.job * 1.5 ** Math.min(looks, 20), pace.jobSlowest);
}
