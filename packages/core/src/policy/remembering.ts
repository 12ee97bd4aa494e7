/** Texts of this length and below are worth it; a URL is shorter. */
const LONGEST = 2048;

/**
 * Remembers what a pure function of one text answered, for the `most` texts that were asked for last or so: whoever
 * asks about ever new ones makes it slow again, and no larger.
 */
export function remembering<T>(compute: (text: string) => T, most = 1000): (text: string) => T {
  return rememberingBy((text) => text, compute, most);
}

/** The same for a question of which a text tells all that the answer depends on. */
export function rememberingBy<Q, T>(
  textOf: (question: Q) => string,
  compute: (question: Q) => T,
  most = 1000,
): (question: Q) => T {
  let recent = new Map<string, { readonly answer: T }>();
  let before = new Map<string, { readonly answer: T }>();
  return (question) => {
    const text = textOf(question);
    const known = recent.get(text) ?? before.get(text);
    const entry = known ?? { answer: compute(question) };
    if (text.length > LONGEST) return entry.answer;
    if (recent.size >= most / 2) {
      before = recent;
      recent = new Map();
    }
    recent.set(text, entry);
    return entry.answer;
  };
}
