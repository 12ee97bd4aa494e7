import { isArray, isObject, parseStrictJson } from '../cosign/strict-json.ts';

const MAX_TAG_LENGTH = 256;

/**
 * Reads a page of a list of tags (distribution specification, "Listing Tags"), taking them as they are, as Argo CD
 * does. `reason` completes "it …".
 */
export function tagList(bytes: Uint8Array): { readonly tags: readonly string[] } | { readonly reason: string } {
  const json = parseStrictJson(bytes);
  if ('fault' in json) return { reason: json.fault };
  if (!isObject(json.value)) return { reason: 'is not a JSON object' };
  const tags = json.value['tags'] ?? [];
  if (!isArray(tags)) return { reason: 'holds no list of tags' };
  const texts = tags.filter((tag) => typeof tag === 'string');
  if (texts.length < tags.length || texts.some((tag) => tag.length > MAX_TAG_LENGTH)) {
    return { reason: 'holds tags that are none' };
  }
  return { tags: texts };
}
