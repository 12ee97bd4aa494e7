import { OCI_LIMITS } from './limits.ts';

/** How a registry wants to be asked. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      /** Empty: none. */
      readonly service: string;
      readonly scopes: readonly string[];
    };

const TOKEN = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;
const SPACE = /[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;

/**
 * Reads a `WWW-Authenticate` header (RFC 9110, section 11.6.1; RFC 6750; distribution's token specification): the
 * first Bearer challenge with a realm, else Basic. Null: nothing in it that can be answered.
 */
export function parseChallenge(header: string): Challenge | null {
  if (header.length > OCI_LIMITS.headerLength) return null;
  const challenges = readChallenges(header);
  for (const { scheme, parameters } of challenges) {
    const realm = parameters.get('realm');
    if (scheme !== 'bearer' || realm === undefined || realm === '') continue;
    const scopes = (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    return { scheme, realm, service: parameters.get('service') ?? '', scopes };
  }
  return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : null;
}

interface RawChallenge {
  readonly scheme: string;
  readonly parameters: Map<string, string>;
}

/** Ends at the first thing that is not as the RFC has it; the first of two parameters of a name counts. */
function readChallenges(header: string): RawChallenge[] {
  const challenges: RawChallenge[] = [];
  let at = 0;
  const take = (token: RegExp): RegExpExecArray | null => {
    token.lastIndex = at;
    const match = token.exec(header);
    if (match !== null) at = token.lastIndex;
    return match;
  };
  for (;;) {
    take(SPACE);
    const word = take(TOKEN)?.[0].toLowerCase();
    if (word === undefined) return challenges;
    take(SPACE);
    if (header[at] === '=') {
      at += 1;
      take(SPACE);
      const quoted = take(QUOTED);
      const value = quoted === null ? take(TOKEN)?.[0] : quoted[1]?.replaceAll(/\\(.)/g, '$1');
      const parameters = challenges.at(-1)?.parameters;
      if (value === undefined || parameters === undefined) return challenges;
      if (!parameters.has(word)) parameters.set(word, value);
      take(SPACE);
      if (at < header.length && header[at] !== ',') return challenges;
    } else {
      challenges.push({ scheme: word, parameters: new Map() });
    }
    while (header[at] === ',') {
      at += 1;
      take(SPACE);
    }
  }
}
