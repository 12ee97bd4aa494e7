export const digest = (value: unknown): string => value as string;
