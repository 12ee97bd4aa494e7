import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeTrustRoot, wording } from '@source-integrity/core';
import { stringify } from 'yaml';
import { CONFIG_MAPS, PART_OF_LABEL } from '../../cluster/cluster.ts';
import { refreshTrustRoot } from '../../trust-root/tuf-refresh.ts';
import { SEED } from '../../trust-root/seed.ts';
import { answer } from '../answers.ts';
import {
  choice,
  type Command,
  duration,
  EXIT,
  InputError,
  type Invocation,
  moment,
  text,
  UsageError,
} from '../command.ts';
import { trustRootPage } from '../presentation/trust-root-page.ts';
import { commandLineFetcher } from '../repository-fetcher.ts';
import { MIRROR_OPTIONS, MIRROR_USAGE, readWantedMirror } from '../trust-root-mirror.ts';
import { repositoryAccess } from './verify-helm.ts';

export const trustRootFetch: Command = {
  words: ['trust-root', 'fetch'],
  synopsis: '[--mirror <url> --root <file>] [--write <file>] [--as-configmap <name>]',
  operands: [],
  summary: 'Fetches the trust root of a TUF mirror, verified from its root keys on, and prints it.',
  usage: [
    ...MIRROR_USAGE,
    '--write <file>           write it there, and print what is in it',
    '--as-configmap <name>    as this entry of argocd-sigstore-trusted-root-cm, a manifest',
    "--namespace <name>       of the manifest, Argo CD's (default argocd)",
    "--ca-file <pem>          certificate authorities in place of the system's",
    '--username <name> --password-stdin',
  ],
  options: {
    ...MIRROR_OPTIONS,
    write: { type: 'string' },
    'as-configmap': { type: 'string' },
    namespace: { type: 'string', default: 'argocd' },
    'ca-file': { type: 'string' },
    username: { type: 'string' },
    'password-stdin': { type: 'boolean' },
  },
  common: true,
  async run(invocation) {
    const { options, terminal } = invocation;
    const wantsJson = choice(options, 'output', ['table', 'json']) === 'json';
    const [path, entry] = [text(options, 'write'), text(options, 'as-configmap')];
    if (path === undefined && wantsJson) {
      throw new UsageError('--output json is for what is told of a file: give --write. The trust root itself is JSON.');
    }
    if (entry !== undefined && !/^[-._a-zA-Z0-9]{1,253}$/.test(entry)) {
      throw new UsageError(`--as-configmap takes letters, digits, ".", "_" and "-", and got ${JSON.stringify(entry)}.`);
    }
    const document = await fetchDocument(invocation);
    const written = entry === undefined ? document : manifest(entry, text(options, 'namespace') ?? 'argocd', document);
    if (path === undefined) {
      terminal.out(written.endsWith('\n') ? written : `${written}\n`);
      return EXIT.ok;
    }
    await write(path, written);
    const now = moment(options);
    const described = describeTrustRoot(entry ?? path, Buffer.from(document), now);
    const shown =
      'problem' in described
        ? { roots: [], problems: [described.problem], checkedAt: null }
        : { roots: [described.description], problems: [], checkedAt: now.toISOString() };
    answer(terminal, options, shown, () => trustRootPage(shown));
    return shown.problems.length > 0 ? EXIT.unknown : EXIT.ok;
  },
};

async function fetchDocument(invocation: Invocation): Promise<string> {
  const { options, signal } = invocation;
  const { mirror, anchor } = await readWantedMirror(options);
  const root = anchor ?? SEED?.root;
  if (root === undefined) throw new UsageError('--root is needed: no root came with this version.');
  const access = await repositoryAccess(invocation, mirror);
  const fetcher = commandLineFetcher(options);
  const folder = await mkdtemp(join(tmpdir(), 'source-integrity-tuf-'));
  try {
    const { outcome } = await refreshTrustRoot({
      mirror,
      known: { root: Buffer.from(root).toString('utf8') },
      knownTarget: null,
      fetch: fetcher.fetch,
      access,
      folder,
      timeoutMs: duration(text(options, 'timeout') ?? '', 'timeout'),
      signal,
    });
    if ('target' in outcome) return Buffer.from(outcome.target).toString('utf8');
    const { sentence, remedy } = wording(outcome.problem, `The trust root of ${mirror}`);
    throw new InputError(`${sentence} ${remedy}`);
  } finally {
    await fetcher.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function manifest(entry: string, namespace: string, document: string): string {
  const { key, value } = PART_OF_LABEL;
  const metadata = { name: CONFIG_MAPS.trustRoots, namespace, labels: { [key]: value } };
  return stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [entry]: document } }, { lineWidth: 0 });
}

/** All of it or nothing: a server may be reading the file. */
async function write(path: string, content: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${JSON.stringify(path)} cannot be written: ${reason}.`);
  }
}
