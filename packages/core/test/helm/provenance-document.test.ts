import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeOtherFile } from '../../src/helm/not-a-provenance-file.ts';
import { parseProvenanceDocument } from '../../src/helm/provenance-document.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const LINE = `a-1.0.0.tgz: ${DIGEST}`;

function files(sums: string, metadata = 'name: a\nversion: 1.0.0\n'): Record<string, string> | string {
  const outcome = parseProvenanceDocument(Buffer.from(`${metadata}\n...\n${sums}`));
  return 'document' in outcome ? Object.fromEntries(outcome.document.files) : outcome.problem.code;
}

/** Helm 4.3.1 reads the same from each of these. */
describe('the digests of a provenance file', () => {
  test.each([
    ['as Helm writes them', `files:\n  ${LINE}`],
    ['with a comment', `# hi\nfiles: # x\n  ${LINE} # y`],
    ['in flow style', `files: {"a-1.0.0.tgz": "${DIGEST}"}`],
    ['in JSON', JSON.stringify({ files: { 'a-1.0.0.tgz': DIGEST } })],
    ['in a field of another case', `FILES:\n  ${LINE}`],
    ['in a field that only folds to the name', `file\u017f:\n  ${LINE}`],
    ['with the last duplicate', `files:\n  a-1.0.0.tgz: x\n  ${LINE}`],
    ['in the later spelling', `Files:\n  a-1.0.0.tgz: x\nfiles:\n  ${LINE}`],
    ['beside images', `files:\n  ${LINE}\nimages:\n  x: y`],
    ['beside other fields', `files:\n  ${LINE}\nother: [a, {b: c}]`],
    ['behind a document start', `---\nfiles:\n  ${LINE}`],
    ['before another document', `files:\n  ${LINE}\n---\n{[`],
    ['before a third part', `files:\n  ${LINE}\n...\n{[`],
    ['by an alias', `x: &a {${LINE}}\nfiles: *a`],
    ['by a merge', `x: &a {${LINE}}\nfiles:\n  <<: *a`],
    ['as a folded block', `files:\n  a-1.0.0.tgz: >-\n    ${DIGEST}`],
    ['with a byte order mark', `\ufefffiles:\n  ${LINE}`],
  ])('%s are read', (_, sums) => {
    expect(files(sums)).toEqual({ 'a-1.0.0.tgz': DIGEST });
  });

  test.each([
    ['numbers for what should be text', `files:\n  x: 12\n  ${LINE}`, { x: '12', 'a-1.0.0.tgz': DIGEST }],
    ['null for a digest', `files:\n  x:`, { x: '' }],
    ['files of two spellings', `FILES:\n  ${LINE}\nfiles:\n  x: y`, { 'a-1.0.0.tgz': DIGEST, x: 'y' }],
    ['no files', 'files:', {}],
    ['nothing', '', {}],
  ])('may be %s', (_, sums, expected) => {
    expect(files(sums)).toEqual(expected);
  });

  test.each([
    ['a list of files', `files: [a]`],
    ['a list for a digest', `files:\n  x: [1]\n  ${LINE}`],
    ['a map for a digest', `files:\n  x: {y: z}\n  ${LINE}`],
    ['a list of images', `files:\n  ${LINE}\nimages: [a]`],
    ['text', 'hello'],
    ['a list', '- a'],
    ['broken YAML', 'files: {'],
    ['tabs', `files:\n\t${LINE}`],
    ['an undefined alias', `x: *y\nfiles:\n  ${LINE}`],
    ['a null key', `files:\n  ~: x\n  ${LINE}`],
    ['a list for a key', `files:\n  [a]: x\n  ${LINE}`],
    ['control characters', `x: \u0001\nfiles:\n  ${LINE}`],
    ['a delete character', `x: "\u007f"\nfiles:\n  ${LINE}`],
    ['line ends of YAML 1.1', `x: y\u2028z\nfiles:\n  ${LINE}`],
    ['a number that JSON lacks', `x: .nan\nfiles:\n  ${LINE}`],
    ['a key of more than 1024 characters', `${'k'.repeat(1_100)}: x\nfiles:\n  ${LINE}`],
    ['YAML 1.2', `%YAML 1.2\n---\nfiles:\n  ${LINE}`],
  ])('are not %s', (_, sums) => {
    expect(files(sums)).toBe('provenance-files-unreadable');
  });

  test('are not in another encoding, while the metadata may be', () => {
    const text = (metadata: string, sums: string): Buffer => Buffer.from(`${metadata}\n\n...\n${sums}`, 'latin1');
    const good = parseProvenanceDocument(text('name: a\nversion: 1.0.0\ndescription: caf\u00e9', `files:\n  ${LINE}`));
    expect(good).toMatchObject({ document: { metadata: { metadata: { name: 'a' } } } });
    const bad = parseProvenanceDocument(text('name: a\nversion: 1.0.0', `files:\n  ${LINE}\nx: caf\u00e9`));
    expect(bad).toMatchObject({ problem: { code: 'provenance-files-unreadable' } });
  });

  test('need a line of three dots before them', () => {
    const outcome = parseProvenanceDocument(Buffer.from(`name: a\nfiles:\n  ${LINE}`));
    expect(outcome).toMatchObject({ problem: { code: 'provenance-malformed' } });
  });

  test('are read though the metadata is not a chart\u2019s', () => {
    expect(files(`files:\n  ${LINE}`, 'name: [unterminated')).toEqual({ 'a-1.0.0.tgz': DIGEST });
  });

  test('are never the prototype\u2019s', () => {
    expect(files('files:\n  __proto__: x\n  constructor: y')).toEqual(
      Object.fromEntries([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    );
  });

  test('of any text are read or refused', () => {
    const piece = fc.oneof(
      fc.constantFrom('files:\n', '  ', LINE, '\n...\n', '---\n', '&a ', '*a', '{', '}', '<<: ', '\n', ': ', '#', '"'),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => void files(pieces.join(''))));
  });
});

describe('what is no provenance file', () => {
  test.each([
    ['<!DOCTYPE html><html>', 'an HTML page'],
    ['\ufeff\n  <html lang="en">', 'an HTML page'],
    ['<?xml version="1.0"?><html>', 'an HTML page'],
    ['<?xml version="1.0"?><Error/>', 'an XML document'],
    ['{"error": "not found"}', 'a JSON document'],
    ['', 'an empty file'],
    ['\n \n', 'an empty file'],
    ['\u001f\u008b\u0008', 'a gzip archive'],
    ['-----BEGIN PGP SIGNATURE-----\n', 'a PGP signature without the text that it signs'],
    ['-----BEGIN PGP MESSAGE-----\n', 'PGP data of another kind'],
    ['\u0000\u0001', 'binary data'],
    ['Not found', 'text without a PGP signed message'],
  ])('%j is called %s', (text, expected) => {
    expect(describeOtherFile(Buffer.from(text, text.startsWith('\u001f') ? 'latin1' : 'utf8'))).toBe(expected);
  });
});
