import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Blobs } from '../storage/blobs.ts';
import { type DriveState, logBlobs, partBlob, type Snapshot, type SnapshotPart } from './drive-state.ts';
import { createDucks } from './duck.ts';
import { type LocalPart, type MergeInput, type MergeResult, mergeInventory } from './merge.ts';
import type { LocalFiles } from './snapshot-files.ts';

/** Rows of a part; fewer, where rows are so wide that they can't be sorted in this memory. */
const partSizes = [25_000, 10_000, 3_000];
const memoryLimitMb = 128;

/** Makes the inventory of a drive out of the one before and the log of this round, and puts its files into the container. */
export function createMerging({ blobs, files }: { readonly blobs: Blobs; readonly files: LocalFiles }) {
  const withDuck = createDucks();

  async function mergeWithin(input: Omit<MergeInput, 'partRows'>, folder: string): Promise<MergeResult> {
    for (const [index, partRows] of partSizes.entries()) {
      try {
        return await withDuck({ folder, memoryLimitMb }, (duck) =>
          mergeInventory(duck, { ...input, partRows }),
        );
      } catch (error) {
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
      const { parts, items } = await mergeWithin(input, folder);
      const stored: SnapshotPart[] = [];
      for (const [index, part] of parts.entries()) {
        const kept = part.kept === undefined ? undefined : earlier[part.kept];
        if (kept) {
          stored.push(kept);
          continue;
        }
        const blob = partBlob(state, index, worker);
        const size = await blobs.putStream(
          blob,
          createReadStream(part.file),
          'application/vnd.apache.parquet',
        );
        stored.push({ blob, from: part.from, rows: part.rows, size });
      }
      return { parts: stored, items, generation: state.generation, readAt };
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
