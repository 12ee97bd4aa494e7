export function call(text: string): void {
  JSON.parse(text)();
}
