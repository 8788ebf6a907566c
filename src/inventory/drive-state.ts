import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What one connection sees of one drive: another connection may see less of it, so it is kept apart. */
export interface InventoryKey {
  readonly connectionId: string;
  readonly driveId: string;
}

/** Pieces of the log of changes that one worker saved, numbered from `from`. */
const segment = z.object({ worker: z.string(), from: z.number().int(), count: z.number().int() });
export type Segment = z.infer<typeof segment>;

const part = z.object({ blob: z.string(), from: z.string(), rows: z.number().int(), size: z.number() });
export type SnapshotPart = z.infer<typeof part>;

/**
 * A finished inventory in the container `inventory`, which never changes: Parquet files whose rows are in the order of their paths.
 * A later inventory may share files with it.
 */
export const snapshot = z.object({
  parts: z.array(part),
  /** Without the root. */
  items: z.number().int(),
  generation: z.number().int(),
  /** Milliseconds since 1970: how the drive was at about this time. */
  readAt: z.number(),
});
export type Snapshot = z.infer<typeof snapshot>;

/** The row of a drive in table `drives`, partition `inventory`: how far its feed was read. */
export const driveState = z.object({
  connectionId: z.string(),
  driveId: z.string(),
  /** Version of what is asked of the feed; another one starts again. */
  shape: z.number().int(),
  /** Grows when the drive is read from the start: after 410 nothing of an older generation is known any more. */
  generation: z.number().int(),
  /** Grows with every reading; its log lies in one folder. */
  round: z.number().int(),
  /** `reading`: `link` is the next page. `merging`: every page is here. `current`: `snapshot` holds all up to `link`. */
  phase: z.enum(['reading', 'merging', 'current']),
  link: z.string(),
  segments: z.array(segment),
  /** Of this round: pages asked for, changes in them, bytes of the files in them, and bytes that the root says it holds. */
  pages: z.number().int(),
  changes: z.number().int(),
  bytes: z.number().default(0),
  ofBytes: z.number().default(0),
  /** The newest finished inventory; while reading, what the log is added to, unless it is of an older generation. */
  snapshot: snapshot.optional().catch(undefined),
  /** Who reads it (a run), and until when others stay away. */
  holder: z.string(),
  heldUntil: z.number(),
  /** Starts from the beginning in this reading. */
  restarts: z.number().int(),
  /** Blobs, or folders ending in /, that may be removed after a time. */
  waste: z.array(z.object({ blob: z.string(), after: z.number() })),
});
export type DriveState = z.infer<typeof driveState>;

/** How much of a feed was read. */
export type Sums = Pick<DriveState, 'pages' | 'changes' | 'bytes' | 'ofBytes'>;
export const noSums: Sums = { pages: 0, changes: 0, bytes: 0, ofBytes: 0 };

/** Raise it when what is asked of the feed, or kept of it, changes: an old link keeps its old selection. */
export const presentShape = 2;

/** Name of the row and of the folder of blobs. */
export function inventoryName({ connectionId, driveId }: InventoryKey): string {
  return createHash('sha256').update(`${connectionId}\n${driveId}`).digest('hex').slice(0, 32);
}

/** The segments with one more piece of `worker`. */
export function withPiece(state: DriveState, worker: string): Segment[] {
  const last = state.segments.at(-1);
  if (last?.worker === worker) return [...state.segments.slice(0, -1), { ...last, count: last.count + 1 }];
  return [...state.segments, { worker, from: nextPiece(state), count: 1 }];
}

/** Number of the next piece. */
export function nextPiece(state: DriveState): number {
  const last = state.segments.at(-1);
  return last ? last.from + last.count : 0;
}

/** Names of the saved pieces in the order in which they were read. */
export function logBlobs(state: DriveState): string[] {
  return state.segments.flatMap(({ worker, from, count }) =>
    Array.from({ length: count }, (_, i) => logBlob(state, from + i, worker)),
  );
}

/** A piece's name holds its worker, so that a late worker can't overwrite what another one committed. */
export function logBlob(state: DriveState, piece: number, worker: string): string {
  return `${logFolder(state)}${String(piece).padStart(7, '0')}-${worker}.tsv.zst`;
}

export function logFolder(state: DriveState): string {
  return `${inventoryName(state)}/log-${state.round}/`;
}

/** Where the parts of this round's inventory lie; a killed worker leaves some that nothing refers to. */
export function partsFolder(state: DriveState): string {
  return `${inventoryName(state)}/parts-${state.round}/`;
}

export function partBlob(state: DriveState, index: number, worker: string): string {
  return `${partsFolder(state)}${String(index).padStart(5, '0')}-${worker}.parquet`;
}
