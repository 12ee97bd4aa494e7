import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reproduceWithHelm, reproduceWithHelmFromRegistry, type ReproducedChart } from '../../src/report/reproduce.ts';
import { Digest } from '../../src/verdict/verdict.ts';

const folder = mkdtempSync(join(tmpdir(), 'source-integrity-shell-'));
for (const program of ['helm', 'kubectl', 'gpg', 'sha256sum', 'mv']) {
  // A stand-in that prints its arguments, one JSON-free line each between markers, and what it is given to read.
  writeFileSync(
    join(folder, program),
    `#!/bin/sh\nprintf '%s' ${program}\nfor a in "$@"; do printf '\\0%s' "$a"; done\n[ ${program} = sha256sum ] && { printf '\\0'; cat; }\ntrue\n`,
  );
  chmodSync(join(folder, program), 0o755);
}
const elsewhere = mkdtempSync(join(tmpdir(), 'source-integrity-shell-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(elsewhere, { recursive: true });
});

/** What the stand-ins are called with. */
function run(shell: string, line: string): string[] {
  execFileSync(shell, ['-n', '-c', line]);
  const output = execFileSync(shell, ['-c', line], {
    cwd: elsewhere,
    env: { PATH: `${folder}:/usr/bin:/bin`, HOME: '/home/somebody' },
  });
  return output.toString().split('\0');
}

const DIGEST = Digest.parse(`sha256:${'0a'.repeat(32)}`);
const chart: ReproducedChart = {
  argocdNamespace: 'argocd',
  repoURL: 'https://charts.example.com/stable',
  chart: 'payments',
  version: '1.4.2',
  fileName: 'payments-1.4.2.tgz',
  digest: DIGEST,
  credentials: false,
};

const HOSTILE = [
  "'; touch pwned; '",
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; "',
  'a\ntouch pwned\n',
  '-x',
  '--post-renderer=./evil',
  '~root/x',
  'x=~/y',
  '=ls',
  'a\\nb',
  '*',
  '!!',
  '$HOME',
  '&& touch pwned',
  'a;b|c>d<e',
  '',
] as const;

describe('the lines that reproduce a verdict', () => {
  it('pull, compare and verify the chart', () => {
    expect(reproduceWithHelm({ ...chart, credentials: true })).toMatchInlineSnapshot(`
      [
        "kubectl -n argocd get configmap argocd-gpg-keys-cm -o go-template='{{range .data}}{{println .}}{{end}}' | gpg --dearmor > argocd-keys.gpg",
        "helm pull --prov --repo https://charts.example.com/stable --version 1.4.2 --username "$REPO_USERNAME" --password "$REPO_PASSWORD" -- payments",
        "printf '%s\\n' '0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a  ./payments-1.4.2.tgz' | sha256sum --check",
        "helm verify --keyring argocd-keys.gpg -- ./payments-1.4.2.tgz",
      ]
    `);
  });

  it.each(['sh', 'bash'].flatMap((shell) => HOSTILE.map((text) => [shell, text] as const)))(
    'hand %s the words %j as they are, and run nothing of them',
    (shell, text) => {
      const lines = reproduceWithHelm({
        ...chart,
        repoURL: text,
        chart: text,
        version: text,
        fileName: text,
        argocdNamespace: text,
      });
      const [keys = '', pull = '', check = '', verify = ''] = lines;
      expect(run(shell, pull)).toEqual(['helm', 'pull', '--prov', '--repo', text, '--version', text, '--', text]);
      expect(run(shell, verify)).toEqual(['helm', 'verify', '--keyring', 'argocd-keys.gpg', '--', `./${text}`]);
      expect(run(shell, check)).toEqual(['sha256sum', '--check', `${'0a'.repeat(32)}  ./${text}\n`]);
      run(shell, keys);
      expect(readdirSync(elsewhere)).toEqual(['argocd-keys.gpg']);
    },
  );
});

describe('the lines for a chart in a registry', () => {
  const inRegistry = {
    argocdNamespace: 'argocd',
    registry: 'ghcr.io',
    repository: 'acme/charts/valkey',
    version: '4.0.9+b1',
    digest: DIGEST,
    credentials: false,
    plainHttp: false,
  };

  it('say that the registry is asked over plain HTTP', () => {
    const lines = reproduceWithHelmFromRegistry({ ...inRegistry, credentials: true, plainHttp: true });
    expect(lines[1]).toContain('helm registry login --plain-http ');
    expect(lines[2]).toBe(`helm pull --prov --plain-http -- oci://ghcr.io/acme/charts/valkey@${DIGEST}`);
  });

  it('pull by digest, and give the files the names that the provenance file holds', () => {
    const pulled = `./valkey@sha256-${'0a'.repeat(32)}.tgz`;
    expect(reproduceWithHelmFromRegistry(inRegistry).slice(1)).toEqual([
      `helm pull --prov -- oci://ghcr.io/acme/charts/valkey@${DIGEST}`,
      `mv -- ${pulled} ./valkey-4.0.9+b1.tgz`,
      `mv -- ${pulled}.prov ./valkey-4.0.9+b1.tgz.prov`,
      'helm verify --keyring argocd-keys.gpg -- ./valkey-4.0.9+b1.tgz',
    ]);
    expect(reproduceWithHelmFromRegistry({ ...inRegistry, credentials: true })[1]).toMatch(
      /^printf .* \| helm registry login .* -- ghcr\.io$/,
    );
  });

  it.each(['sh', 'bash'].flatMap((shell) => HOSTILE.map((text) => [shell, text] as const)))(
    'hand %s the words %j as they are, and run nothing of them',
    (shell, text) => {
      const lines = reproduceWithHelmFromRegistry({ ...inRegistry, registry: text, repository: text, version: text });
      const [, pull = '', chart = '', provenance = '', verify = ''] = lines;
      const name = text.split('/').at(-1) ?? '';
      const file = `./${name}-${text}.tgz`;
      const pulled = `./${name}@sha256-${'0a'.repeat(32)}.tgz`;
      expect(run(shell, pull)).toEqual(['helm', 'pull', '--prov', '--', `oci://${text}/${text}@${DIGEST}`]);
      expect(run(shell, chart)).toEqual(['mv', '--', pulled, file]);
      expect(run(shell, provenance)).toEqual(['mv', '--', `${pulled}.prov`, `${file}.prov`]);
      expect(run(shell, verify)).toEqual(['helm', 'verify', '--keyring', 'argocd-keys.gpg', '--', file]);
      expect(readdirSync(elsewhere)).toEqual(['argocd-keys.gpg']);
    },
  );
});
