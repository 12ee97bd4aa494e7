/** What an unquoted YAML scalar is to Helm, which reads by YAML 1.1 as go-yaml 2 has it (resolve.go). */
export type PlainKind = 'text' | 'null' | 'flag' | 'number' | 'merge';

const FLAG = /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:|~|null|Null|NULL)$/;
const INTEGER = /^[-+]?(?:0b[01]+|0o?[0-7]+|0x[0-9a-f]+|[0-9]+)$/i;
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?$/i;
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** None of the kinds but text begins otherwise. */
const SUSPECT = /^(?:$|[-+.~<0-9yYnNtTfFoO])/;

/** Dates are text: Helm hands them on as they are written. Numbers over 64 bits are numbers here, whatever their base. */
export function plainKind(source: string): PlainKind {
  if (!SUSPECT.test(source)) return 'text';
  if (source === '<<') return 'merge';
  if (NULL.test(source)) return 'null';
  if (FLAG.test(source)) return 'flag';
  const bare = source.replaceAll('_', '');
  return INTEGER.test(bare) || DECIMAL.test(bare) || NOT_FINITE.test(source) ? 'number' : 'text';
}

/** A time as Go's `time.Time` reads it from JSON: RFC 3339, with the ranges of its parts. */
export function isTime(text: string): boolean {
  const match = /^\d{4}-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/.exec(text);
  if (match === null) return false;
  const [month, day, hour, minute, second, zoneHour, zoneMinute] = match.slice(1).map((part) => Number(part ?? 0));
  const date = `${text.slice(0, 10)}T00:00:00Z`;
  const sameDay = !Number.isNaN(Date.parse(date)) && new Date(date).toISOString().startsWith(text.slice(0, 10));
  return (
    sameDay &&
    within(month, 12) &&
    within(day, 31) &&
    within(hour, 23) &&
    within(minute, 59) &&
    within(second, 59) &&
    within(zoneHour, 23) &&
    within(zoneMinute, 59)
  );
}

function within(value: number | undefined, most: number): boolean {
  return value !== undefined && value <= most;
}
