import { loadConfig } from '../../config/config.ts';
import { describeFaults } from '../../config/fault.ts';
import { SETTING_FLAGS, settingsUsage } from '../../config/settings.ts';
import { createLogger } from '../../logger.ts';
import { startServer } from '../../main.ts';
import { type Command, EXIT, InputError } from '../command.ts';
import { inertLines } from '../presentation/inert.ts';

export const serve: Command = {
  words: ['serve'],
  synopsis: '[--cluster-dir <folder>] [--<setting> <value>]...',
  operands: [],
  summary: 'Runs the server. Each flag can be given in the environment, too: SOURCE_INTEGRITY_CLUSTER_DIR.',
  usage: settingsUsage(),
  options: SETTING_FLAGS,
  common: false,
  async run({ options, terminal }) {
    const loaded = loadConfig(options, process.env);
    if ('faults' in loaded) {
      terminal.err(`${inertLines(describeFaults(loaded.faults))}\n`);
      return EXIT.usage;
    }
    const logger = createLogger(loaded.config.logLevel);
    const ended = endSignal();
    let server: Awaited<ReturnType<typeof startServer>>;
    try {
      server = await startServer(loaded.config, logger);
    } catch (error) {
      logger.fatal({ err: error }, 'the server cannot start');
      throw new InputError(`The server cannot start: ${error instanceof Error ? error.message : String(error)}`);
    }
    logger.info({ signal: await ended }, 'the server is ending');
    await server.close();
    return EXIT.ok;
  },
};

/** Asked to end, politely; a second time the process ends as it would without us. */
async function endSignal(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  process.once('SIGINT', resolve);
  process.once('SIGTERM', resolve);
  try {
    return await promise;
  } finally {
    process.removeListener('SIGINT', resolve);
    process.removeListener('SIGTERM', resolve);
  }
}
