import { parseArgs } from 'node:util';
import {
  type Command,
  COMMON_OPTIONS,
  COMMON_USAGE,
  duration,
  EXIT,
  type ExitStatus,
  type Terminal,
  text,
  UsageError,
} from './command.ts';

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
      name: 'digests list',
      summary: 'list the digests seen for each chart version',
      load: async () => (await import('./commands/digests.ts')).digestsList,
    },
    {
      name: 'digests forget',
      summary: "say that Argo CD's caches no longer hold a chart's other bytes",
      load: async () => (await import('./commands/digests.ts')).digestsForget,
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
    terminal.err(`There is no command ${JSON.stringify(args.slice(0, 2).join(' '))}. ${hint}\n`);
    return EXIT.usage;
  }
  const command = await found.load();
  const rest = args.slice(command.words.length);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out(usage(command));
    return EXIT.ok;
  }
  try {
    return await invoke(command, rest, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`${error.message}\nUsage: source-integrity ${command.words.join(' ')} ${command.operands}\n`);
    return EXIT.usage;
  }
}

async function invoke(command: Command, args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const { values, positionals } = parse(command, args);
  const timeoutMs = command.common ? duration(text(values, 'timeout') ?? '', 'timeout') : null;
  const signal = timeoutMs === null ? new AbortController().signal : AbortSignal.timeout(timeoutMs);
  return command.run({ positionals, options: values, terminal, signal });
}

function parse(
  command: Command,
  args: readonly string[],
): Pick<ReturnType<typeof parseArgs>, 'values' | 'positionals'> {
  try {
    return parseArgs({
      args: [...args],
      options: { ...command.options, ...(command.common ? COMMON_OPTIONS : {}) },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? `${error.message.replace(/\.$/, '')}.` : 'The arguments are wrong.');
  }
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
    `source-integrity ${command.words.join(' ')} ${command.operands}`.trimEnd(),
    '',
    `  ${command.summary}`,
    ...(lines.length > 0 ? ['', ...lines.map((line) => `  ${line}`)] : []),
    '',
  ].join('\n');
}
