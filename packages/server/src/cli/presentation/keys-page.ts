import type { KeyDescription, Keys } from '@source-integrity/core/contract';
import { writeProblems } from './findings.ts';
import { Page, type Row } from './page.ts';

const HEADER: Row = ['KEY ID', 'FINGERPRINT', 'KEY', 'ALGORITHM', 'SIGNS', 'STATE', 'EXPIRES', 'USER ID'];

/** One row for each key and subkey, and one for each further user ID. */
export function keysPage({ keys, problems }: Keys, files: number): string {
  const page = new Page();
  const found = `${count(keys.length, 'key')} in ${count(files, 'file')}`;
  page.line(problems.length === 0 ? `${found}.` : `${found}; ${count(problems.length, 'problem')}, see below.`);
  if (keys.length > 0) page.line().table([HEADER, ...keys.flatMap(({ key }) => keyRows(key, files > 1))]);
  writeProblems(page, problems, 'A chart');
  return page.text();
}

function keyRows(key: KeyDescription, nameFile: boolean): Row[] {
  const userIds = key.userIds.map(({ userId, revoked }) => (revoked ? `${userId} (revoked)` : userId));
  const [first = 'none', ...others] = userIds;
  const beside = nameFile ? [...others, `in ${key.entry}`] : others;
  return [
    [...facts(key, 'primary'), first],
    ...beside.map((text) => ['', '', '', '', '', '', '', text]),
    ...key.subkeys.map((subkey) => facts(subkey, 'subkey')),
  ];
}

function facts(key: Omit<KeyDescription, 'entry' | 'userIds' | 'subkeys'>, kind: string): string[] {
  const expires = key.expiresAt === null ? 'never' : key.expiresAt.slice(0, 10);
  return [key.keyId, key.fingerprint, kind, key.algorithm, key.canSign ? 'yes' : 'no', key.state, expires];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
