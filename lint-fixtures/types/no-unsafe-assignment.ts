export function name(text: string): string {
  const value: { name: string } = JSON.parse(text);
  return value.name;
}
