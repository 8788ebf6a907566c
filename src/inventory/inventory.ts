import { type AppError, isAppError } from '../errors.ts';
import { readDeltaPage } from '../graph/delta.ts';
import type { GraphClient } from '../graph/graph-client.ts';
import { newId, type Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import {
  type DriveState,
  driveState,
  type InventoryKey,
  inventoryName,
  nextPage,
  pageBlob,
  pageBlobs,
  type Snapshot,
  snapshotBlob,
  withPage,
} from './drive-state.ts';
import { changeLine, type InventoryRow, inventoryRow, toChange } from './inventory-item.ts';
import { createMerge } from './merge.ts';
import { ndjsonStream, readNdjson, toNdjson } from './ndjson.ts';
import { baseOf, freshState, merged, pageRead, startAgain, takeOver } from './transitions.ts';

export interface CrawlOptions {
  readonly client: GraphClient;
  /** Who reads: a run that comes back goes on at once, another one waits. */
  readonly holder: string;
  /** Milliseconds since 1970 after which no further page is asked for. */
  readonly deadline: number;
  readonly maxPages?: number;
  /** After each page, with the sums of this reading. */
  onPage?(sums: { pages: number; changes: number }): Promise<void>;
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

/** The last known state of drives, kept by their delta feeds. */
export interface Inventory {
  /**
   * One unit of reading a drive: from the start the first time, then by what changed. Each page is saved before the place in the feed
   * moves on, so a kill at any point loses at most one page, which is read again. Ask again while it says `more`.
   */
  crawl(key: InventoryKey, options: CrawlOptions): Promise<CrawlOutcome>;
  /** The files and folders of a finished inventory, as a stream in no certain order. */
  rows(snapshot: Snapshot): AsyncIterable<InventoryRow>;
}

const partition = 'inventory';

export function createInventory({
  storage,
  ports,
}: {
  storage: Pick<Storage, 'table' | 'blobs'>;
  ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): Inventory {
  const states = storage.table<DriveState>({ name: 'drives', schema: driveState });
  const blobs = storage.blobs('inventory');

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

  async function readPage(
    row: Row<DriveState>,
    client: GraphClient,
    worker: string,
  ): Promise<Row<DriveState>> {
    const state = row.value;
    const page = await readDeltaPage(client, state.link).catch((error: unknown): AppError => {
      if (isAppError(error) && isLostPlace(error, state.link)) return error;
      throw error;
    });
    const now = ports.clock();
    if (isAppError(page)) {
      const location = page.details?.location;
      ports.log.warn('inventory_restarted', {
        drive: state.driveId,
        generation: state.generation + 1,
        code: page.code,
      });
      const next = startAgain(
        state,
        { holder: state.holder, now },
        typeof location === 'string' ? location : undefined,
      );
      return states.replace(row, next);
    }
    const changes = page.items.map(toChange);
    if (changes.length > 0) {
      await blobs.put(pageBlob(state, nextPage(state), worker), toNdjson(changes), 'application/x-ndjson');
    }
    const segments = changes.length > 0 ? withPage(state, worker) : state.segments;
    const { nextLink, deltaLink } = page;
    return states.replace(
      row,
      pageRead(state, { nextLink, deltaLink, changes: changes.length, segments }, now),
    );
  }

  async function merge(row: Row<DriveState>, worker: string): Promise<Row<DriveState>> {
    const state = row.value;
    const base = baseOf(state);
    if (base && state.segments.length === 0) return states.replace(row, merged(state, base, ports.clock()));

    const merging = createMerge();
    if (base) for await (const item of readNdjson(blobs, base.blob, inventoryRow)) merging.apply({ item });
    for (const page of pageBlobs(state)) {
      for await (const change of readNdjson(blobs, page, changeLine)) merging.apply(change);
    }
    let items = 0;
    const counted = function* () {
      for (const item of merging.rows()) {
        if (item.kind !== 'root') items += 1;
        yield item;
      }
    };
    const blob = snapshotBlob(state, worker);
    await blobs.putStream(blob, ndjsonStream(counted()), 'application/x-ndjson');
    const snapshot = { blob, items, generation: state.generation };
    return sweep(await states.replace(row, merged(state, snapshot, ports.clock())));
  }

  /** Removes what nothing refers to any more. What a kill leaves stays on the list. */
  async function sweep(row: Row<DriveState>): Promise<Row<DriveState>> {
    const due = row.value.waste.filter(({ after }) => after <= ports.clock());
    for (const { blob } of due) {
      if (!blob.endsWith('/')) await blobs.remove(blob);
      else for await (const { name } of blobs.list(blob)) await blobs.remove(name);
    }
    if (due.length === 0) return row;
    return states.replace(row, {
      ...row.value,
      waste: row.value.waste.filter((entry) => !due.includes(entry)),
    });
  }

  async function read(key: InventoryKey, options: CrawlOptions): Promise<CrawlOutcome> {
    const { client, holder, deadline, maxPages = Number.POSITIVE_INFINITY, onPage } = options;
    const claimed = await claim(key, holder);
    if (typeof claimed === 'number') return { kind: 'busy', retryAfter: claimed };
    let row = claimed;
    const worker = newId('w', ports.random);
    for (let read = 0; row.value.phase === 'reading'; read += 1) {
      if (ports.clock() >= deadline || read >= maxPages) return { kind: 'more' };
      row = await readPage(row, client, worker);
      await onPage?.({ pages: row.value.pages, changes: row.value.changes });
    }
    if (row.value.phase === 'merging') row = await merge(row, worker);
    const { snapshot, pages, changes } = row.value;
    if (!snapshot) throw new Error('a current inventory has no snapshot');
    return { kind: 'complete', snapshot, pages, changes };
  }

  return {
    async crawl(key, options) {
      try {
        return await read(key, options);
      } catch (error) {
        // Only our own row is written with an ETag: a second worker of the same run was faster.
        if (!isAppError(error, 'precondition_failed') && !isAppError(error, 'conflict')) throw error;
        return { kind: 'busy', retryAfter: 1 };
      }
    },

    async *rows(snapshot) {
      for await (const row of readNdjson(blobs, snapshot.blob, inventoryRow))
        if (row.kind !== 'root') yield row;
    },
  };
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
