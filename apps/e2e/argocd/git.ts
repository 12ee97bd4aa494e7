import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A Git repository with one commit of those files. Answers its URL and the commit. */
export async function gitRepository(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly commit: string }> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const who = { GIT_AUTHOR_NAME: 'Suite', GIT_AUTHOR_EMAIL: 'suite@acme.example' };
  const git = async (...args: readonly string[]): Promise<string> => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      ...who,
      GIT_COMMITTER_NAME: who.GIT_AUTHOR_NAME,
      GIT_COMMITTER_EMAIL: who.GIT_AUTHOR_EMAIL,
    };
    return (await run('git', ['-C', folder, ...args], { env })).stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '--message=files');
  return { url: `file://${folder}`, commit: await git('rev-parse', 'HEAD') };
}
