import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

export interface Ran {
  /** Standard output and error, as a terminal shows them. */
  readonly output: string;
  /** The commands that ended with another status than 0, in their order. */
  readonly failed: readonly string[];
}

/** One shell, as a reader has one open: what a block sets, the next one finds. */
export class HowToShell {
  readonly #folder: string;
  readonly #bash: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #ended: Promise<void>;
  #blocks = 0;

  constructor(folder: string, cwd: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#bash = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: 'pipe' });
    this.#lines = createInterface({ input: this.#bash.stdout });
    this.#ended = new Promise((resolve) => this.#bash.once('exit', () => resolve()));
  }

  async run(commands: string): Promise<Ran> {
    this.#blocks += 1;
    const file = (kind: string): string => join(this.#folder, `${this.#blocks}.${kind}`);
    await writeFile(file('sh'), commands);
    await writeFile(file('failed'), '');
    const done = new Promise<void>((resolve) => this.#lines.once('line', () => resolve()));
    this.#bash.stdin.write(
      [
        `trap 'printf "%s\\n" "$BASH_COMMAND" >> "${file('failed')}"' ERR`,
        `source "${file('sh')}" > "${file('output')}" 2>&1 < /dev/null`,
        'trap - ERR',
        'echo done',
        '',
      ].join('\n'),
    );
    await Promise.race([done, this.#ended]);
    const failed = (await readFile(file('failed'), 'utf8')).split('\n').filter((line) => line !== '');
    // The line that runs the block fails along with its last command.
    return {
      output: await readFile(file('output'), 'utf8'),
      failed: failed.filter((line) => !line.startsWith('source ')),
    };
  }

  async close(): Promise<void> {
    this.#lines.close();
    this.#bash.stdin.end('gpgconf --kill all\n');
    await this.#ended;
  }
}
