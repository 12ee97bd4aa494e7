export function name(text: string): string {
  return JSON.parse(text);
}
