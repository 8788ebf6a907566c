import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Blobs } from '../storage/blobs.ts';
import { type DriveState, logBlobs, partBlob, type Snapshot, type SnapshotPart } from './drive-state.ts';
import { createDucks } from './duck.ts';
import { type LocalPart, mergeInventory } from './merge.ts';
import type { LocalFiles } from './snapshot-files.ts';

const partRows = 50_000;
const memoryLimitMb = 128;

/** Makes the inventory of a drive out of the one before and the log of this round, and puts its files into the container. */
export function createMerging({ blobs, files }: { readonly blobs: Blobs; readonly files: LocalFiles }) {
  const withDuck = createDucks();

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
      const { parts, items } = await withDuck({ folder, memoryLimitMb }, (duck) =>
        mergeInventory(duck, { driveId: state.driveId, folder: newFolder, logs, base: local, partRows }),
      );
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
