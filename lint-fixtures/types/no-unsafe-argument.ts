export const number = (text: string): number => Math.max(JSON.parse(text), 1);
