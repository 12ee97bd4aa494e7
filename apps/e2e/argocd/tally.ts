import type { Reporter, TestModule } from 'vitest/node';

/** Ends with one line that says how many proofs hold. */
export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((each) => [...each.children.allTests()]);
    const of = (state: string): number => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((each) => each.errors().length > 0).length + errors.length;
    process.stdout.write(`\n${of('passed')} passed, ${of('failed') + broken} failed\n`);
  }
}
