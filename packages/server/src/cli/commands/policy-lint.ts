import { type LintResult, lintPolicy } from '@source-integrity/core';
import { answer } from '../answers.ts';
import { choice, type Command, EXIT, moment } from '../command.ts';
import { readTextInput } from '../input-files.ts';
import { readPolicyManifest } from '../policy-manifest.ts';
import { lintPage } from '../presentation/lint-page.ts';

const MAX_FILE_BYTES = 4 * 1024 * 1024;

export const policyLint: Command = {
  words: ['policy', 'lint'],
  synopsis: '<configmap.yaml>',
  operands: ['<configmap.yaml>'],
  summary: 'Checks the manifest of argocd-source-integrity-cm: every error with its place and what to write instead.',
  usage: [],
  options: {},
  common: true,
  async run({ operands: [path = ''], options, terminal }) {
    choice(options, 'output', ['table', 'json']);
    const now = moment(options);
    const text = await readTextInput({ what: 'The file', path, maxBytes: MAX_FILE_BYTES });
    const manifest = readPolicyManifest(path, text);
    const { errors, warnings } = lintPolicy(manifest.data, now);
    const result: LintResult = { errors: [...manifest.faults.map(({ problem }) => problem), ...errors], warnings };
    answer(terminal, options, result, () => lintPage({ file: path, manifest, errors, warnings }));
    return result.errors.length > 0 ? EXIT.failed : EXIT.ok;
  },
};
