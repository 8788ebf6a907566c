import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CliFailure } from '../failure.ts';

const savedSignIn = z.object({
  username: z.string(),
  accessToken: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
  refreshToken: z.string(),
});

/** Tokens of an installation for its own API; never one of Microsoft's. */
export type SavedSignIn = z.infer<typeof savedSignIn>;

const document = z.object({
  version: z.literal(1),
  /** The installation that is meant when none is named. */
  current: z.string().optional(),
  signIns: z.record(z.string(), savedSignIn),
});
type Document = z.infer<typeof document>;

/** The sign-ins of this user on this machine, in one file that only they can read. */
export interface TokensFile {
  /** The last installation that was signed in to. */
  current(): Promise<string | undefined>;
  get(url: string): Promise<SavedSignIn | undefined>;
  /** Undefined forgets it. */
  set(url: string, signIn: SavedSignIn | undefined): Promise<void>;
  /** One process of this user at a time. */
  locked<T>(work: () => Promise<T>): Promise<T>;
}

/** A lock that is older was left behind by a process that ended. */
const staleLockMs = 30_000;
const mostWaitMs = 45_000;

export function createTokensFile(folder: string): TokensFile {
  const file = path.join(folder, 'sign-ins.json');
  const lockFile = `${file}.lock`;

  async function read(): Promise<Document> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw unusable(file, error);
    });
    if (text === undefined) return { version: 1, signIns: {} };
    try {
      return document.parse(JSON.parse(text));
    } catch (error) {
      throw unusable(file, error);
    }
  }

  /** Written beside it and moved over it, so that a reader never sees half of it. */
  async function write(content: Document): Promise<void> {
    const beside = `${file}.${process.pid}`;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(beside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
      await chmod(beside, 0o600);
      await rename(beside, file);
    } catch (error) {
      await rm(beside, { force: true });
      throw unusable(file, error);
    }
  }

  return {
    current: async () => (await read()).current,
    get: async (url) => (await read()).signIns[url],
    async set(url, signIn) {
      const { [url]: _, ...others } = (await read()).signIns;
      const signIns = signIn ? { ...others, [url]: signIn } : others;
      const current = signIn ? url : Object.keys(signIns).at(-1);
      await write({ version: 1, ...(current === undefined ? {} : { current }), signIns });
    },
    async locked(work) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const giveUpAt = Date.now() + mostWaitMs;
      while (!(await take(lockFile))) {
        if (Date.now() > giveUpAt) throw unusable(lockFile, undefined);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      try {
        return await work();
      } finally {
        await rm(lockFile, { force: true });
      }
    },
  };
}

async function take(lockFile: string): Promise<boolean> {
  try {
    await (await open(lockFile, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(lockFile, error);
    const age = await stat(lockFile).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > staleLockMs) await rm(lockFile, { force: true });
    return false;
  }
}

function unusable(file: string, cause: unknown): CliFailure {
  return new CliFailure('file_unusable', `${file} can’t be used.`, {
    exit: 'unexpected',
    next: 'Delete it, see that its folder can be written, and sign in again with graph-valet login.',
    cause,
  });
}
