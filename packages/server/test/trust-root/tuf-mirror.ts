import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { httpServer } from '../fetch/local.ts';

/** A key of a TUF role (TUF specification 1.0.33, 4.2), ECDSA on P-256. */
class RoleKey {
  readonly id: string;
  readonly json: object;
  readonly #privateKey: KeyObject;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keyval = { public: publicKey.export({ format: 'pem', type: 'spki' }).toString() };
    this.json = { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval };
    this.id = hex(canonical(this.json));
    this.#privateKey = privateKey;
  }

  sign(signed: object): object {
    const sig = sign('sha256', Buffer.from(canonical(signed)), this.#privateKey).toString('hex');
    return { keyid: this.id, sig };
  }
}

interface Versions {
  timestamp: number;
  snapshot: number;
  targets: number;
}

/**
 * A TUF repository on loopback with consistent snapshots, written by the specification and not by the library under
 * test. What it publishes is signed when it is asked for, so that a test can change anything between two requests.
 */
export class TufMirror {
  readonly #files = new Map<string, Buffer>();
  readonly paths: string[] = [];
  /** Stands before the files; answers whether it took the request. */
  intercept: RequestListener | null = null;
  url = '';
  /** Days from now until metadata expires. */
  expiresInDays = 7;
  versions: Versions = { timestamp: 0, snapshot: 0, targets: 0 };
  rootKey = new RoleKey();
  onlineKey = new RoleKey();
  #rootVersion = 0;
  #roots: string[] = [];

  async start(): Promise<this> {
    const { port } = await httpServer((request, response) => {
      const path = request.url ?? '';
      this.paths.push(path);
      if (this.intercept !== null) {
        this.intercept(request, response);
        return;
      }
      const file = this.#files.get(path);
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    this.url = `http://127.0.0.1:${port}`;
    return this;
  }

  /** What is served under a path; null: nothing. */
  file(path: string): Buffer | null {
    return this.#files.get(path) ?? null;
  }

  /** `root.json` of a version, from 1. */
  root(version = this.#rootVersion): string {
    const text = this.#roots[version - 1];
    if (text === undefined) throw new Error(`no root ${version}`);
    return text;
  }

  /** A new root, signed by the root key of this version and that of the last one. */
  publishRoot({ by = [this.rootKey] }: { readonly by?: readonly RoleKey[] } = {}): void {
    this.#rootVersion += 1;
    const role = (key: RoleKey): object => ({ keyids: [key.id], threshold: 1 });
    const signed = {
      ...this.#head('root', this.#rootVersion, 365),
      consistent_snapshot: true,
      keys: { [this.rootKey.id]: this.rootKey.json, [this.onlineKey.id]: this.onlineKey.json },
      roles: {
        root: role(this.rootKey),
        timestamp: role(this.onlineKey),
        snapshot: role(this.onlineKey),
        targets: role(this.rootKey),
      },
    };
    const text = JSON.stringify({ signed, signatures: by.map((key) => key.sign(signed)) });
    this.#roots.push(text);
    this.#put(`/${this.#rootVersion}.root.json`, text);
  }

  rotateRootKey(): void {
    const before = this.rootKey;
    this.rootKey = new RoleKey();
    this.publishRoot({ by: [before, this.rootKey] });
  }

  /** Publishes this target, and everything that leads to it, one version on. */
  publish(target: string, name = 'trusted_root.json'): void {
    if (this.#rootVersion === 0) this.publishRoot();
    const { versions } = this;
    versions.targets += 1;
    versions.snapshot += 1;
    versions.timestamp += 1;
    const hashes = { sha256: hex(target) };
    const targets = this.#signed(this.rootKey, {
      ...this.#head('targets', versions.targets),
      targets: { [name]: { length: Buffer.byteLength(target), hashes } },
    });
    this.#put(`/targets/${hashes.sha256}.${name}`, target);
    this.#put(`/${versions.targets}.targets.json`, targets);
    this.#publishSnapshot();
  }

  /** Signs the same targets anew. */
  publishTimestamp(): void {
    this.versions.timestamp += 1;
    this.#publishTimestamp();
  }

  #publishSnapshot(): void {
    const { snapshot, targets } = this.versions;
    const text = this.#signed(this.onlineKey, {
      ...this.#head('snapshot', snapshot),
      meta: { 'targets.json': { version: targets } },
    });
    this.#put(`/${snapshot}.snapshot.json`, text);
    this.#publishTimestamp();
  }

  #publishTimestamp(): void {
    const { timestamp, snapshot } = this.versions;
    this.#put(
      '/timestamp.json',
      this.#signed(this.onlineKey, {
        ...this.#head('timestamp', timestamp),
        meta: { 'snapshot.json': { version: snapshot } },
      }),
    );
  }

  #head(type: string, version: number, days = this.expiresInDays): object {
    const expires = new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    return { _type: type, spec_version: '1.0.33', version, expires };
  }

  #signed(key: RoleKey, signed: object): string {
    return JSON.stringify({ signed, signatures: [key.sign(signed)] });
  }

  #put(path: string, text: string): void {
    this.#files.set(path, Buffer.from(text));
  }
}

/** "Canonical JSON" of OLPC, for the ASCII that is in here. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'string') return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${canonical(name)}:${canonical(inner)}`).join(',')}}`;
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
