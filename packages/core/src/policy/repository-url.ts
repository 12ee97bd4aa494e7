import { parseGoURL } from './go-url.ts';
import { remembering } from './remembering.ts';

/** Whether Argo CD takes two URLs for the same repository (`util/git/git.go`, `SameURL`, of 3.6.1). */
export function sameURL(left: string, right: string): boolean {
  const normalLeft = comparable(left);
  return normalLeft !== '' && normalLeft === comparable(right);
}

/**
 * Whether Argo CD takes the URL of a Helm repository for a registry's (`util/helm/client.go`, `IsHelmOciRepo`):
 * Go's `url.Parse` accepts it and finds no host, as in `registry.example.com/charts`.
 */
export const isHelmOciRepo = remembering((url) => url !== '' && parseGoURL(url)?.host === '');

/** `NormalizeGitURLAllowInvalid`: what cannot be parsed is compared as it was written. */
function comparable(url: string): string {
  const normal = normalizeGitURL(url);
  return normal === '' ? url : normal;
}

/** The form in which Argo CD compares repository URLs (`NormalizeGitURL`); empty for what Go cannot parse. */
export const normalizeGitURL = remembering((url) => {
  const lower = lowerCase(trimSpace(url));
  const isSSH = /^(?:ssh:\/\/)?[^/:]*@[^@]+$/.test(lower);
  const absolute = isSSH && !lower.startsWith('ssh://') ? `ssh://${lower.replace(':', '/')}` : lower;
  const normal = parseGoURL(absolute.replace(/\.git$/, ''))?.text ?? '';
  return normal.replace(/^ssh:\/\//, '');
});

/** `strings.TrimSpace`: Unicode's White_Space, which is not quite what `String.prototype.trim` takes off. */
function trimSpace(text: string): string {
  const characters = Array.from(text);
  const first = characters.findIndex((character) => !isSpace(character));
  const last = characters.findLastIndex((character) => !isSpace(character));
  return first < 0 ? '' : characters.slice(first, last + 1).join('');
}

function isSpace(character: string): boolean {
  return /\p{White_Space}/u.test(character);
}

/** `strings.ToLower` maps each code point on its own: no final sigma, and İ becomes a single i. */
function lowerCase(text: string): string {
  return Array.from(text, (character) => (character === 'İ' ? 'i' : character.toLowerCase())).join('');
}
