export function each(list: string[], work: (item: string) => Promise<void>): void {
  list.forEach(work);
}
