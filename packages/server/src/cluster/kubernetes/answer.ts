import type { Dispatcher } from 'undici';
import { isPlainObject, own } from '../json-object.ts';
import { type ApiFailure, failure, type Outcome, statusFailure } from './api-failure.ts';
import { boundedText } from './bounded-body.ts';

export type KubernetesObject = Readonly<Record<string, unknown>>;

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubernetesObject; readonly version: string }
  /** Nothing has changed up to this version. */
  | { readonly type: 'BOOKMARK'; readonly version: string };

/** Of a page, or an object. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_STATUS_BYTES = 1024 * 1024;
/** The object that was answered, or why there is none. */
export async function answerOf(response: Dispatcher.ResponseData): Promise<Outcome<KubernetesObject>> {
  const { statusCode, body } = response;
  if (statusCode < 200 || statusCode > 299) return { failure: await refusalOf(response) };
  if (!isJson(response)) return { failure: discarded(response) };
  const value = parseJson(await boundedText(body, MAX_ANSWER_BYTES));
  return isPlainObject(value) ? { value } : failure('malformed', 'the API server answered something that is not JSON');
}

/** What an answer says that is not a success. */
export async function refusalOf(response: Dispatcher.ResponseData): Promise<ApiFailure> {
  if (isJson(response)) {
    return statusFailure(response.statusCode, parseJson(await boundedText(response.body, MAX_STATUS_BYTES)));
  }
  discarded(response);
  return statusFailure(response.statusCode, null);
}

export function isJson({ headers }: Dispatcher.ResponseData): boolean {
  return /^application\/json\s*(?:;|$)/i.test(String(headers['content-type'] ?? ''));
}

/** Leaves the rest of an answer. */
export function discarded({ body }: Dispatcher.ResponseData): ApiFailure {
  body.on('error', () => undefined).destroy();
  return { kind: 'malformed', reason: 'the API server answered something that is not JSON' };
}

/** One line of a watch. */
export function readEvent(line: string): WatchEvent | { readonly failure: ApiFailure } {
  const event = parseJson(line);
  const [type, object] = [own(event, 'type'), own(event, 'object')];
  if (type === 'ERROR') {
    const code = own(object, 'code');
    return { failure: statusFailure(typeof code === 'number' ? code : 500, object) };
  }
  const version = own(object, 'metadata', 'resourceVersion');
  if (isPlainObject(object) && typeof version === 'string' && version !== '') {
    if (type === 'BOOKMARK') return { type, version };
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object, version };
  }
  return failure('malformed', 'the API server sent an event that cannot be read');
}

/** Undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
