/**
 * A registry and a private Sigstore to try things with: `npx node apps/e2e/reference/playground.ts` starts them on loopback,
 * prints the variables that the pages of docs/how-to take, and runs until Ctrl-C. What is missing of the tools is built.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closed, listen } from '../demo/ports.ts';
import { startPrivateSigstore } from './private-sigstore.ts';
import { startRegistry } from './registries.ts';
import { closeAll } from './started-process.ts';

export interface Playground {
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** `folder` has to exist. */
export async function startPlayground(folder: string): Promise<Playground> {
  const started: { close(): Promise<void> }[] = [];
  try {
    const registry = await startRegistry('crane', folder);
    started.push(registry);
    const sigstore = await startPrivateSigstore(folder);
    started.push(sigstore);
    const { issuer, trustedRoot, signingConfig } = sigstore;
    // `?repository=shop/charts&ref=refs/heads/main`: as GitHub gives its workflows tokens.
    const tokens = createServer(({ url }, response) => {
      const { searchParams } = new URL(url ?? '/', 'http://127.0.0.1');
      response.end(issuer.workflow(searchParams.get('repository') ?? '', searchParams.get('ref') ?? ''));
    });
    const port = await listen(tokens, 0);
    started.push({ close: async () => closed(tokens) });
    return {
      variables: {
        // Argo CD reads `127.0.0.1:5000/charts` as a URL, which it is not; a name may stand before a port.
        REGISTRY: registry.host.replace('127.0.0.1', 'localhost'),
        TRUSTED_ROOT: trustedRoot,
        SIGNING_CONFIG: signingConfig,
        ISSUER: issuer.workflows,
        TOKENS: `http://127.0.0.1:${port}`,
      },
      close: async () => closeAll(started),
    };
  } catch (error) {
    await closeAll(started);
    throw error;
  }
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  const playground = await startPlayground(folder);
  for (const [name, value] of Object.entries(playground.variables)) process.stdout.write(`export ${name}=${value}\n`);
  process.once('SIGINT', () => {
    void playground.close().then(async () => rm(folder, { recursive: true, force: true }));
  });
}
