import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startAzurite } from '../../src/local/launcher/azurite.ts';
import { compileCache } from '../../src/local/launcher/child.ts';
import { type JestRun, jestRunVariable } from './jest-run.ts';
import { runState } from './run-state.ts';

const accountCount = 400;

/** One Azurite, in memory, for the whole run; the workers find it by the folder named in their environment. */
export default async function globalSetup(): Promise<void> {
  process.env.NODE_COMPILE_CACHE ??= compileCache;
  const runs = path.join(import.meta.dirname, '../../.local/jest-run');
  await mkdir(runs, { recursive: true });
  const folder = await mkdtemp(path.join(runs, 'run-'));
  // Short keys: the whole list must fit into one environment variable.
  const accounts = Array.from({ length: accountCount }, (_, index) => ({
    name: `jest${index}`,
    key: randomBytes(18).toString('base64'),
  }));
  const azurite = await startAzurite({ accounts });
  const run: JestRun = { connections: accounts.map(({ name }) => azurite.connectionString(name)) };
  await writeFile(path.join(folder, 'run.json'), JSON.stringify(run));
  process.env[jestRunVariable] = folder;
  runState().set({ azurite, folder });
}
