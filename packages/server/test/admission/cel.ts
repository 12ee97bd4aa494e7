import { isDeepStrictEqual } from 'node:util';

/**
 * As much of CEL as the match conditions use, so that they can be held to what the gate judges. That a real API server
 * takes them, and reads them like this, is shown by the suite that runs one.
 */
type Environment = Readonly<Record<string, unknown>>;
type Term = (environment: Environment) => unknown;

class Optional {
  readonly value: unknown;
  readonly isPresent: boolean;

  constructor(isPresent: boolean, value?: unknown) {
    this.isPresent = isPresent;
    this.value = value;
  }
}

const TOKEN = /\s*(\.\?|==|!=|&&|\|\||'[^']*'|[A-Za-z]+|[!?:.,()[\]])/y;

/** A condition as a function of what is asked about. Throws for anything that it does not know. */
export function compile(expression: string): (environment: Environment) => boolean {
  const tokens = new Tokens(expression);
  const term = conditional(tokens);
  if (tokens.next !== null) throw new SyntaxError(`what is "${tokens.next}" for?`);
  return (environment) => truth(term(environment));
}

class Tokens {
  readonly #tokens: string[] = [];

  constructor(text: string) {
    const token = new RegExp(TOKEN);
    for (let end = 0; end < text.trimEnd().length; end = token.lastIndex) {
      const found = token.exec(text)?.[1];
      if (found === undefined) throw new SyntaxError(`cannot read on from "${text.slice(end, end + 20)}"`);
      this.#tokens.push(found);
    }
  }

  get next(): string | null {
    return this.#tokens[0] ?? null;
  }

  /** Takes the next token if it is this one. */
  take(token: string): boolean {
    if (this.next !== token) return false;
    this.#tokens.shift();
    return true;
  }

  any(): string {
    const token = this.#tokens.shift();
    if (token === undefined) throw new SyntaxError('it ends too early');
    return token;
  }

  expect(token: string): void {
    if (!this.take(token)) throw new SyntaxError(`"${token}" is missing before "${this.next ?? ''}"`);
  }
}

function conditional(tokens: Tokens): Term {
  const condition = either(tokens);
  if (!tokens.take('?')) return condition;
  const yes = conditional(tokens);
  tokens.expect(':');
  const no = conditional(tokens);
  return (environment) => (truth(condition(environment)) ? yes(environment) : no(environment));
}

function either(tokens: Tokens): Term {
  const terms = [both(tokens)];
  while (tokens.take('||')) terms.push(both(tokens));
  const [first] = terms;
  return terms.length === 1 && first !== undefined
    ? first
    : (environment) => terms.some((term) => truth(term(environment)));
}

function both(tokens: Tokens): Term {
  const terms = [comparison(tokens)];
  while (tokens.take('&&')) terms.push(comparison(tokens));
  const [first] = terms;
  return terms.length === 1 && first !== undefined
    ? first
    : (environment) => terms.every((term) => truth(term(environment)));
}

function comparison(tokens: Tokens): Term {
  const left = negation(tokens);
  if (tokens.take('==')) return equality(left, negation(tokens), true);
  if (tokens.take('!=')) return equality(left, negation(tokens), false);
  if (!tokens.take('in')) return left;
  const list = negation(tokens);
  return (environment) => {
    const members = list(environment);
    if (!Array.isArray(members)) throw new TypeError('"in" wants a list');
    const value = left(environment);
    return members.some((member) => isDeepStrictEqual(member, value));
  };
}

function equality(left: Term, right: Term, wanted: boolean): Term {
  return (environment) => isDeepStrictEqual(left(environment), right(environment)) === wanted;
}

function negation(tokens: Tokens): Term {
  if (!tokens.take('!')) return selection(tokens);
  const term = negation(tokens);
  return (environment) => !truth(term(environment));
}

function selection(tokens: Tokens): Term {
  let term = primary(tokens);
  for (;;) {
    if (tokens.take('.?')) term = optionalMember(term, tokens.any());
    else if (tokens.take('.')) term = memberOrCall(term, tokens.any(), tokens);
    else return term;
  }
}

function optionalMember(of: Term, name: string): Term {
  return (environment) => {
    const value = of(environment);
    const plain = value instanceof Optional ? value.value : value;
    if (typeof plain !== 'object' || plain === null || !Object.hasOwn(plain, name)) return new Optional(false);
    return new Optional(true, Reflect.get(plain, name));
  };
}

function memberOrCall(of: Term, name: string, tokens: Tokens): Term {
  if (name === 'orValue') {
    tokens.expect('(');
    const otherwise = conditional(tokens);
    tokens.expect(')');
    return (environment) => {
      const value = of(environment);
      if (!(value instanceof Optional)) throw new TypeError('orValue is for optionals');
      return value.isPresent ? value.value : otherwise(environment);
    };
  }
  return (environment) => {
    const value = of(environment);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      throw new TypeError(`no such key: ${name}`);
    }
    const found: unknown = Reflect.get(value, name);
    return found;
  };
}

function primary(tokens: Tokens): Term {
  const token = tokens.any();
  if (token === '(') {
    const term = conditional(tokens);
    tokens.expect(')');
    return term;
  }
  if (token === '[') {
    const members: Term[] = [];
    while (!tokens.take(']')) {
      members.push(conditional(tokens));
      tokens.take(',');
    }
    return (environment) => members.map((member) => member(environment));
  }
  if (token.startsWith("'")) return () => token.slice(1, -1);
  if (token === 'null') return () => null;
  if (token === 'true' || token === 'false') return () => token === 'true';
  return (environment) => {
    if (!Object.hasOwn(environment, token)) throw new TypeError(`undeclared reference to ${token}`);
    return environment[token];
  };
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError('no such overload');
  return value;
}
