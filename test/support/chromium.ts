import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Chromium without a window; undefined, said loudly, where it is not installed. */
export async function openChromium(): Promise<Browser | undefined> {
  if (!existsSync(executable)) {
    console.warn(
      `\n!!! ${executable} is missing: the pages are NOT tested in a browser here (apt-get install chromium)\n`,
    );
    return undefined;
  }
  return chromium.launch({
    executablePath: executable,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
