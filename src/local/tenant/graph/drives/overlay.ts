import type { BaseTree } from './base-tree.ts';
import type { ItemRecord } from './item-record.ts';

/**
 * The items of one drive: a base that is computed, and on top of it every record that was added or changed.
 * Keeps counts and sizes of folders up to date; knows nothing of times, names' rules or the change log.
 */
export interface Overlay {
  /** The record, also when it is deleted. */
  any(id: string): ItemRecord | undefined;
  /** The record when neither it nor a folder above it is deleted. */
  live(id: string): ItemRecord | undefined;
  /** Adds or replaces a record. */
  put(record: ItemRecord): void;
  /** Forgets a record that was added, for good. */
  drop(id: string): void;
  named(parentId: string, name: string): ItemRecord | undefined;
  childCount(folderId: string): number;
  /** Bytes of all files below a folder. */
  sizeBelow(folderId: string): number;
  /** The nth to (n+limit)th computed child, without those that were changed. */
  baseChildren(folderId: string, ordinal: number, limit: number): { records: ItemRecord[]; next?: number };
  /** Added and changed children, in no order. */
  ownChildren(folderId: string): ItemRecord[];
  /** The item at a place of the whole enumeration; undefined when nothing lives there. */
  at(position: number): ItemRecord | undefined;
  /** How many places the enumeration has. */
  readonly places: number;
  own(): IterableIterator<ItemRecord>;
  /** Folders with permissions of their own, which everything below inherits. */
  readonly sharedFolders: ReadonlySet<string>;
}

export function createOverlay(base: BaseTree | undefined): Overlay {
  const records = new Map<string, ItemRecord>();
  /** Ids of records that the base doesn't have, in order of arrival; undefined where one was dropped. */
  const added: (string | undefined)[] = [];
  const children = new Map<string, Map<string, string>>();
  const extraCount = new Map<string, number>();
  const extraSize = new Map<string, number>();
  const sharedFolders = new Set<string>();
  let deletedFolders = 0;

  const computed = (id: string): ItemRecord | undefined => {
    const index = base?.indexOf(id);
    return index === undefined ? undefined : base?.record(index);
  };
  const any = (id: string): ItemRecord | undefined => records.get(id) ?? computed(id);
  const isBuried = (record: ItemRecord): boolean => {
    if (record.deletedAt !== undefined) return true;
    if (deletedFolders === 0 || record.parentId === undefined) return false;
    const parent = any(record.parentId);
    return parent === undefined || isBuried(parent);
  };
  const live = (id: string): ItemRecord | undefined => {
    const record = any(id);
    return record && !isBuried(record) ? record : undefined;
  };
  const sizeBelow = (id: string): number => (base?.sizeBelow(id) ?? 0) + (extraSize.get(id) ?? 0);
  const weigh = (record: ItemRecord): number =>
    record.kind === 'folder' ? sizeBelow(record.id) : record.size;

  function grow(parentId: string | undefined, bytes: number): void {
    for (let id = parentId; id !== undefined && bytes !== 0; ) {
      extraSize.set(id, (extraSize.get(id) ?? 0) + bytes);
      const folder = any(id);
      // What lies in a deleted folder no longer weighs on the folders above.
      id = folder?.deletedAt === undefined ? folder?.parentId : undefined;
    }
  }

  function count(record: ItemRecord, by: 1 | -1): void {
    if (record.deletedAt !== undefined || record.parentId === undefined) return;
    extraCount.set(record.parentId, (extraCount.get(record.parentId) ?? 0) + by);
    grow(record.parentId, by * weigh(record));
  }

  function unlink(record: ItemRecord): void {
    const names = record.parentId === undefined ? undefined : children.get(record.parentId);
    if (names?.get(record.name.toLowerCase()) === record.id) names.delete(record.name.toLowerCase());
  }

  function link(record: ItemRecord): void {
    if (record.parentId === undefined || record.deletedAt !== undefined) return;
    const names = children.get(record.parentId) ?? new Map<string, string>();
    children.set(record.parentId, names.set(record.name.toLowerCase(), record.id));
  }

  return {
    any,
    live,
    sizeBelow,
    put(record) {
      const before = any(record.id);
      if (before) {
        count(before, -1);
        unlink(before);
        if (before.kind === 'folder' && before.deletedAt !== undefined) deletedFolders -= 1;
      } else {
        added.push(record.id);
      }
      records.set(record.id, record);
      link(record);
      count(record, 1);
      if (record.kind === 'folder' && record.extras?.permissions?.length) sharedFolders.add(record.id);
      else sharedFolders.delete(record.id);
      if (record.kind === 'folder' && record.deletedAt !== undefined) deletedFolders += 1;
    },
    drop(id) {
      const record = records.get(id);
      if (!record || base?.indexOf(id) !== undefined) return;
      count(record, -1);
      unlink(record);
      if (record.kind === 'folder' && record.deletedAt !== undefined) deletedFolders -= 1;
      records.delete(id);
      added[added.indexOf(id)] = undefined;
    },
    named(parentId, name) {
      const own = children.get(parentId)?.get(name.toLowerCase());
      if (own !== undefined) return records.get(own);
      const index = base?.childNamed(parentId, name);
      const record = index === undefined ? undefined : base?.record(index);
      return record && !records.has(record.id) ? record : undefined;
    },
    childCount: (id) => (base?.childCount(id) ?? 0) + (extraCount.get(id) ?? 0),
    baseChildren(id, ordinal, limit) {
      const total = base?.childCount(id) ?? 0;
      const found: ItemRecord[] = [];
      let next = ordinal;
      for (; next < total && found.length < limit; next++) {
        const record = base?.record(base.childAt(id, next));
        if (record && !records.has(record.id)) found.push(record);
      }
      return next < total ? { records: found, next } : { records: found };
    },
    ownChildren(id) {
      const names = children.get(id);
      return names ? [...names.values()].flatMap((child) => records.get(child) ?? []) : [];
    },
    at(position) {
      const total = base?.count ?? 0;
      const id = position >= total ? added[position - total] : undefined;
      const record =
        position < total ? base?.record(position) : id === undefined ? undefined : records.get(id);
      if (!record) return undefined;
      const current = records.size > 0 ? (records.get(record.id) ?? record) : record;
      return isBuried(current) ? undefined : current;
    },
    get places() {
      return (base?.count ?? 0) + added.length;
    },
    own: () => records.values(),
    sharedFolders,
  };
}
