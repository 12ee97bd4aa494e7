import { readFileSync } from 'node:fs';

/** What a page tells its reader to do, or says that will be seen. */
export type Step =
  | { readonly kind: 'commands'; readonly line: number; readonly text: string; readonly output: string | null }
  | { readonly kind: 'tab'; readonly line: number; readonly application: string; readonly word: string }
  | { readonly kind: 'sync'; readonly line: number; readonly refused: boolean };

const FENCE = /^```(\w*)\n(.*?)^```$/ms;
const TAB = /The tab of `([\w-]+)` says \*\*([^*]+)\*\*\./;
const SYNC = /\*\*Sync\*\* (is refused|goes through)\./;

/**
 * The steps of a page, in its order: blocks of `sh`, what a block without a language behind it shows of their output,
 * and the sentences "The tab of `x` says **Verified**." and "**Sync** is refused.", "**Sync** goes through.".
 */
export function readHowTo(file: URL): Step[] {
  const page = readFileSync(file, 'utf8');
  const found = [...page.matchAll(new RegExp([FENCE, TAB, SYNC].map(({ source }) => source).join('|'), 'gms'))];
  const steps: Step[] = [];
  for (const { 1: language, 2: block, 3: application, 4: word, 5: sync, index } of found) {
    const line = page.slice(0, index).split('\n').length;
    const last = steps.at(-1);
    if (application !== undefined && word !== undefined) steps.push({ kind: 'tab', line, application, word });
    else if (sync !== undefined) steps.push({ kind: 'sync', line, refused: sync === 'is refused' });
    else if (language === 'sh') steps.push({ kind: 'commands', line, text: block ?? '', output: null });
    else if (language === '' && last?.kind === 'commands') steps[steps.length - 1] = { ...last, output: block ?? '' };
  }
  return steps;
}

/** Whether the lines of `shown` are lines of `output`, in their order; `…` stands for any text. */
export function isShownIn(shown: string, output: string): boolean {
  const pattern = shown
    .trimEnd()
    .split('\n')
    .map((line) => line.split('…').map(literally).join('[^\\n]*'))
    .join('$[^]*?^');
  return new RegExp(`^${pattern}$`, 'm').test(output);
}

function literally(text: string): string {
  return text.replaceAll(/[^\w\s]/g, '\\$&');
}
