import { configureGlobal } from 'fast-check';

/**
 * The same cases in each run, so that a result may come from the cache and a failure is somebody's change; `npm run
 * fuzz` takes fresh ones. A counterexample becomes a test of its own.
 */
if (process.env['FAST_CHECK'] !== 'fresh') configureGlobal({ seed: 20_261_122 });
