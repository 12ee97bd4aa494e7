import type { TestProject } from 'vitest/node';
import { serveControls } from './control.ts';
import { type Addresses, startStack } from './stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly addresses: Addresses;
    readonly controls: string;
  }
}

/** One stack for all proofs. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const startedAt = performance.now();
  const stack = await startStack();
  const controls = await serveControls(stack.controls);
  process.stderr.write(`The stack started in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
  project.provide('addresses', stack.addresses);
  project.provide('controls', controls.url);
  return async () => {
    controls.close();
    await stack.stop();
  };
}
