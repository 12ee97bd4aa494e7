import { lintTrustRoot, type LintResult } from '@source-integrity/core';
import { answer } from '../answers.ts';
import { choice, type Command, EXIT, moment } from '../command.ts';
import { trustRootLintPage } from '../presentation/trust-root-page.ts';
import { readTrustRootFile } from '../trust-root-file.ts';

export const trustRootLint: Command = {
  words: ['trust-root', 'lint'],
  synopsis: '<trusted_root.json>|<configmap.yaml>',
  operands: ['<file>'],
  summary: 'Checks a trust root, or the manifest of argocd-sigstore-trusted-root-cm with all that are in it.',
  usage: [],
  options: {},
  common: true,
  async run({ operands: [path = ''], options, terminal }) {
    choice(options, 'output', ['table', 'json']);
    const now = moment(options);
    const { roots, faults } = await readTrustRootFile(path);
    const found = roots.map(({ name, bytes }) => lintTrustRoot(name, bytes, now));
    const result: LintResult = {
      errors: [...faults, ...found.flatMap(({ errors }) => errors)],
      warnings: found.flatMap(({ warnings }) => warnings),
    };
    answer(terminal, options, result, () => trustRootLintPage(path, roots.length, result));
    return result.errors.length > 0 ? EXIT.failed : EXIT.ok;
  },
};
