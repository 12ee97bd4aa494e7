import { describeKeys, type Keys } from '@source-integrity/core';
import { answer } from '../answers.ts';
import { type Command, EXIT, moment } from '../command.ts';
import { readKeyringFiles } from '../keyring-files.ts';
import { keysPage } from '../presentation/keys-page.ts';

export const keysList: Command = {
  words: ['keys', 'list'],
  synopsis: '--keyring <file>...',
  operands: [],
  summary: 'Lists key IDs, fingerprints, user IDs and subkeys: policies and --keys name keys by one of the first two.',
  usage: ['--keyring <file>...      public keys: binary, armored, or a folder of such files'],
  options: { keyring: { type: 'string', multiple: true } },
  common: true,
  async run({ options, terminal }) {
    const now = moment(options);
    const { keyring, files, unreadable } = await readKeyringFiles(options);
    const described = describeKeys(keyring, now);
    const keys: Keys = {
      keys: described.map((key) => ({ key, trustedBy: [] })),
      problems: keyring.faults.map(({ problem }) => problem),
    };
    answer(terminal, options, keys, () => keysPage(keys, files.length));
    return unreadable.length > 0 || described.length === 0 ? EXIT.unknown : EXIT.ok;
  },
};
