import {
  type Keyring,
  type KeyReference,
  parseKeyReference,
  type Problem,
  readKeyring,
  type Trust,
  wording,
} from '@source-integrity/core';
import { type OptionValues, texts, UsageError } from './command.ts';
import { filesAt, readInput } from './input-files.ts';

/** Core says of a larger one that it is too large, and what to do. */
const MAX_KEYRING_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 1000;

export interface KeyringFiles {
  readonly keyring: Keyring;
  readonly files: readonly string[];
  /** Of files that could not be read as key rings: nothing that is verified with the rest may pass. */
  readonly unreadable: readonly Problem[];
}

/** Reads every `--keyring`: files, and the files of folders. */
export async function readKeyringFiles(options: OptionValues): Promise<KeyringFiles> {
  const paths = texts(options, 'keyring');
  if (paths.length === 0) {
    throw new UsageError(
      '--keyring is needed: a file of public keys, as "gpg --export" writes it, or a folder of them.',
    );
  }
  const files: string[] = [];
  for (const path of paths) files.push(...(await filesAt('The key ring', path)));
  if (files.length > MAX_FILES)
    throw new UsageError(`--keyring takes at most ${MAX_FILES} files, and got ${files.length}.`);
  const entries = [];
  for (const path of files) {
    entries.push({ name: path, bytes: await readInput({ what: 'The key ring', path, maxBytes: MAX_KEYRING_BYTES }) });
  }
  const keyring = await readKeyring(entries, 'files');
  return { keyring, files, unreadable: keyring.faults.map((fault) => fault.problem).filter(isOfWholeFile) };
}

/** As `helm verify` gives up on a ring that it cannot read; a key that it cannot use it passes over. */
function isOfWholeFile({ code }: Problem): boolean {
  return code !== 'keyring-key-unusable' && code !== 'keyring-key-unsupported';
}

/** Whose signature counts: one of `--keys`, or any key of the ring where none is named, as with `helm verify`. */
export function trustedKeys(options: OptionValues): Trust {
  const given = texts(options, 'keys');
  return given.length === 0 ? 'any-key' : [given.flatMap((text) => text.split(',')).map(keyReference)];
}

function keyReference(text: string): KeyReference {
  const outcome = parseKeyReference(text);
  if ('reference' in outcome) return outcome.reference;
  const { reference, reason } = outcome.problem.params;
  throw new UsageError(
    `--keys: "${String(reference)}" ${String(reason)}. ${wording(outcome.problem, '--keys').remedy}`,
  );
}
