import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FakeSigstore, type Json } from '../../../../packages/core/test/cosign/fake-sigstore.ts';
import { closed, listen } from '../../demo/ports.ts';
import { type PrivateSigstore, startPrivateSigstore } from '../private-sigstore.ts';
import { type Descriptor, PushedRepository } from '../pushed-repository.ts';
import { type Registry, startRegistries } from '../registries.ts';
import type { Chance } from '../seed.ts';
import { closeAll } from '../started-process.ts';
import { tools } from '../tools.ts';
import { type KeyKind, KEY_KINDS, newKey, type SigningKey } from './keys.ts';
import { pushArtifact } from './signatures.ts';

const CONTENT = 'kind: ConfigMap';

/** Everything that cases are made of. */
export class World {
  readonly chance: Chance;
  readonly folder: string;
  readonly cosign: string;
  readonly registries: readonly Registry[];
  readonly sigstore: PrivateSigstore;
  /** A Sigstore that issues what no real one does. */
  readonly crafted = new FakeSigstore();
  readonly keys: ReadonlyMap<KeyKind, SigningKey>;
  /** A key that nobody trusts. */
  readonly stranger: SigningKey;
  /** Nothing of the person's own settings reaches cosign. */
  readonly env: Readonly<Record<string, string>>;
  /** An old Rekor that holds nothing: cosign asks one where a legacy signature has no entry. */
  readonly emptyRekor: string;
  readonly close: () => Promise<void>;
  #repositories = 0;

  private constructor(
    parts: Pick<World, 'chance' | 'folder' | 'cosign' | 'registries' | 'sigstore' | 'env' | 'emptyRekor' | 'close'>,
  ) {
    this.chance = parts.chance;
    this.folder = parts.folder;
    this.cosign = parts.cosign;
    this.registries = parts.registries;
    this.sigstore = parts.sigstore;
    this.env = parts.env;
    this.emptyRekor = parts.emptyRekor;
    this.close = parts.close;
    this.keys = new Map(KEY_KINDS.map((kind) => [kind, newKey(kind, this.folder, kind)]));
    this.stranger = newKey('P-256', this.folder, 'stranger');
  }

  static async start(chance: Chance): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'source-integrity-reference-'));
    const started: { close(): Promise<void> }[] = [];
    const close = async (): Promise<void> => {
      await closeAll(started);
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      const cosign = (await tools(['cosign'])).get('cosign') ?? 'cosign';
      const all = await startRegistries(folder);
      started.push(all);
      const { registries } = all;
      const sigstore = await startPrivateSigstore(folder);
      started.push(sigstore);
      const rekor = createServer((_, response) => {
        response.setHeader('content-type', 'application/json');
        response.end('[]');
      });
      const emptyRekor = `http://127.0.0.1:${await listen(rekor, 0)}`;
      started.push({ close: async () => closed(rekor) });
      const env = {
        HOME: folder,
        DOCKER_CONFIG: folder,
        TUF_ROOT: join(folder, 'tuf'),
        COSIGN_PASSWORD: '',
        SIGSTORE_NO_CACHE: '1',
      };
      return new World({ chance, folder, cosign, registries, sigstore, env, emptyRekor, close });
    } catch (error) {
      await close();
      throw error;
    }
  }

  key(kind: KeyKind): SigningKey {
    const key = this.keys.get(kind);
    if (key === undefined) throw new Error(`there is no key ${kind}`);
    return key;
  }

  registry(kind?: Registry['kind']): Registry {
    const registry = this.registries.find((each) => each.kind === kind);
    return registry ?? this.chance.oneOf(this.registries);
  }

  repository(registry = this.registry()): PushedRepository {
    this.#repositories += 1;
    return new PushedRepository(registry, `case/r${this.#repositories}`);
  }

  /** The one artifact that all cases are about, somewhere new. */
  async artifact(repository: PushedRepository): Promise<Descriptor> {
    return pushArtifact(repository, CONTENT, '1.2.3');
  }

  /** Another artifact, of which signatures are copied. */
  async otherArtifact(repository: PushedRepository): Promise<Descriptor> {
    return pushArtifact(repository, `${CONTENT} # another`, '1.2.3');
  }

  file(name: string, content: string | Uint8Array | Json): string {
    const path = join(this.folder, name);
    const isText = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(path, isText ? content : JSON.stringify(content));
    return path;
  }

  /** Runs the real cosign, which has to succeed. */
  async runCosign(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    await promisify(execFile)(this.cosign, args, { env: { ...process.env, ...this.env, ...env }, maxBuffer: 1 << 26 });
  }
}
