import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** Who signs; `stranger` is in no ring but its own. */
const SIGNERS = ['release', 'curve', 'expired', 'revoked', 'stranger'] as const;
export type Signer = (typeof SIGNERS)[number];

const NEW_KEY: Readonly<Record<Signer, readonly string[]>> = {
  release: ['rsa2048', 'sign', 'never'],
  curve: ['ed25519', 'sign', 'never'],
  expired: ['rsa2048', 'sign', '2023-12-31'],
  revoked: ['ed25519', 'sign', 'never'],
  stranger: ['ed25519', 'sign', 'never'],
};

/** GnuPG with keys of its own in a folder, and charts signed with them. */
export class SignedCharts {
  readonly folder: string;
  readonly #home: string;

  /** Makes all keys. */
  constructor(folder: string) {
    this.folder = folder;
    this.#home = join(folder, 'gnupg');
    mkdirSync(this.#home, { mode: 0o700 });
    for (const signer of SIGNERS) {
      const time = signer === 'expired' ? ['--faked-system-time', '20230102T080000!'] : [];
      this.#gpg([...time, '--quick-generate-key', address(signer), ...NEW_KEY[signer]]);
    }
  }

  /** Ends the agent that GnuPG leaves behind. */
  close(): void {
    execFileSync('gpgconf', ['--homedir', this.#home, '--kill', 'all']);
  }

  /** The clear-signed text. */
  sign(signer: Signer, text: string, digest = 'SHA512'): string {
    const time = signer === 'expired' ? ['--faked-system-time', '20230601T080000!'] : [];
    const by = ['--local-user', address(signer), '--digest-algo', digest, '--allow-weak-digest-algos'];
    return this.#gpg([...time, ...by, '--clearsign'], text).toString();
  }

  /** Takes a key back, for good. */
  revoke(signer: Signer): void {
    const commands = 'y\n0\n\ny\n';
    const certificate = this.#gpg(['--command-fd', '0', '--no-batch', '--gen-revoke', address(signer)], commands);
    this.#gpg(['--import'], certificate);
  }

  /** A key ring file with these keys. */
  keyring(name: string, signers: readonly Signer[]): string {
    const path = join(this.folder, `${name}.gpg`);
    writeFileSync(path, this.#gpg(['--export', ...signers.map(address)]));
    return path;
  }

  /** The public key, as a ConfigMap holds it. */
  armored(signer: Signer): Buffer {
    return this.#gpg(['--armor', '--export', address(signer)]);
  }

  #gpg(args: readonly string[], input: string | Buffer = ''): Buffer {
    const batch = args.includes('--no-batch') ? [] : ['--batch'];
    const quiet = ['--homedir', this.#home, '--quiet', '--no-tty', '--yes', '--pinentry-mode', 'loopback'];
    const options = { input, stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] };
    return execFileSync('gpg', [...batch, ...quiet, '--passphrase', '', ...args], options);
  }
}

function address(signer: Signer): string {
  return `${signer}@acme.test`;
}

export interface Chart {
  readonly name: string;
  readonly version: string;
  /** Chart.yaml. */
  readonly metadata: string;
  readonly archive: Buffer;
}

export async function chartOf(name: string, version: string, values = 'replicas: 1\n'): Promise<Chart> {
  const metadata = `apiVersion: v2\nname: ${name}\nversion: ${version}\n`;
  const packed = pack();
  const bytes = buffer(packed);
  const files = { 'Chart.yaml': metadata, 'values.yaml': values };
  for (const [file, content] of Object.entries(files)) {
    await new Promise<void>((resolve, reject) => {
      const header = { name: `${name}/${file}`, mtime: new Date(0) };
      packed.entry(header, content, (error) => (error ? reject(error) : resolve()));
    });
  }
  packed.finalize();
  return { name, version, metadata, archive: gzipSync(await bytes) };
}

/** What `helm package --sign` signs. */
export function provenanceText(
  { name, version, metadata, archive }: Chart,
  { fileName = `${name}-${version}.tgz`, digest = `sha256:${sha256Hex(archive)}` } = {},
): string {
  return `${metadata}\n...\nfiles:\n  ${fileName}: ${digest}\n`;
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A text signed with an RSA key whose signature says another beginning of its digest than it has (RFC 9580, 5.2.3). */
export function withOtherCheckOctets(signed: string): string {
  const armored = /(?<=-----BEGIN PGP SIGNATURE-----\n\n)[^=]+={0,2}(?=\n)/;
  return signed.replace(armored, (body) => {
    const packet = Buffer.from(body, 'base64');
    const hashedLength = 3 + 4;
    const unhashedLength = hashedLength + 2 + packet.readUInt16BE(hashedLength);
    const octets = unhashedLength + 2 + packet.readUInt16BE(unhashedLength);
    packet.writeUInt16BE(packet.readUInt16BE(octets) ^ 1, octets);
    return packet.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  });
}
