import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../demo/ports.ts';
import { closeAll, startProcess } from './started-process.ts';
import { tools } from './tools.ts';

/** A registry on loopback over plain HTTP. */
export interface Registry {
  readonly kind: 'distribution' | 'crane' | 'referrers';
  /** `127.0.0.1:5000` */
  readonly host: string;
  readonly hasReferrersAPI: boolean;
  close(): Promise<void>;
}

const REGISTRY_KINDS: readonly Registry['kind'][] = ['distribution', 'crane', 'referrers'];

/** Starts one: Debian's `docker-registry` (2.8), go-containerregistry's as crane serves it, or with the referrers API. */
export async function startRegistry(kind: Registry['kind'], folder: string): Promise<Registry> {
  const host = `127.0.0.1:${await freePort()}`;
  const { command, args } = await commandOf(kind, host, folder);
  const started = await startProcess({ name: `the registry ${kind}`, command, args, readyAt: `http://${host}/v2/` });
  return { kind, host, hasReferrersAPI: kind === 'referrers', close: async () => started.close() };
}

/** All three. `folder` has to exist; contents are gone when they are closed. */
export async function startRegistries(folder: string): Promise<{
  readonly registries: readonly Registry[];
  close(): Promise<void>;
}> {
  const registries: Registry[] = [];
  try {
    for (const kind of REGISTRY_KINDS) registries.push(await startRegistry(kind, folder));
  } catch (error) {
    await closeAll(registries);
    throw error;
  }
  return { registries, close: async () => closeAll(registries) };
}

async function commandOf(
  kind: Registry['kind'],
  host: string,
  folder: string,
): Promise<{ readonly command: string; readonly args: readonly string[] }> {
  switch (kind) {
    case 'distribution': {
      if (spawnSync('docker-registry', ['--version']).status !== 0) {
        throw new Error('there is no docker-registry: apt-get install docker-registry');
      }
      const config = join(folder, 'docker-registry.yml');
      const settings = { version: 0.1, log: { level: 'error' }, storage: { inmemory: {} }, http: { addr: host } };
      await writeFile(config, JSON.stringify(settings));
      return { command: 'docker-registry', args: ['serve', config] };
    }
    case 'crane':
      return { command: await binary('crane'), args: ['registry', 'serve', '--address', host] };
    case 'referrers':
      return { command: await binary('registry-with-referrers'), args: [host] };
  }
}

async function binary(name: 'crane' | 'registry-with-referrers'): Promise<string> {
  return (await tools([name])).get(name) ?? name;
}
