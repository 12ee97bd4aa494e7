import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { freePort } from '../demo/ports.ts';
import { type IdentityIssuer, startIssuer } from './identity-issuer.ts';
import { closeAll, startProcess } from './started-process.ts';
import { tools } from './tools.ts';

/** A Sigstore of one's own on loopback: Fulcio without a CT log, a timestamp authority, Rekor v2. */
export interface PrivateSigstore {
  readonly issuer: IdentityIssuer;
  readonly fulcio: string;
  /** With its path: what `--timestamp-server-url` takes. */
  readonly timestampAuthority: string;
  readonly rekor: string;
  /** Path of a trusted_root.json that trusts all of it. */
  readonly trustedRoot: string;
  /** Path of what `cosign sign --signing-config` takes. */
  readonly signingConfig: string;
  close(): Promise<void>;
}

/** Where a chain of trust begins: all of it is new, and was never anywhere else. */
const SINCE_MS = 3_600_000;

/** Starts all parts on free ports. `folder` has to exist; what is written there is not removed. */
export async function startPrivateSigstore(folder: string): Promise<PrivateSigstore> {
  const started: { close(): Promise<void> }[] = [];
  try {
    return await start(folder, started);
  } catch (error) {
    await closeAll(started);
    throw error;
  }
}

async function start(folder: string, started: { close(): Promise<void> }[]): Promise<PrivateSigstore> {
  const binaries = await tools(['cosign', 'fulcio', 'timestamp-authority', 'rekor-server-posix']);
  const binary = (name: 'cosign' | 'fulcio' | 'timestamp-authority' | 'rekor-server-posix') =>
    binaries.get(name) ?? name;
  const issuer = await startIssuer();
  started.push(issuer);

  // One after the other: of several at once, one might still start when another has failed.
  const fulcio = await startFulcio(binary('fulcio'), folder, issuer, started);
  const tsa = await startTimestampAuthority(binary('timestamp-authority'), started);
  const rekor = await startRekor(binary('rekor-server-posix'), folder, started);
  const files = {
    fulcio: join(folder, 'fulcio.pem'),
    tsa: join(folder, 'tsa.pem'),
    rekor: join(folder, 'rekor.pub'),
    trustedRoot: join(folder, 'trusted_root.json'),
    signingConfig: join(folder, 'signing_config.json'),
  };
  await writeFile(files.fulcio, await fulcioChain(fulcio));
  await writeFile(files.tsa, await (await fetch(`${tsa}/certchain`)).text());

  const cosign = promisify(execFile);
  const since = new Date(Date.now() - SINCE_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  const noDefaults = (...parts: string[]): string[] => parts.map((part) => `--no-default-${part}`);
  const root = options({
    fulcio: `url=${fulcio},certificate-chain=${files.fulcio},start-time=${since}`,
    // Without the origin, which is the server's --hostname, cosign computes the log's ID from another one.
    rekor: `url=${rekor},public-key=${files.rekor},start-time=${since},origin=127.0.0.1`,
    tsa: `url=${tsa},certificate-chain=${files.tsa},start-time=${since}`,
    out: files.trustedRoot,
  });
  await cosign(binary('cosign'), ['trusted-root', 'create', ...noDefaults('ctfe', 'fulcio', 'rekor', 'tsa'), ...root]);
  const service = (url: string, version: number): string =>
    `url=${url},api-version=${version},start-time=${since},operator=reference`;
  const config = options({
    fulcio: service(fulcio, 1),
    rekor: service(rekor, 2),
    'rekor-config': 'ANY',
    tsa: service(tsa, 1),
    'tsa-config': 'ANY',
    out: files.signingConfig,
  });
  await cosign(binary('cosign'), [
    'signing-config',
    'create',
    ...noDefaults('fulcio', 'oidc', 'rekor', 'tsa'),
    ...config,
  ]);
  const { trustedRoot, signingConfig } = files;
  const close = async (): Promise<void> => closeAll(started);
  return { issuer, fulcio, timestampAuthority: tsa, rekor, trustedRoot, signingConfig, close };
}

async function startFulcio(
  command: string,
  folder: string,
  { people, workflows }: IdentityIssuer,
  started: { close(): Promise<void> }[],
): Promise<string> {
  const [port, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, 'fulcio.yaml');
  const trusted = { 'client-id': 'sigstore' };
  const issuers = {
    [people]: { ...trusted, 'issuer-url': people, type: 'email' },
    [workflows]: { ...trusted, 'issuer-url': workflows, type: 'github-workflow' },
  };
  // In YAML that is no JSON: of that, Fulcio expects other names.
  await writeFile(config, stringify({ 'oidc-issuers': issuers }));
  const url = `http://127.0.0.1:${port}`;
  const addresses = { host: '127.0.0.1', port, 'grpc-host': '127.0.0.1', 'grpc-port': grpc, 'metrics-port': metrics };
  // The socket's usual name is one for the whole machine.
  const socket = join(folder, 'fulcio.sock');
  const process = await startProcess({
    name: 'Fulcio',
    command,
    args: [
      'serve',
      ...options({
        ca: 'ephemeralca',
        'config-path': config,
        'ct-log-url': '',
        'legacy-unix-domain-socket': socket,
        ...addresses,
      }),
    ],
    readyAt: `${url}/api/v2/trustBundle`,
  });
  started.push(process);
  return url;
}

async function startTimestampAuthority(command: string, started: { close(): Promise<void> }[]): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/api/v1/timestamp`;
  const process = await startProcess({
    name: 'the timestamp authority',
    command,
    args: [`${port}`],
    readyAt: `${url}/certchain`,
  });
  started.push(process);
  return url;
}

async function startRekor(command: string, folder: string, started: { close(): Promise<void> }[]): Promise<string> {
  const [port, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = join(folder, 'rekor.pem');
  await writeFile(key, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await writeFile(join(folder, 'rekor.pub'), publicKey.export({ format: 'pem', type: 'spki' }));
  const storage = join(folder, 'rekor');
  await mkdir(storage, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const addresses = { hostname: '127.0.0.1', 'http-port': port, 'grpc-port': grpc, 'http-metrics-port': metrics };
  const process = await startProcess({
    name: 'Rekor',
    command,
    args: [
      'serve',
      ...options({ 'signer-filepath': key, 'storage-dir': storage, 'checkpoint-interval': '1s', ...addresses }),
    ],
    readyAt: `${url}/healthz`,
  });
  started.push(process);
  return url;
}

async function fulcioChain(fulcio: string): Promise<string> {
  const bundle: unknown = await (await fetch(`${fulcio}/api/v2/trustBundle`)).json();
  const chains: unknown = Reflect.get(Object(bundle), 'chains');
  const first: unknown = Array.isArray(chains) ? chains[0] : null;
  const certificates: unknown = Reflect.get(Object(first), 'certificates');
  if (!Array.isArray(certificates)) throw new Error('Fulcio has no chain');
  return certificates.map(String).join('\n');
}

function options(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, `${value}`]);
}
