import { run } from './run.ts';

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', () => undefined);

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  stdin: async () => {
    const { text } = await import('node:stream/consumers');
    return text(process.stdin);
  },
});

// Whatever is still open, a pipe that nobody writes to, has no say in the answer any more.
setTimeout(() => process.exit(), 500).unref();
