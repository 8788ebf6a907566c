import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

export interface AppFiles {
  /** Modules to import, in order. */
  readonly entries: readonly string[];
  /** The folder with the app's package.json, or the entry's own folder where there is none. */
  readonly root: string;
}

const packageJson = z.object({ main: z.string().optional() });

/**
 * Finds what to load: `app` may be a file, a glob, or a folder whose package.json says `main` (itself a file or glob).
 * Throws when nothing matches, as the real worker does.
 */
export function findApp(app: string): AppFiles {
  const path = resolve(app);
  const isFolder = existsSync(join(path, 'package.json'));
  const pattern = isFolder ? join(path, mainOf(join(path, 'package.json'))) : path;
  const entries = existsSync(pattern) ? [pattern] : globSync(pattern).sort();
  const [first] = entries;
  if (first === undefined) throw new Error(`Nothing to load: "${pattern}" matches no file.`);
  return { entries, root: isFolder ? path : packageFolder(dirname(first)) };
}

/** Imports the app's modules; their registrations land in whatever core module is installed. */
export async function loadApp({ entries }: AppFiles): Promise<void> {
  for (const entry of entries) await import(pathToFileURL(entry).href);
}

/**
 * The name under which hosts of one app share their timers: `AzureFunctionsWebHost__hostid`, else one made from the
 * app's folder, so that a restart finds its records again.
 */
export function hostIdOf({ root }: AppFiles, env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return env.AzureFunctionsWebHost__hostid ?? `local-${hash}`;
}

/** The host.json beside the app's package.json, else that of the working folder; undefined when neither is there. */
export function findHostJson({ root }: AppFiles): string | undefined {
  return [join(root, 'host.json'), resolve('host.json')].find((path) => existsSync(path));
}

function mainOf(path: string): string {
  const { main } = packageJson.parse(JSON.parse(readFileSync(path, 'utf8')));
  if (main === undefined) throw new Error(`${path} has no "main".`);
  return main;
}

function packageFolder(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return start;
}
