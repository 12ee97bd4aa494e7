import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../chromium.ts';
import { Camera, type Shot } from './camera.ts';
import { type Difference, differences } from './compare.ts';
import { decode, withPalette } from './png.ts';
import { IMAGES, MAIN_STATES, THEMES, WINDOWS } from './states.ts';

const taken = new URL('../.cache/pictures/', import.meta.url);
const shots = THEMES.flatMap((theme) =>
  MAIN_STATES.flatMap((state) =>
    Object.entries(WINDOWS).map(([name, window]): [string, Shot] => [
      `${state}-${theme}-${name}`,
      { picture: `${state}-${theme}`, window },
    ]),
  ),
);

let camera: Camera | null = null;
beforeAll(async () => {
  const executablePath = await findChromium();
  if (executablePath === null) throw new Error('there is no Chromium; install it, or set CHROMIUM_PATH');
  camera = await Camera.open(executablePath);
});
afterAll(() => camera?.close());

async function compared(file: string, shot: Shot): Promise<readonly Difference[]> {
  if (camera === null) throw new Error('there is no camera');
  const before = await readFile(new URL(`tab/${file}.png`, IMAGES));
  const now = withPalette(await camera.take(shot));
  const found = differences(decode(before), decode(now));
  if (found.length > 0 && shot.style === undefined) {
    await mkdir(taken, { recursive: true });
    await writeFile(new URL(`${file}.png`, taken), now);
  }
  return found;
}

function advice(file: string): string {
  return `docs/images/tab/${file}.png is not what the tab looks like (${fileURLToPath(new URL(`${file}.png`, taken))}); if it is to look so: npm run screenshots --workspace packages/ui-extension ${file}`;
}

describe('the pictures of docs/tab.md', () => {
  it.each(shots)('%s shows what the tab looks like', async (file, shot) => {
    expect(await compared(file, shot), advice(file)).toEqual([]);
  });
});

describe('a picture is another one', () => {
  const [file, shot] = ['verified-light-wide', { picture: 'verified-light', window: WINDOWS.wide }];
  it.each([
    ['without its button', '.si-root .si-button { display: none; }'],
    ['without its icon', '.si-banner__icon { visibility: hidden; }'],
    ['where a source has no icon', '.si-source__kind { visibility: hidden; }'],
    ['without one line of text', '.si-banner__context { visibility: hidden; }'],
    ['where a row is moved by four pixels', '.si-source__row { transform: translateY(4px); }'],
    ['where the verdict has lost its colour', '.si-standing { color: var(--si-ink) !important; }'],
    ['where the border of the banner has', '.si-root .si-banner { border-left-color: var(--si-line) !important; }'],
    ['where texts overlap', '.si-banner__sentence { line-height: 0 !important; }'],
  ])('%s', async (_, style) => {
    expect(await compared(file, { ...shot, style })).not.toEqual([]);
  });
});
