/**
 * Takes the pictures of the documentation anew, or those whose names hold one of the arguments: `docs/images/tab-*.png`
 * and `docs/images/tab/`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { findChromium } from '../chromium.ts';
import { Camera, type Shot } from './camera.ts';
import { withPalette } from './png.ts';
import { IMAGES, MAIN_STATES, THEMES, WINDOWS } from './states.ts';

const LIMIT_BYTES = 150_000;

const executablePath = await findChromium();
if (executablePath === null) throw new Error('there is no Chromium; install it, or set CHROMIUM_PATH');

await mkdir(new URL('tab/', IMAGES), { recursive: true });
const camera = await Camera.open(executablePath);
try {
  for (const theme of THEMES) {
    for (const state of ['blocked', 'verified', 'unsigned', 'not-required']) {
      const window = { width: 1152, height: 900 };
      await take({ picture: `${state}-${theme}`, window, fullPage: true }, `tab-${state}-${theme}`);
    }
    for (const state of [...MAIN_STATES, 'stale', 'git']) {
      for (const [name, window] of Object.entries(WINDOWS)) {
        await take({ picture: `${state}-${theme}`, window }, `tab/${state}-${theme}-${name}`);
      }
    }
  }
} finally {
  await camera.close();
}

async function take(shot: Shot, file: string): Promise<void> {
  const wanted = process.argv.slice(2);
  if (wanted.length > 0 && !wanted.some((each) => file.includes(each))) return;
  const image = withPalette(await camera.take(shot));
  await writeFile(new URL(`${file}.png`, IMAGES), image);
  process.stdout.write(`${file}.png: ${image.length} of ${LIMIT_BYTES} bytes\n`);
  if (image.length > LIMIT_BYTES) process.exitCode = 1;
}
