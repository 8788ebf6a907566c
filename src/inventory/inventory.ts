import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { isAppError } from '../errors.ts';
import type { GraphClient } from '../graph/graph-client.ts';
import { newId, type Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import {
  type DriveState,
  driveState,
  type InventoryKey,
  inventoryName,
  logBlob,
  nextPiece,
  type Snapshot,
  type Sums,
  withPiece,
} from './drive-state.ts';
import { warmDuck } from './duck.ts';
import { createMerging } from './merging.ts';
import { type Piece, readFeed } from './read-feed.ts';
import { releaseMemory } from './release-memory.ts';
import { createSnapshotFiles, type SnapshotFiles } from './snapshot-files.ts';
import { sweepInventories } from './sweep-inventories.ts';
import { sweepWaste } from './sweep-waste.ts';
import { baseOf, freshState, further, merged, startAgain, takeOver } from './transitions.ts';

export type { Snapshot } from './drive-state.ts';

export interface CrawlOptions {
  readonly client: GraphClient;
  /** Who reads: a run that comes back goes on at once, another one waits. */
  readonly holder: string;
  /** Milliseconds since 1970 after which no further page is asked for. */
  readonly deadline: number;
  readonly maxPages?: number;
  /** After each page, with the sums of this reading; `share` (0 to 1) is about the part of a drive that is read from its start. */
  onPage?(sums: Pick<Sums, 'pages' | 'changes'> & { readonly share?: number }): Promise<void>;
}

export type CrawlOutcome =
  | { readonly kind: 'more' }
  | { readonly kind: 'busy'; readonly retryAfter: number }
  | {
      readonly kind: 'complete';
      readonly snapshot: Snapshot;
      readonly pages: number;
      readonly changes: number;
    };

/** The last known state of drives, kept by their delta feeds. It holds names and other metadata, never the contents of a file. */
export interface Inventory {
  /**
   * One unit of reading a drive: from the start the first time, then by what changed. What was read is saved before the place in the
   * feed moves on, so a kill at any point loses a few seconds of it, which are read again. Ask again while it says `more`.
   */
  crawl(key: InventoryKey, options: CrawlOptions): Promise<CrawlOutcome>;
  /** The Parquet files of an inventory on this machine, in the order of their paths, until they are closed. Throws `not_found` when it is kept no longer. */
  open(snapshot: Snapshot): Promise<SnapshotFiles>;
  /** True while all its files are there. */
  isKept(snapshot: Snapshot): Promise<boolean>;
  /** Removes what is kept no longer; gives how many inventories were forgotten because nobody had used them for long. */
  sweep(): Promise<number>;
}

const partition = 'inventory';
/** With less than this left of a unit, merging is left to the next one. */
const mergeMs = 20_000;
/** So many changes leave a good deal of garbage behind. */
const manyChanges = 50_000;

const compress = promisify(zstdCompress);
const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface InventoryDeps {
  readonly storage: Pick<Storage, 'table' | 'blobs'>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
  /** For files that are being worked on; the system's folder for such things unless given. */
  readonly tempDir?: string;
}

export function createInventory({ storage, ports, tempDir }: InventoryDeps): Inventory {
  const states = storage.table<DriveState>({ name: 'drives', schema: driveState });
  const blobs = storage.blobs('inventory');
  const files = createSnapshotFiles({ blobs, ports, tempDir });
  const merging = createMerging({ blobs, files });

  /** The drive's row as ours; the seconds to wait while another run reads it. */
  async function claim(key: InventoryKey, holder: string): Promise<Row<DriveState> | number> {
    const now = ports.clock();
    const name = inventoryName(key);
    const row = await states.get(partition, name);
    if (!row) return states.insert(partition, name, freshState(key, { holder, now }));
    const { value } = row;
    if (value.holder === holder && value.phase === 'current') return row;
    if (value.holder !== holder && value.heldUntil > now) return Math.ceil((value.heldUntil - now) / 1000);
    return states.replace(row, takeOver(value, { holder, now }));
  }

  /** Reads on; when Graph no longer knows the place, from the start, as a new generation. */
  async function read(
    opened: Row<DriveState>,
    worker: string,
    options: CrawlOptions,
  ): Promise<Row<DriveState>> {
    const { client, deadline, maxPages = Number.POSITIVE_INFINITY, onPage } = options;
    warmDuck();
    const feed = readFeed({
      client,
      from: { link: opened.value.link, sums: opened.value },
      clock: ports.clock,
      deadline,
      maxPages,
      onPage: async (sums) => onPage?.({ ...sums, ...(baseOf(opened.value) ? {} : shareOf(sums)) }),
    });
    // A piece is saved while the next one is read, after the one before it.
    let saving = Promise.resolve(opened);
    try {
      for await (const piece of feed) {
        const row = await saving;
        saving = save(row, piece, worker);
        // It is awaited before the next one; a failure until then is no unhandled one.
        saving.catch(() => undefined);
      }
      return await saving;
    } catch (error) {
      const row = await saving;
      const { driveId, generation, link, holder } = row.value;
      if (!isLostPlace(error, link)) throw error;
      ports.log.warn('inventory_restarted', { drive: driveId, generation: generation + 1 });
      const location = isAppError(error) ? error.details?.location : undefined;
      const start = typeof location === 'string' ? location : undefined;
      return states.replace(row, startAgain(row.value, { holder, now: ports.clock() }, start));
    }
  }

  async function save(row: Row<DriveState>, piece: Piece, worker: string): Promise<Row<DriveState>> {
    let { segments } = row.value;
    if (piece.lines) {
      const log = await compress(piece.lines, level);
      await blobs.put(logBlob(row.value, nextPiece(row.value), worker), log, 'application/zstd');
      segments = withPiece(row.value, worker);
    }
    const { link, end, sums } = piece;
    return states.replace(row, further(row.value, { link, end, sums, segments }, ports.clock()));
  }

  async function merge(row: Row<DriveState>, worker: string): Promise<Row<DriveState>> {
    const base = baseOf(row.value);
    const now = ports.clock();
    const snapshot =
      base && row.value.segments.length === 0
        ? { ...base, readAt: now }
        : await merging(row.value, base, worker, now);
    const saved = await states.replace(row, merged(row.value, snapshot, ports.clock()));
    const waste = await sweepWaste(blobs, saved.value, ports.clock());
    return waste === saved.value.waste ? saved : states.replace(saved, { ...saved.value, waste });
  }

  async function unit(key: InventoryKey, options: CrawlOptions): Promise<CrawlOutcome> {
    const { holder, deadline, maxPages = Number.POSITIVE_INFINITY } = options;
    const claimed = await claim(key, holder);
    if (typeof claimed === 'number') return { kind: 'busy', retryAfter: claimed };
    let row = claimed;
    const worker = newId('w', ports.random);
    const began = row.value.phase;
    for (let left = maxPages; row.value.phase === 'reading'; ) {
      if (ports.clock() >= deadline || left <= 0) return { kind: 'more' };
      const { pages, round } = row.value;
      row = await read(row, worker, { ...options, maxPages: left });
      left -= row.value.round === round ? row.value.pages - pages : 1;
    }
    if (row.value.phase === 'merging') {
      if (began === 'reading' && ports.clock() > deadline - mergeMs && row.value.pages > 100) {
        return { kind: 'more' };
      }
      if (row.value.changes > manyChanges) releaseMemory();
      row = await merge(row, worker);
    }
    const { snapshot, pages, changes } = row.value;
    if (!snapshot) throw new Error('a current inventory has no snapshot');
    return { kind: 'complete', snapshot, pages, changes };
  }

  return {
    async crawl(key, options) {
      try {
        return await unit(key, options);
      } catch (error) {
        // Only our own row is written with an ETag: a second worker of the same run was faster.
        if (!isAppError(error, 'precondition_failed') && !isAppError(error, 'conflict')) throw error;
        return { kind: 'busy', retryAfter: 1 };
      }
    },

    open: (snapshot) => files.open(snapshot.parts),
    sweep: () => sweepInventories(states, blobs, { partition, now: ports.clock() }),

    async isKept({ parts }) {
      for (const { blob } of parts) if ((await blobs.size(blob)) === undefined) return false;
      return true;
    },
  };
}

/** By bytes: how many items there are is what Graph does not tell. */
function shareOf({ bytes, ofBytes }: Sums): { share?: number } {
  return ofBytes > 0 ? { share: Math.min(1, bytes / ofBytes) } : {};
}

/** 410 anywhere; a link that Graph, or our own check, refuses. The start of a feed is never lost. */
function isLostPlace(error: unknown, link: string): boolean {
  if (isAppError(error, 'resync_required')) return true;
  if (link.startsWith('/')) return false;
  return (
    isAppError(error, 'invalid_request') ||
    (isAppError(error, 'graph_error') && error.details?.graphStatus === 400)
  );
}
