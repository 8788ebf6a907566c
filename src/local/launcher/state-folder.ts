import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

export interface StateFolder {
  readonly folder: string;
  /** True when the wanted folder belongs to another start that still runs, and this is a second one. */
  readonly second: boolean;
  release(): Promise<void>;
}

/**
 * Claims the folder for this process by a lock file with its process id. While another start holds it, `name-2`,
 * `name-3` and so on are taken, so that several run side by side, each with its own state.
 */
export async function claimStateFolder(name: string, fresh: boolean): Promise<StateFolder> {
  for (let n = 1; n <= 20; n += 1) {
    const folder = path.resolve('.local', n === 1 ? name : `${name}-${n}`);
    await mkdir(path.dirname(folder), { recursive: true });
    const lock = `${folder}.lock`;
    if (!(await takeLock(lock))) continue;
    if (fresh) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    return { folder, second: n > 1, release: () => rm(lock, { force: true }) };
  }
  throw new Error(`.local/${name} and 19 more like it are in use: stop some of the running starts`);
}

async function takeLock(lock: string): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = await open(lock, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner > 0 && isRunning(owner)) return false;
    await rm(lock, { force: true });
  }
  return false;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
