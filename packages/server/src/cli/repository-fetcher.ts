import { createFetcher, type Fetcher } from '../fetch/fetch.ts';
import { DEFAULT_FETCH_LIMITS } from '../fetch/limits.ts';
import { version } from '../version.ts';
import { duration, type OptionValues, text } from './command.ts';

/** The network for one command: with the limits of the server, but for the time, which is the person's own. */
export function commandLineFetcher(options: OptionValues): Fetcher {
  return createFetcher({
    limits: { ...DEFAULT_FETCH_LIMITS, totalTimeoutMs: duration(text(options, 'timeout') ?? '', 'timeout') },
    destinations: { privateAddresses: 'allow', allowedHosts: [] },
    userAgent: `source-integrity/${version}`,
  });
}
