import { parseArguments } from './arguments.ts';
import {
  type Command,
  COMMON_USAGE,
  duration,
  EXIT,
  type ExitStatus,
  InputError,
  type Terminal,
  text,
  UsageError,
} from './command.ts';
import { inertLines } from './presentation/inert.ts';

/** Every command, loaded when it is asked for: openpgp alone takes longer to load than `--help` may take. */
const COMMANDS: readonly { readonly name: string; readonly summary: string; readonly load: () => Promise<Command> }[] =
  [
    {
      name: 'verify chart',
      summary: 'verify a chart archive and its provenance file',
      load: async () => (await import('./commands/verify-chart.ts')).verifyChart,
    },
    {
      name: 'verify helm',
      summary: 'verify a chart as a repository serves it',
      load: async () => (await import('./commands/verify-helm.ts')).verifyHelm,
    },
    {
      name: 'verify oci',
      summary: 'verify the cosign signature of an artifact in a registry',
      load: async () => (await import('./commands/verify-oci.ts')).verifyOci,
    },
    {
      name: 'verify bundle',
      summary: 'verify a Sigstore bundle and what it is for',
      load: async () => (await import('./commands/verify-bundle.ts')).verifyBundle,
    },
    {
      name: 'verify application',
      summary: 'verify an Application against a folder of Argo CD manifests',
      load: async () => (await import('./commands/verify-application.ts')).verifyApplication,
    },
    {
      name: 'keys list',
      summary: 'list key IDs, fingerprints, user IDs and subkeys of a key ring',
      load: async () => (await import('./commands/keys-list.ts')).keysList,
    },
    {
      name: 'policy lint',
      summary: 'check argocd-source-integrity-cm',
      load: async () => (await import('./commands/policy-lint.ts')).policyLint,
    },
    {
      name: 'policy explain',
      summary: 'say which policy entry applies to a source, and why',
      load: async () => (await import('./commands/policy-explain.ts')).policyExplain,
    },
    {
      name: 'trust-root show',
      summary: 'show the authorities and logs of a trust root',
      load: async () => (await import('./commands/trust-root-show.ts')).trustRootShow,
    },
    {
      name: 'trust-root fetch',
      summary: 'fetch a trust root by TUF',
      load: async () => (await import('./commands/trust-root-fetch.ts')).trustRootFetch,
    },
    {
      name: 'trust-root lint',
      summary: 'check a trust root, or the ConfigMap of trust roots',
      load: async () => (await import('./commands/trust-root-lint.ts')).trustRootLint,
    },
    {
      name: 'digests list',
      summary: 'list the digests seen for each chart version',
      load: async () => (await import('./commands/digests.ts')).digestsList,
    },
    {
      name: 'digests forget',
      summary: "say that Argo CD's caches no longer hold a chart's other bytes",
      load: async () => (await import('./commands/digests.ts')).digestsForget,
    },
    {
      name: 'install',
      summary: 'print what belongs into the cluster',
      load: async () => (await import('./commands/install.ts')).install,
    },
    { name: 'serve', summary: 'run the server', load: async () => (await import('./commands/serve.ts')).serve },
  ];

/** Runs the command line and answers its exit status; never throws for what a user typed. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const [first] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    (first === undefined ? terminal.err : terminal.out)(overview());
    return first === undefined ? EXIT.usage : EXIT.ok;
  }
  if (first === '--version' || first === 'version') {
    const { version } = await import('../version.ts');
    terminal.out(`source-integrity ${version}\n`);
    return EXIT.ok;
  }
  const found = COMMANDS.find(({ name }) => {
    const words = name.split(' ');
    return words.every((word, index) => args[index] === word);
  });
  if (found === undefined) {
    const near = COMMANDS.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
    const hint = near.length > 0 ? `Commands that start like it: ${near.join(', ')}.` : 'See source-integrity --help.';
    terminal.err(`${inertLines(`There is no command ${JSON.stringify(args.slice(0, 2).join(' '))}. ${hint}`)}\n`);
    return EXIT.usage;
  }
  const command = await found.load();
  const rest = args.slice(command.words.length);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(usage(command));
    return EXIT.ok;
  }
  const say = (message: string): void => terminal.err(`${inertLines(message)}\n`);
  try {
    return await invoke(command, rest, terminal, say);
  } catch (error) {
    if (error instanceof UsageError) {
      say(`${error.message}\nUsage: ${synopsis(command)}`);
      return EXIT.usage;
    }
    if (error instanceof InputError) say(error.message);
    else say(`This is a bug of source-integrity, and nothing was decided: ${stackOf(error)}`);
    return EXIT.unknown;
  }
}

async function invoke(
  command: Command,
  args: readonly string[],
  terminal: Terminal,
  say: (message: string) => void,
): Promise<ExitStatus> {
  const parsed = parseArguments(command, args);
  if (!command.common) return command.run({ ...parsed, terminal, signal: new AbortController().signal });
  const given = text(parsed.options, 'timeout') ?? '';
  const { promise: timedOut, resolve } = Promise.withResolvers<'timed-out'>();
  const timeout = new AbortController();
  const timer = setTimeout(
    () => {
      timeout.abort(new Error(`no answer within ${given}`));
      resolve('timed-out');
    },
    duration(given, 'timeout'),
  );
  const { signal } = timeout;
  const running = command.run({ ...parsed, terminal: until(signal, terminal), signal });
  // What is aborted may end in any way; nobody waits for it any more.
  running.catch(() => undefined);
  try {
    const ended = await Promise.race([running, timedOut]);
    if (ended !== 'timed-out') return ended;
    say(`There was no answer within ${given}, so nothing was verified. Give it longer with --timeout.`);
    return EXIT.unknown;
  } finally {
    clearTimeout(timer);
  }
}

/** A terminal that what comes too late is not written to. */
function until(signal: AbortSignal, terminal: Terminal): Terminal {
  const out = (text: string): void => (signal.aborted ? undefined : terminal.out(text));
  const err = (text: string): void => (signal.aborted ? undefined : terminal.err(text));
  return { ...terminal, out, err };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    'source-integrity: is this Helm chart really what its maintainers signed?',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Each takes --help. Exit status: 0 verified or not required, 1 failed or unsigned,',
    '2 could not check or unsupported, 64 wrong usage.',
    '',
  ].join('\n');
}

function usage(command: Command): string {
  const lines = [...command.usage, ...(command.common ? COMMON_USAGE : [])];
  return [
    synopsis(command),
    '',
    `  ${command.summary}`,
    ...(lines.length > 0 ? ['', ...lines.map((line) => `  ${line}`)] : []),
    '',
  ].join('\n');
}

function synopsis({ words, synopsis }: Command): string {
  return `source-integrity ${words.join(' ')} ${synopsis}`.trimEnd();
}
