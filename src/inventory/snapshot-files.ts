import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Blobs } from '../storage/blobs.ts';

/** Files on this machine that are removed when they are closed. */
export interface SnapshotFiles {
  readonly files: readonly string[];
  close(): Promise<void>;
}

export interface LocalFiles {
  /** Runs `work` with an empty folder, which is gone afterwards. */
  withFolder<T>(work: (folder: string) => Promise<T>): Promise<T>;
  /** Brings blobs into a folder, in their order. */
  fetch(names: readonly string[], folder: string): Promise<string[]>;
  open(parts: readonly { readonly blob: string }[]): Promise<SnapshotFiles>;
}

const atOnce = 4;

export function createSnapshotFiles(deps: {
  readonly blobs: Blobs;
  readonly ports: Pick<Ports, 'log'>;
  readonly tempDir?: string | undefined;
}): LocalFiles {
  const { blobs, tempDir = tmpdir() } = deps;
  const newFolder = () => mkdtemp(path.join(tempDir, 'graph-valet-'));
  const remove = (folder: string) => rm(folder, { recursive: true, force: true });

  async function fetchOne(name: string, file: string): Promise<string> {
    const stream = await blobs.stream(name);
    if (!stream) {
      throw new AppError('not_found', 'A part of the inventory is kept no longer. Run the job again.', {
        detail: name,
      });
    }
    await pipeline(stream, createWriteStream(file));
    return file;
  }

  async function fetch(names: readonly string[], folder: string): Promise<string[]> {
    const files: string[] = [];
    for (let start = 0; start < names.length; start += atOnce) {
      const some = names.slice(start, start + atOnce);
      const here = some.map((name, index) => {
        const local = `${String(start + index).padStart(5, '0')}-${path.posix.basename(name)}`;
        return fetchOne(name, path.join(folder, local));
      });
      files.push(...(await Promise.all(here)));
    }
    return files;
  }

  return {
    fetch,
    async withFolder(work) {
      const folder = await newFolder();
      try {
        return await work(folder);
      } finally {
        await remove(folder);
      }
    },
    async open(parts) {
      const folder = await newFolder();
      try {
        const names = parts.map((part) => part.blob);
        return { files: await fetch(names, folder), close: () => remove(folder) };
      } catch (error) {
        await remove(folder);
        throw error;
      }
    },
  };
}
