import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { jestRun, jestRunVariable } from './jest-run.ts';

/**
 * Claims a storage account of this run's Azurite that no other test has, in whatever file or worker, and returns its
 * connection string. Call it once per test file or per test; the accounts of a run are many but not endless.
 */
export async function freshStorage(): Promise<string> {
  const folder = process.env[jestRunVariable];
  if (folder === undefined) throw new Error('No Azurite: this test must run under jest (npm test).');
  const { connections } = jestRun.parse(JSON.parse(await readFile(path.join(folder, 'run.json'), 'utf8')));
  for (const [index, connection] of connections.entries()) {
    if (await claimed(path.join(folder, `account-${index}`))) return connection;
  }
  throw new Error(`All ${connections.length} storage accounts of this run are in use: raise accountCount.`);
}

/** Making a folder either succeeds for exactly one caller or says that it exists. */
async function claimed(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    // Not `instanceof Error`: under jest, Node's own errors are of another realm.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
