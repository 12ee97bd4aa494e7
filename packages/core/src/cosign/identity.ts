import { RE2JS, RE2JSException } from 're2js';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { LIMITS } from './limits.ts';

/** Text that is compared whole, or a regular expression that has to match the whole. */
export type TextPattern =
  { readonly kind: 'exact'; readonly text: string } | { readonly kind: 'expression'; readonly expression: string };

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

/**
 * Reads an identity: exactly one of `issuer` and `issuerRegExp`, exactly one of `subject` and `subjectRegExp`.
 * Expressions are RE2's (linear time), at most 2048 characters, and always match the whole text – unlike cosign's,
 * where `ci/ac` also matches `https://ci/acme`.
 */
export function readIdentity(written: WrittenIdentity): ReadIdentity {
  const issuer = readPattern('issuer', written.issuer, written.issuerRegExp);
  if ('problem' in issuer) return issuer;
  const subject = readPattern('subject', written.subject, written.subjectRegExp);
  if ('problem' in subject) return subject;
  return { identity: { issuer: issuer.pattern, subject: subject.pattern } };
}

function readPattern(
  field: 'issuer' | 'subject',
  text: string | undefined,
  expression: string | undefined,
): { readonly pattern: TextPattern } | { readonly problem: Problem } {
  const invalid = (reason: string): { readonly problem: Problem } => ({
    problem: problem('identity-invalid', { field, value: quotable(expression ?? text ?? ''), reason }),
  });
  if (text !== undefined && expression !== undefined) return invalid(`has both ${field} and ${field}RegExp`);
  const written = text ?? expression;
  if (written === undefined) return invalid(`has neither ${field} nor ${field}RegExp`);
  if (written === '') return invalid(`has an empty ${field}`);
  if (written.length > LIMITS.identityLength) return invalid(`is longer than ${LIMITS.identityLength} characters`);
  if (text !== undefined) return { pattern: { kind: 'exact', text } };
  try {
    // Compiled alone, before anything is put around it: `a)|(?:b` must not break out of an anchored group.
    compiled(written);
  } catch (error) {
    if (error instanceof RE2JSException) return invalid(`is not an RE2 expression: ${quotable(error.message)}`);
    throw error;
  }
  return { pattern: { kind: 'expression', expression: written } };
}

/** Whether the pattern covers the whole text. Case and every character count. */
export function matches(pattern: TextPattern, text: string): boolean {
  switch (pattern.kind) {
    case 'exact':
      return text === pattern.text;
    case 'expression':
      return text.length <= LIMITS.identityLength && compiled(pattern.expression).matches(text);
  }
}

/** Whether an expression matches a part of the text and not the whole: what cosign would have accepted. */
export function matchesPart(pattern: TextPattern, text: string): boolean {
  return (
    pattern.kind === 'expression' &&
    text.length <= LIMITS.identityLength &&
    !matches(pattern, text) &&
    compiled(pattern.expression).test(text)
  );
}

/** The text or the expression, as it was written. */
export function patternText(pattern: TextPattern): string {
  switch (pattern.kind) {
    case 'exact':
      return pattern.text;
    case 'expression':
      return pattern.expression;
  }
}

/** Expressions come from policies, of which there are few; the bound is for those of long-gone ones. */
const MAX_COMPILED = 256;
const cache = new Map<string, RE2JS>();

function compiled(expression: string): RE2JS {
  const known = cache.get(expression);
  if (known !== undefined) return known;
  const fresh = RE2JS.compile(expression);
  if (cache.size >= MAX_COMPILED) cache.clear();
  cache.set(expression, fresh);
  return fresh;
}
