import { createReadStream } from 'node:fs';
import type { Blobs } from '../storage/blobs.ts';
import { createInTurn } from '../storage/in-turn.ts';
import { type DriveState, partBlob, type SnapshotPart } from './drive-state.ts';
import type { MergedPart } from './merge.ts';

export interface StoreParts {
  /** Begins to store a part that was written. */
  add(part: MergedPart, index: number): void;
  /** The parts of the inventory in their order, when each of them is stored. */
  finish(parts: readonly MergedPart[]): Promise<SnapshotPart[]>;
  /** Resolves when nothing is under way any more, whatever became of it. */
  settled(): Promise<void>;
}

/** Puts the parts of an inventory into the container, one after the other, while the next ones are made. */
export function createStoreParts(
  blobs: Blobs,
  state: DriveState,
  worker: string,
  earlier: readonly SnapshotPart[],
): StoreParts {
  const inTurn = createInTurn();
  const storing = new Map<number, Promise<SnapshotPart>>();

  async function store({ file, from, rows }: MergedPart, index: number): Promise<SnapshotPart> {
    const blob = partBlob(state, index, worker);
    const size = await blobs.putStream(blob, createReadStream(file), 'application/vnd.apache.parquet');
    return { blob, from, rows, size };
  }

  async function storedOf({ kept }: MergedPart, index: number): Promise<SnapshotPart> {
    const stored = kept === undefined ? await storing.get(index) : earlier[kept];
    if (!stored) throw new Error('a part of an inventory was written and not stored');
    return stored;
  }

  return {
    add(part, index) {
      const stored = inTurn(() => store(part, index));
      // It is awaited at the end; a failure until then is no unhandled one.
      stored.catch(() => undefined);
      storing.set(index, stored);
    },
    finish: (parts) => Promise.all(parts.map(storedOf)),
    settled: async () => void (await Promise.allSettled(storing.values())),
  };
}
