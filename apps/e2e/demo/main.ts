import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Demo, type DemoOptions, startDemo } from './start.ts';

/* eslint-disable no-console -- this is a program, and the terminal its page */

const HELP = `Starts the demo: an Argo CD that is only a page, and the real Source Integrity server behind it.

  --port <number>  port of the page (default: 8080, or the next that is free)
  --folder <path>  where the working copies go (default: apps/e2e/.demo)
  --help           this text
`;

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) return;
  const starting = startDemo(options);
  let interrupted = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted += 1;
      if (interrupted > 1) process.exit(130);
      if (signal === 'SIGINT') console.log('\nStopping …');
      void starting.then((demo) => demo.stop()).catch(() => undefined);
    });
  }
  const demo = await starting.catch((error: unknown) => {
    if (interrupted === 0) throw error;
    return null;
  });
  if (demo === null) return;
  if (interrupted === 0) welcome(demo);
  const said = await demo.serverEnded;
  await demo.stop();
  if (interrupted > 0) return;
  console.error(`\nThe Source Integrity server has ended, so the demo ends too. It said last:\n\n${said}\n`);
  process.exitCode = 1;
}

function readOptions(): DemoOptions | null {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, folder: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help === true) {
      console.log(HELP);
      return null;
    }
    const { port, folder } = values;
    if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) {
      throw new Error(`--port ${port}: not a port number`);
    }
    return {
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(folder === undefined ? {} : { folder: resolve(folder) }),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exitCode = 64;
    return null;
  }
}

function welcome({ address, folder, server }: Demo): void {
  console.log(`
  Source Integrity demo   ${address.href}

  Try:
    open payments      verified: see who signed the chart, and Sync it
    open checkout      its chart was changed after signing: Sync is refused, and says why
    open telemetry     from a registry, signed without a key: see by which workflow
    on charts          "Tamper with the served chart" in the bar at the top, then Sync; "Restore" takes it back

  Change files while it runs; they count at once:
    manifests          ${folder.cluster}
    charts             ${folder.charts}
    registry           ${folder.registry}

  After "Restore", Sync says which command forgets the other bytes; here it is
    npx source-integrity digests forget --repo <url> --data-dir ${folder.data}

  What the server says (server process ${server.pid}): ${folder.serverLog}

  Ctrl-C ends everything.
`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
