import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import { DEFAULT_STRICT_RULES, type StrictRules } from '../verdict/strict-rules.ts';
import { nearest } from './nearest.ts';
import type { Exemption } from './policy-set.ts';
import { openYaml, type YamlCursor } from './yaml-cursor.ts';

/** A value of the ConfigMap that is one word. Null after a problem. */
export function readWord<T extends string>(
  entry: string,
  value: string,
  options: readonly T[],
  problems: Problem[],
): T | null {
  const word = value.trim();
  const found = options.find((option) => option === word);
  if (found !== undefined) return found;
  const expected = options.map((option) => `"${option}"`).join(' or ');
  problems.push(invalid(entry, expected, word, nearest(word, options)));
  return null;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** A duration as Go writes them (`90s`, `1m30s`, `1.5h`, `0`), from 0 to 24 hours, in milliseconds. */
export function readDuration(entry: string, value: string, problems: Problem[]): number | null {
  const text = value.trim();
  if (text === '0') return 0;
  const isDuration = text.length <= 40 && /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text);
  const parts = isDuration ? text.matchAll(/([\d.]+)([a-z]+)/g) : [];
  let total = isDuration ? 0 : Number.NaN;
  for (const [, amount, unit = ''] of parts) total += Number(amount) * (UNITS.get(unit) ?? Number.NaN);
  if (total >= 0 && total <= DAY_MS) return Math.round(total);
  problems.push(invalid(entry, 'a duration from 0s to 24h, such as 60s or 1m30s', text, null));
  return null;
}

const RULES = ['sha1', 'dsa', 'rsaBelow2048', 'metadata'] as const;

export function readStrictRules(entry: string, value: string, problems: Problem[]): StrictRules {
  const fields = openYaml(entry, value, problems)?.fields(RULES);
  const rules = { ...DEFAULT_STRICT_RULES };
  for (const rule of RULES) rules[rule] = fields?.get(rule)?.oneOf(['reject', 'accept']) ?? 'reject';
  return rules;
}

export function readExemptions(entry: string, value: string, problems: Problem[]): Exemption[] {
  return (openYaml(entry, value, problems)?.items() ?? []).flatMap((item) => readExemption(item) ?? []);
}

function readExemption(cursor: YamlCursor): Exemption | null {
  const fields = cursor.fields(
    ['application', 'reason', 'until'],
    [
      ['application', 'application: <namespace>/<name>'],
      ['reason', 'reason: "INC-1234"'],
      ['until', 'until: 2026-12-01T00:00:00Z'],
    ],
  );
  const application = fields?.get('application')?.text('<namespace>/<name>', 512) ?? null;
  const reason = fields?.get('reason')?.text('a reason', 512) ?? null;
  const until = readTime(fields?.get('until'));
  if (application === null || reason === null || until === null) return null;
  const [, namespace, name] = /^([a-z0-9][a-z0-9-]*)\/([a-z0-9][a-z0-9.-]*)$/.exec(application) ?? [];
  if (namespace === undefined || name === undefined) {
    return fields?.get('application')?.wrong('<namespace>/<name>, such as argocd/payments') ?? null;
  }
  return { namespace, name, reason, until };
}

/** RFC 3339, section 5.6. */
function readTime(cursor: YamlCursor | undefined): Date | null {
  const what = 'a time with its zone (RFC 3339), such as 2026-12-01T00:00:00Z';
  const text = cursor?.text(what, 64) ?? null;
  if (text === null) return null;
  const isTime = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text);
  const time = new Date(isTime ? text.toUpperCase() : Number.NaN);
  const day = Number(text.slice(8, 10));
  const exists = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
  return Number.isNaN(time.getTime()) || !exists ? (cursor?.wrong(what) ?? null) : time;
}

function invalid(entry: string, expected: string, actual: string, meant: string | null): Problem {
  const shown = `"${quotable(actual)}"`;
  return problem('policy-value-invalid', { entry, line: 1, column: 1, field: entry, expected, actual: shown, meant });
}
