import { RE2JS, RE2JSException } from 're2js';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { LIMITS } from './limits.ts';

/** Text that is compared whole, or a regular expression that has to match the whole. */
export type TextPattern = { readonly text: string } | { readonly regExp: string };

/** Who may have signed: both have to match. */
export interface Identity {
  readonly issuer: TextPattern;
  readonly subject: TextPattern;
}

/** As a policy or the command line writes it. */
export interface WrittenIdentity {
  readonly issuer?: string | undefined;
  readonly issuerRegExp?: string | undefined;
  readonly subject?: string | undefined;
  readonly subjectRegExp?: string | undefined;
}

export type ReadIdentity = { readonly identity: Identity } | { readonly problem: Problem };

type Field = 'issuer' | 'subject';

/**
 * Reads an identity: exactly one of `issuer` and `issuerRegExp`, exactly one of `subject` and `subjectRegExp`.
 * Expressions are RE2's (linear time), at most 2048 characters and 5000 steps, and always match the whole text – unlike
 * cosign's, where `ci/ac` also matches `https://ci/acme`.
 */
export function readIdentity(written: WrittenIdentity): ReadIdentity {
  const issuer = eitherOf('issuer', written.issuer, written.issuerRegExp);
  if ('problem' in issuer) return issuer;
  const subject = eitherOf('subject', written.subject, written.subjectRegExp);
  if ('problem' in subject) return subject;
  const identity = { issuer: issuer.pattern, subject: subject.pattern };
  const fault = identityFault(identity);
  return fault === null ? { identity } : { problem: fault };
}

function eitherOf(
  field: Field,
  text: string | undefined,
  regExp: string | undefined,
): { readonly pattern: TextPattern } | { readonly problem: Problem } {
  if (text !== undefined && regExp !== undefined) return invalid(field, regExp, `has both ${field} and ${field}RegExp`);
  if (text !== undefined) return { pattern: { text } };
  return regExp === undefined ? invalid(field, '', `has neither ${field} nor ${field}RegExp`) : { pattern: { regExp } };
}

/** What is wrong with an identity, however it was read: a part that is empty, too long, or not an RE2 expression. */
export function identityFault({ issuer, subject }: Identity): Problem | null {
  return patternFault('issuer', issuer) ?? patternFault('subject', subject);
}

function patternFault(field: Field, pattern: TextPattern): Problem | null {
  const written = patternText(pattern);
  if (written === '') return invalid(field, '', `has an empty ${field}`).problem;
  if (written.length > LIMITS.identityLength) {
    return invalid(field, written, `has a ${field} longer than ${LIMITS.identityLength} characters`).problem;
  }
  const fault = 'regExp' in pattern ? expressionFault(pattern.regExp) : null;
  return fault === null ? null : invalid(field, written, `has a ${field}RegExp that ${fault}`).problem;
}

/** Why nothing can be compared with an expression; null for one that is good; completes "it …". */
export function expressionFault(expression: string): string | null {
  const read = compiled(expression);
  return 'fault' in read ? read.fault : null;
}

function invalid(field: Field, value: string, reason: string): { readonly problem: Problem } {
  return { problem: problem('identity-invalid', { field, value: quotable(value), reason }) };
}

/** Whether the pattern covers the whole text. Case and every character count. What is not RE2 matches nothing. */
export function matches(pattern: TextPattern, text: string): boolean {
  if ('text' in pattern) return text === pattern.text;
  const expression = compiled(pattern.regExp);
  return text.length <= LIMITS.identityLength && 're2' in expression && expression.re2.matches(text);
}

/** Whether an expression matches a part of the text and not the whole: what cosign would have accepted. */
export function matchesPart(pattern: TextPattern, text: string): boolean {
  if ('text' in pattern || text.length > LIMITS.identityLength || matches(pattern, text)) return false;
  const expression = compiled(pattern.regExp);
  return 're2' in expression && expression.re2.test(text);
}

/** The text or the expression, as it was written. */
export function patternText(pattern: TextPattern): string {
  return 'text' in pattern ? pattern.text : pattern.regExp;
}

/** A fault completes "it …". */
type Compiled = { readonly re2: RE2JS } | { readonly fault: string };

/** Expressions come from policies, of which there are few; the bound is for those of long-gone ones. */
const MAX_COMPILED = 256;
const cache = new Map<string, Compiled>();

/** Compiled alone, with nothing put around it: `a)|(?:b` must not break out of an anchored group. */
function compiled(expression: string): Compiled {
  const known = cache.get(expression);
  if (known !== undefined) return known;
  const fresh = compile(expression);
  if (cache.size >= MAX_COMPILED) cache.clear();
  cache.set(expression, fresh);
  return fresh;
}

function compile(expression: string): Compiled {
  if (expression.length > LIMITS.identityLength) return { fault: 'is too long' };
  try {
    const re2 = RE2JS.compile(expression);
    const tooMany = re2.programSize() > LIMITS.identitySteps;
    return tooMany ? { fault: `takes more than ${LIMITS.identitySteps} steps` } : { re2 };
  } catch (error) {
    if (error instanceof RE2JSException) return { fault: `is not an RE2 expression: ${quotable(error.message)}` };
    throw error;
  }
}
