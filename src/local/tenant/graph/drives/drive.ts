import type { BaseTree } from './base-tree.ts';
import { type ChangeLog, createChangeLog } from './change-log.ts';
import type { ItemRecord } from './item-record.ts';
import { createOverlay, type Overlay } from './overlay.ts';

/** What a drive is, apart from its items. */
export interface DriveIdentity {
  readonly id: string;
  readonly tenantId: string;
  readonly type: 'personal' | 'business' | 'documentLibrary';
  readonly name: string;
  /** Without trailing slash; the root folder's address. */
  readonly webUrl: string;
  /** The person whose OneDrive it is. */
  readonly ownerId?: string;
  /** Composite id (host,collection,web) of the site that holds it; business drives only. */
  readonly siteId?: string;
  readonly listId: string;
  readonly createdAt: number;
  /** Six characters in all its item ids. */
  readonly mark: string;
}

/** Everything the control routes may say about one drive. Times are epoch ms. */
export interface DriveMood {
  quota: number;
  /** Changes become visible this long after they happened. */
  visibilityDelayMs: number;
  /** What the next delta answers do; see control/drive-routes.ts. */
  delta: DeltaMood;
}

export interface DeltaMood {
  /** Cursors issued before this time are answered 410. */
  expiredBefore: number;
  /** Spelling of the next 410; the switch decides when absent. */
  goneInner?: string;
  /** How many empty pages with a nextLink come next. */
  emptyPages: number;
  /** The next pages repeat rows of themselves. */
  repeatPages: number;
}

export interface Drive extends DriveIdentity {
  readonly items: Overlay;
  readonly log: ChangeLog;
  readonly mood: DriveMood;
  readonly rootId: string;
  root(): ItemRecord;
  /** Adds or replaces a record and notes the change; `sharing` when only permissions changed. */
  commit(record: ItemRecord, at: number, sharing?: boolean): void;
  used(): number;
  /** Ids from the item's parent up to the root. */
  ancestors(record: ItemRecord): string[];
  /** Runs after each noted change. */
  onCommit(listener: (sharing: boolean) => void): void;
  save(): DriveState;
  load(state: DriveState): void;
}

/** Plain data for the state directory. */
export interface DriveState {
  readonly records: readonly ItemRecord[];
  readonly changes: ReturnType<ChangeLog['save']>;
  readonly mood: DriveMood;
}

export function createDrive(identity: DriveIdentity, root: ItemRecord, base?: BaseTree): Drive {
  let items = createOverlay(base);
  const log = createChangeLog();
  const listeners: ((sharing: boolean) => void)[] = [];
  const mood: DriveMood = {
    // A drive that begins with more than that in it must not begin full.
    quota: Math.max(1024 ** 4, 4 * (base?.sizeBelow(root.id) ?? 0)),
    visibilityDelayMs: 0,
    delta: { expiredBefore: 0, emptyPages: 0, repeatPages: 0 },
  };
  items.put(root);
  return {
    ...identity,
    get items() {
      return items;
    },
    log,
    mood,
    rootId: root.id,
    root: () => items.any(root.id) ?? root,
    commit(record, at, sharing = false) {
      items.put(record);
      log.append(record.id, at, at + mood.visibilityDelayMs, sharing);
      for (const listener of listeners) listener(sharing);
    },
    used: () => items.sizeBelow(root.id),
    ancestors(record) {
      const ids: string[] = [];
      for (let id = record.parentId; id !== undefined; id = items.any(id)?.parentId) ids.push(id);
      return ids;
    },
    onCommit(listener) {
      listeners.push(listener);
    },
    save: () => ({ records: [...items.own()], changes: log.save(), mood }),
    load(state) {
      items = createOverlay(base);
      for (const record of parentsFirst(state.records)) items.put(record);
      log.load(state.changes);
      Object.assign(mood, state.mood);
    },
  };
}

/** Sizes are summed upwards as records arrive, so a folder has to be there before what it holds. */
function* parentsFirst(records: readonly ItemRecord[]): Generator<ItemRecord> {
  const waiting = new Map(records.map((record) => [record.id, record]));
  for (const record of records) {
    const chain: ItemRecord[] = [];
    for (let next = waiting.get(record.id); next; next = waiting.get(next.parentId ?? '')) {
      chain.push(next);
      waiting.delete(next.id);
    }
    yield* chain.reverse();
  }
}
