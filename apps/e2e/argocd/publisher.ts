import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { type Chart, provenanceText, SignedCharts } from '../reference/helm/signed-charts.ts';
import { kubernetes, path } from './proof.ts';

const MEBIBYTE = 1024 * 1024;
/** Helm refuses a file of a chart that is larger than 5 MiB. */
const FILE_BYTES = 4 * MEBIBYTE;

/** Somebody with a key of his own who publishes charts, signed, into a folder of the chart repository. */
export class Publisher {
  readonly fingerprint: string;
  readonly #signing: SignedCharts;

  constructor(folder: string) {
    mkdirSync(folder);
    this.#signing = new SignedCharts(folder);
    const listed = execFileSync('gpg', ['--homedir', folder, '--show-keys', '--with-colons'], {
      input: this.#signing.armored('curve'),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed.toString())?.[1] ?? '';
  }

  /** Puts the key into Argo CD's ring. */
  async introduce(): Promise<void> {
    const armored = this.#signing.armored('curve').toString();
    await kubernetes.patch(path.configMap('argocd-gpg-keys-cm'), { data: { [this.fingerprint.slice(-16)]: armored } });
  }

  /** Ends what GnuPG left running; takes the key out of the ring. */
  async close(): Promise<void> {
    this.#signing.close();
    await kubernetes.patch(path.configMap('argocd-gpg-keys-cm'), { data: { [this.fingerprint.slice(-16)]: null } });
  }

  /** A chart that deploys one ConfigMap of the release's name, with that much beside it that cannot be compressed. */
  async publish(repository: string, name: string, version: string, mebibytes = 0): Promise<void> {
    const chart = await chartOf(name, version, mebibytes);
    await mkdir(repository, { recursive: true });
    const file = join(repository, `${name}-${version}.tgz`);
    await writeFile(`${file}.prov`, this.#signing.sign('curve', provenanceText(chart)));
    await writeFile(file, chart.archive);
  }
}

async function chartOf(name: string, version: string, mebibytes: number): Promise<Chart> {
  const metadata = `apiVersion: v2\nname: ${name}\nversion: ${version}\n`;
  const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata: {}\n';
  const files: [string, string | Buffer][] = [
    ['Chart.yaml', metadata],
    ['templates/configmap.yaml', template],
  ];
  for (let left = mebibytes * MEBIBYTE; left > 0; left -= FILE_BYTES) {
    files.push([`files/${left}.bin`, randomBytes(Math.min(left, FILE_BYTES))]);
  }
  const packed = pack();
  const bytes = buffer(packed);
  for (const [file, content] of files) {
    await new Promise<void>((resolve, reject) => {
      const header = { name: `${name}/${file}`, mtime: new Date(0) };
      packed.entry(header, content, (error) => (error ? reject(error) : resolve()));
    });
  }
  packed.finalize();
  return { name, version, metadata, archive: gzipSync(await bytes, { level: 1 }) };
}
