export const length = (text: string): unknown => JSON.parse(text).length;
