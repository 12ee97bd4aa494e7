import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GuardAnswer, GuardQuestion } from '../../src/guard/wire.ts';
import { guardedHelm } from '../../src/helm-guard/guard.ts';
import type { GuardSettings } from '../../src/helm-guard/settings.ts';
import { httpsServer } from '../fetch/local.ts';

export const CERTIFICATES = join(import.meta.dirname, '../fetch/certificates');
export const ALLOW: GuardAnswer = { action: 'allow', sentences: [], policy: null, receipt: null };
export const REFUSE: GuardAnswer = {
  action: 'refuse',
  sentences: ['Chart demo 1.2.3 is not signed.'],
  policy: null,
  receipt: null,
};

interface Asked {
  readonly authorization: string;
  readonly body: GuardQuestion;
}

export interface Bench {
  readonly folder: string;
  readonly settings: GuardSettings;
  readonly asked: readonly Asked[];
  readonly told: readonly string[];
  /** Runs the guard; `helm` stands for the real one. */
  readonly run: (args: readonly string[], helm?: () => Promise<number>) => Promise<number>;
  /** Leaves a file in `out`, as a download does. */
  readonly download: (file?: string, bytes?: string) => () => Promise<number>;
}

/** A guard in a folder of its own, and what a server answers it. */
export async function bench(
  answer: GuardAnswer | ((response: ServerResponse) => void),
  // Who gets an answer has time for it; who gets none need not wait for long.
  timeoutMs = typeof answer === 'function' ? 500 : 20_000,
): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-guard-'));
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'token'), 'the-token\n');
  const asked: Asked[] = [];
  const told: string[] = [];
  const [cert, key] = await Promise.all(
    ['localhost.pem', 'localhost.key'].map((name) => readFile(join(CERTIFICATES, name))),
  );
  const { port } = await httpsServer({ cert, key }, (request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const body = GuardQuestion.parse(JSON.parse(text));
      asked.push({ authorization: request.headers.authorization ?? '', body });
      if (typeof answer === 'function') answer(response);
      else response.end(JSON.stringify(answer));
    });
  });
  const settings: GuardSettings = {
    helm: 'helm',
    server: new URL(`https://localhost:${port}`),
    tokenFile: join(folder, 'token'),
    caFile: join(CERTIFICATES, 'localhost.pem'),
    stateFolder: join(folder, 'state'),
    timeoutMs,
  };
  return {
    folder,
    settings,
    asked,
    told,
    run: (args, helm = () => Promise.resolve(0)) =>
      guardedHelm(args, settings, { runHelm: helm, tell: (line) => told.push(line) }),
    download:
      (file = 'demo-1.2.3.tgz', bytes = 'archive') =>
      async () => {
        await writeFile(join(folder, 'out', file), bytes);
        return 0;
      },
  };
}

export function pullInto(folder: string): string[] {
  return `pull --destination ${folder}/out --version 1.2.3 --username u --password secret --repo https://charts.example.com demo`.split(
    ' ',
  );
}

export function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** A project's policy that concerns the chart. */
export const entries = {
  'project.shop': `helm: {policies: [{repos: [{url: "https://charts.example.com*"}], gpg: {mode: provenance, keys: ["5E615389B53CA37F0EE60BD3843BBF981FC18762"]}}]}`,
};

/** Lets the guard have kept this policy. */
export async function keeping({ settings }: Bench, data: Record<string, string>): Promise<void> {
  await mkdir(settings.stateFolder, { recursive: true });
  const kept = { digest: 'sha256:1', at: '2026-11-23T00:00:00Z', entries: data };
  await writeFile(join(settings.stateFolder, 'policy.json'), JSON.stringify(kept));
}
