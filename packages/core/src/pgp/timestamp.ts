/** Seconds since 1970 as RFC 3339 in UTC. */
export function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
