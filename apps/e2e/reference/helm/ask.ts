import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { AuthorizationCache } from '@source-integrity/core';
import { collectOciChart, chartQuestion } from '../../../../packages/core/src/oci/chart.ts';
import { verifyChart } from '../../../../packages/core/src/helm/verify-provenance.ts';
import { commandLineFetcher } from '../../../../packages/server/src/cli/repository-fetcher.ts';
import { readJudgedBy } from '../../../../packages/server/src/cli/verification-options.ts';
import type { ResolvedAccess } from '../../../../packages/server/src/cluster/repository-access.ts';
import { closed, listen } from '../../demo/ports.ts';
import { PushedRepository } from '../pushed-repository.ts';
import type { Registry } from '../registries.ts';
import { ourVerdict, type ToolVerdict, verdictOf } from '../cosign/verdicts.ts';
import type { ChartCase } from './chart-cases.ts';
import { sha256Hex } from './signed-charts.ts';

/** Where a chart comes from. */
export const CHANNELS = ['file', 'http', 'oci'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Asked {
  readonly ours: ToolVerdict;
  readonly helms: ToolVerdict;
}

const TIMEOUT_MS = 60_000;

/** Asks Helm and us about the same bytes at the same place. */
export class ChartDesk {
  readonly #helm: string;
  readonly #folder: string;
  readonly #served = new Map<string, Buffer>();
  readonly #server = createServer(({ url = '' }, response) => {
    const content = this.#served.get(url);
    response.statusCode = content === undefined ? 404 : 200;
    response.end(content ?? 'nothing here');
  });
  #port = 0;
  #count = 0;

  constructor(helm: string, folder: string) {
    this.#helm = helm;
    this.#folder = folder;
  }

  async open(): Promise<void> {
    this.#port = await listen(this.#server, 0);
  }

  async close(): Promise<void> {
    await closed(this.#server);
  }

  async ask(chartCase: ChartCase, channel: Channel, registry: Registry): Promise<Asked> {
    this.#count += 1;
    const place = `c${this.#count}`;
    const folder = join(this.#folder, place);
    mkdirSync(folder);
    switch (channel) {
      case 'file':
        return this.#askOfFile(chartCase, folder);
      case 'http':
        return this.#askOfRepository(chartCase, folder, place);
      case 'oci':
        return this.#askOfRegistry(
          chartCase,
          folder,
          new PushedRepository(registry, `${place}/${chartCase.chart.name}`),
        );
    }
  }

  async #askOfFile({ chart, archive, provenance, keyring }: ChartCase, folder: string): Promise<Asked> {
    const path = join(folder, `${chart.name}-${chart.version}.tgz`);
    writeFileSync(path, archive);
    if (provenance !== null) writeFileSync(`${path}.prov`, provenance);
    const ours = await ourVerdict(['verify', 'chart', path, '--keyring', keyring]);
    return { ours, helms: await this.helm(['verify', '--keyring', keyring, path]) };
  }

  async #askOfRepository(
    { chart, archive, provenance, keyring }: ChartCase,
    folder: string,
    place: string,
  ): Promise<Asked> {
    const { name, version } = chart;
    const repo = `http://127.0.0.1:${this.#port}/${place}`;
    const file = `/${place}/${name}-${version}.tgz`;
    const index = `apiVersion: v1\nentries:\n  ${name}:\n  - apiVersion: v2\n    name: ${name}\n    version: ${version}\n    digest: ${sha256Hex(archive)}\n    urls:\n    - ${name}-${version}.tgz\n`;
    this.#served.set(`/${place}/index.yaml`, Buffer.from(index));
    this.#served.set(file, archive);
    if (provenance !== null) this.#served.set(`${file}.prov`, provenance);
    const asked = ['--repo', repo, '--version', version, '--keyring', keyring];
    return {
      ours: await ourVerdict(['verify', 'helm', '--chart', name, ...asked]),
      helms: await this.helm(['pull', name, ...asked, '--verify', '--destination', folder]),
    };
  }

  async #askOfRegistry(
    { chart, archive, provenance, keyring }: ChartCase,
    folder: string,
    repository: PushedRepository,
  ): Promise<Asked> {
    const { name, version } = chart;
    const type = 'application/vnd.cncf.helm';
    const signed = provenance === null ? [] : [{ mediaType: `${type}.chart.provenance.v1.prov`, content: provenance }];
    await repository.pushManifest(
      {
        config: {
          mediaType: `${type}.config.v1+json`,
          content: Buffer.from(JSON.stringify({ apiVersion: 'v2', name, version })),
        },
        layers: [{ mediaType: `${type}.chart.content.v1.tar+gzip`, content: archive }, ...signed],
      },
      version,
    );
    const asked = ['--version', version, '--keyring', keyring, '--plain-http', '--verify', '--destination', folder];
    return {
      ours: await ourVerdictOnOci(repository, chart, keyring),
      helms: await this.helm(['pull', `oci://${repository.path}`, ...asked]),
    };
  }

  async helm(args: readonly string[]): Promise<ToolVerdict> {
    const env = {
      ...process.env,
      HOME: this.#folder,
      HELM_CACHE_HOME: join(this.#folder, 'cache'),
      HELM_CONFIG_HOME: join(this.#folder, 'config'),
      HELM_DATA_HOME: join(this.#folder, 'data'),
    };
    return new Promise((resolve) => {
      execFile(this.#helm, args, { env, timeout: TIMEOUT_MS }, (error, _, stderr) => {
        if (error === null) return resolve({ verdict: 'accepted', because: '' });
        const said = /^Error: (.*)/m.exec(stderr)?.[1] ?? stderr.trim();
        resolve({ verdict: HELM_REJECTED.test(said) ? 'rejected' : 'errored', because: said.slice(0, 300) });
      });
    });
  }
}

/** What Helm says of a chart that is not signed as is wanted. Whatever else it says is an error. */
const HELM_REJECTED =
  /openpgp:|signature block not found|sha256 sum does not match|provenance does not contain a SHA|failed to (?:decode|load|fetch) provenance|no provenance|\.prov|armor invalid|message block must have|illegal base64 data|unexpected EOF|YAML/;

/** A chart's own signature in a registry, as a policy for Helm charts asks for it. */
async function ourVerdictOnOci(
  { path, registry, name }: PushedRepository,
  { name: chart, version }: ChartCase['chart'],
  keyring: string,
): Promise<ToolVerdict> {
  const options = { keyring: [keyring], output: 'json', 'strict-rules': 'on' };
  const judgedBy = await readJudgedBy(options);
  const fetcher = commandLineFetcher({ timeout: '30s' });
  try {
    const access: ResolvedAccess = {
      identity: `nobody, for ${name}`,
      url: `oci://${registry.host}`,
      username: '',
      password: '',
      tls: { ca: null, clientCert: null, clientKey: null, insecure: false },
      enableOCI: true,
      insecureOCIForceHttp: true,
      proxy: '',
      noProxy: '',
      forceHttpBasicAuth: false,
    };
    const collected = await collectOciChart({
      repoURL: `oci://${path.slice(0, -chart.length - 1)}`,
      chart,
      targetRevision: version,
      registry: {
        fetch: fetcher.fetch,
        access,
        plainHttp: true,
        authorizations: new AuthorizationCache(),
        tokenRealms: [],
      },
      now: judgedBy.now,
    });
    if ('problem' in collected) return { verdict: 'errored', because: collected.problem.code };
    return verdictOf((await verifyChart(chartQuestion(collected.evidence, judgedBy))).observation);
  } finally {
    await fetcher.close();
  }
}
