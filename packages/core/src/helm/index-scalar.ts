/** What an unquoted YAML scalar is to Helm, which reads by YAML 1.1 as go-yaml 2 has it (resolve.go). */
export type PlainKind = 'text' | 'null' | 'flag' | 'number' | 'merge';

const FLAG = /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:|~|null|Null|NULL)$/;
const INTEGER = /^[-+]?(?:0b[01]+|0o?[0-7]+|0x[0-9a-f]+|[0-9]+)$/i;
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?$/i;
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** None of the kinds but text begins otherwise. */
const SUSPECT = /^(?:$|[-+.~<0-9yYnNtTfFoO])/;

/**
 * Dates are text: Helm hands them on as they are written. So are decimals
 * beyond the range of a 64-bit float, as a digest of digits and one `e` may be. Integers over 64 bits are numbers here,
 * whatever their base.
 */
export function plainKind(source: string): PlainKind {
  if (!SUSPECT.test(source)) return 'text';
  if (source === '<<') return 'merge';
  if (NULL.test(source)) return 'null';
  if (FLAG.test(source)) return 'flag';
  const bare = source.replaceAll('_', '');
  const isDecimal = DECIMAL.test(bare) && Number.isFinite(Number(bare));
  return INTEGER.test(bare) || isDecimal || NOT_FINITE.test(source) ? 'number' : 'text';
}

const TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-([0-3]\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A time as Go's `time.Time` reads it from JSON: RFC 3339, of a day that the calendar has. */
export function isTime(text: string): boolean {
  const match = TIME.exec(text);
  if (match === null) return false;
  const day = Number(match[3]);
  return day >= 1 && (day <= 28 || day <= daysOf(Number(match[1]), Number(match[2])));
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
