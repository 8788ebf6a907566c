import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Blobs } from '../storage/blobs.ts';
import { type DriveState, logBlobs, type Snapshot } from './drive-state.ts';
import { createDucks } from './duck.ts';
import { type LocalPart, type MergeInput, mergeInventory } from './merge.ts';
import type { LocalFiles } from './snapshot-files.ts';
import { createStoreParts, type StoreParts } from './store-parts.ts';

/** Rows of a part; fewer, where rows are so wide that they can't be sorted in this memory. */
const partSizes = [25_000, 10_000, 3_000];
const memoryLimitMb = 128;

/** Makes the inventory of a drive out of the one before and the log of this round, and puts its files into the container. */
export function createMerging({ blobs, files }: { readonly blobs: Blobs; readonly files: LocalFiles }) {
  const withDuck = createDucks();

  /** A part is stored while the next one is made. */
  async function mergeInto(
    store: StoreParts,
    folder: string,
    input: Omit<MergeInput, 'partRows' | 'onPart'>,
  ): Promise<Pick<Snapshot, 'parts' | 'items'>> {
    for (const [index, partRows] of partSizes.entries()) {
      try {
        const { parts, items } = await withDuck({ folder, memoryLimitMb }, (duck) =>
          mergeInventory(duck, { ...input, partRows, onPart: store.add }),
        );
        return { items, parts: await store.finish(parts) };
      } catch (error) {
        // The files that are being stored will be written anew, or removed.
        await store.settled();
        const tooMuch = error instanceof Error && error.message.includes('Out of Memory');
        if (!tooMuch || index === partSizes.length - 1) throw error;
      }
    }
    throw new Error('there is no size of a part to try');
  }

  return (state: DriveState, base: Snapshot | undefined, worker: string, readAt: number): Promise<Snapshot> =>
    files.withFolder(async (folder) => {
      const earlier = base?.parts ?? [];
      const [logFolder, baseFolder, newFolder] = await foldersIn(folder, ['log', 'base', 'new']);
      const logs = await files.fetch(logBlobs(state), logFolder);
      const baseFiles = await files.fetch(
        earlier.map((part) => part.blob),
        baseFolder,
      );
      const local = earlier.map(
        ({ from, rows }, index): LocalPart => ({ from, rows, file: baseFiles[index] ?? '' }),
      );
      const input = { driveId: state.driveId, folder: newFolder, logs, base: local };
      const store = createStoreParts(blobs, state, worker, earlier);
      return { ...(await mergeInto(store, folder, input)), generation: state.generation, readAt };
    });
}

async function foldersIn<const N extends readonly string[]>(
  folder: string,
  names: N,
): Promise<{ [K in keyof N]: string }> {
  const made = names.map((name) => path.join(folder, name));
  for (const each of made) await mkdir(each);
  return made as { [K in keyof N]: string };
}
