import {
  destination as fileDestination,
  type DestinationStream,
  type Logger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import type { Config } from './config/config.ts';

export type { Logger } from 'pino';

/** Names under which a secret could come along, in lower case. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'passphrase',
  'bearertoken',
  'token',
  'tokens',
  'secret',
  'secrets',
  'clientkey',
  'tlsclientcertkey',
]);
const DEEPEST = 6;

/**
 * One JSON object a line on standard output, or wherever `destination` leads. Values of secret names are left out. A
 * line is written before whoever logs goes on: by a thread it would come after the answer that it tells of, or never,
 * and cost more.
 */
export function createLogger(
  level: Config['logLevel'],
  destination: DestinationStream = fileDestination({ dest: 1, sync: true }),
): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: redactOuter },
    serializers: {
      // Fields of a child logger pass only serializers, which go by the exact name.
      ...Object.fromEntries([...SECRET_NAMES].map((name) => [name, () => '[secret]'])),
      err: (error: Error) => redact(stdSerializers.err(error), 0),
    },
  };
  return pino(options, destination);
}

/** A logger for everything that one request causes. */
export function requestLogger(logger: Logger, requestId: string): Logger {
  return logger.child({ requestId: requestId.slice(0, 100) });
}

const redactOuter = (fields: object): Record<string, unknown> => redactFields(fields, 1);

function redact(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  // Dates and the like say themselves how they are written.
  if ('toJSON' in value) return value;
  return redactFields(value, depth + 1);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    redacted[name] = SECRET_NAMES.has(name.toLowerCase()) ? '[secret]' : redact(value, depth);
  }
  return redacted;
}
