import { parseKeyReference, type KeyReference } from '../pgp/key-reference.ts';
import { problem } from '../verdict/catalogue.ts';
import type { PolicyRef } from '../verdict/decision.ts';
import { quotable } from '../verdict/quotable.ts';
import type { HelmPolicy } from './policy-set.ts';
import { urlSpellingFault } from './glob-spelling.ts';
import { readCharts, readRepos } from './read-list.ts';
import type { YamlCursor } from './yaml-cursor.ts';

const MODES = ['none', 'provenance'] as const;

/** One entry of `helm.policies`. Whatever is wrong is reported; the caller uses nothing of a document with problems. */
export function readHelmPolicy(cursor: YamlCursor, ref: PolicyRef): HelmPolicy {
  const fields = cursor.fields(
    ['repos', 'charts', 'gpg'],
    [
      ['repos', 'repos: [{url: "https://charts.example.com/*"}]'],
      ['gpg', 'gpg: {mode: provenance, keys: [<fingerprint>]}'],
    ],
  );
  const gpg = fields?.get('gpg')?.fields(['mode', 'keys'], [['mode', 'mode: provenance, or mode: none']]);
  const mode = gpg?.get('mode')?.oneOf(MODES) ?? 'provenance';
  const keysCursor = gpg?.get('keys');
  if (mode === 'none' && keysCursor !== undefined) reportUnused(keysCursor);
  const charts = fields?.get('charts');
  return {
    list: 'helm',
    ref,
    place: cursor.place,
    ...readRepos(fields?.get('repos'), urlSpellingFault),
    charts: charts === undefined ? null : readCharts(charts),
    mode,
    keys: keysCursor === undefined ? [] : readKeys(keysCursor),
  };
}

/** Trust that is written down and not asked for is more likely a wrong mode than a wish. */
export function reportUnused(cursor: YamlCursor): void {
  const reason = `"${cursor.field}" stands beside "mode: none", under which no signature is looked at`;
  const write = `correct the mode, or remove "${cursor.field}"`;
  cursor.report(problem('policy-contradiction', { ...cursor.fieldPlace, reason, write }));
}

function readKeys(cursor: YamlCursor): KeyReference[] {
  const keys = new Set<KeyReference>();
  for (const item of cursor.items() ?? []) {
    const text = item.text('the fingerprint of a key', 200);
    if (text === null) continue;
    const outcome = parseKeyReference(text);
    if ('reference' in outcome) {
      keys.add(outcome.reference);
      continue;
    }
    const reason = String(outcome.problem.params['reason']);
    item.report(problem('policy-key-invalid', { ...item.place, key: quotable(text), reason }));
  }
  return [...keys];
}
