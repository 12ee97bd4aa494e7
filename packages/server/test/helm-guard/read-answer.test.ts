import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { GuardAnswer } from '../../src/guard/wire.ts';
import { readAnswer } from '../../src/helm-guard/read-answer.ts';

const RECEIPT = { text: 'text', signature: 'signature', certificate: 'certificate' };
/** As JSON may have it. */
const TRICK = Object.fromEntries([
  ['__proto__', 'x'],
  ['a', 'b'],
]);
const FULL = {
  action: 'warn',
  sentences: ['Chart demo 1.2.3 is not signed'],
  policy: { digest: 'sha256:1', entries: { 'all-projects': 'unmatched: allow' } },
  receipt: RECEIPT,
};

/** Both readers agree: on whether it is an answer, and on which. */
function agree(json: unknown): void {
  const read = GuardAnswer.safeParse(json);
  expect(readAnswer(json)).toEqual(read.success ? read.data : null);
}

test.each<[string, unknown]>([
  ['with everything', FULL],
  ['with nothing to say', { ...FULL, sentences: [], policy: null, receipt: null }],
  ['with a name that is a trick', { ...FULL, policy: { digest: 'x', entries: TRICK } }],
  ['with more than is known', { ...FULL, more: 1, receipt: { ...RECEIPT, more: 1 } }],
])('an answer %s is read as the server writes it', (_, json) => {
  expect(readAnswer(json)).not.toBeNull();
  agree(json);
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['a list', [FULL]],
  ['text', 'allow'],
  ['another action', { ...FULL, action: 'yes' }],
  ['no action', { ...FULL, action: undefined }],
  ['sentences that are one', { ...FULL, sentences: 'one' }],
  ['a sentence that is none', { ...FULL, sentences: ['one', 2] }],
  ['too many sentences', { ...FULL, sentences: Array.from({ length: 21 }, () => 'one') }],
  ['a sentence that is too long', { ...FULL, sentences: ['x'.repeat(4097)] }],
  ['no policy', { ...FULL, policy: undefined }],
  ['a policy without a digest', { ...FULL, policy: { entries: {} } }],
  ['a digest that is too long', { ...FULL, policy: { digest: 'x'.repeat(2049), entries: {} } }],
  ['entries that are a list', { ...FULL, policy: { digest: 'x', entries: ['x'] } }],
  ['an entry that is no text', { ...FULL, policy: { digest: 'x', entries: { a: 1 } } }],
  ['no receipt', { ...FULL, receipt: undefined }],
  ['a receipt without a signature', { ...FULL, receipt: { ...RECEIPT, signature: undefined } }],
  ['a receipt that is too long', { ...FULL, receipt: { ...RECEIPT, text: 'x'.repeat(16 * 1024 + 1) } }],
])('what has %s is no answer', (_, json) => {
  expect(readAnswer(json)).toBeNull();
  agree(json);
});

test('whatever comes is read as the form of the answer says, or not at all', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('allow', 'warn', 'refuse'));
  const odd = fc.oneof(text, fc.constantFrom(null, undefined, 1, true, [], {}), fc.jsonValue());
  const receipt = fc.record({ text, signature: text, certificate: fc.oneof(text, odd) });
  const policy = fc.record({ digest: fc.oneof(text, odd), entries: fc.oneof(fc.dictionary(text, text), odd) });
  const answer = fc.record({
    action: fc.oneof(fc.constantFrom('allow', 'warn', 'refuse'), odd),
    sentences: fc.oneof(fc.array(text), odd),
    policy: fc.oneof(fc.constant(null), policy, odd),
    receipt: fc.oneof(fc.constant(null), receipt, odd),
  });
  fc.assert(fc.property(fc.oneof(answer, odd), agree));
});
