import type { Change, InventoryItem, InventoryRow } from './inventory-item.ts';

/** The state of a drive, built by applying changes in the order of the feed: for each id the last one counts. */
export interface Merge {
  apply(change: Change): void;
  /** Items with their paths ('' for the root), without what lies below a deleted folder. */
  rows(): IterableIterator<InventoryRow>;
}

/** Where an item lies whose folder this connection may not see. */
export const unseenFolder = '/…';

export function createMerge(): Merge {
  const items = new Map<string, InventoryItem>();
  const deleted = new Set<string>();

  return {
    apply(change) {
      if ('deleted' in change) {
        items.delete(change.deleted);
        deleted.add(change.deleted);
        return;
      }
      deleted.delete(change.item.id);
      items.set(change.item.id, change.item);
    },

    *rows() {
      const folders = createFolderPaths(items, deleted);
      for (const item of items.values()) {
        if (item.kind === 'root') {
          yield { ...item, path: '' };
          continue;
        }
        const folder = folders(item.parentId);
        if (folder !== undefined) yield { ...item, path: `${folder}/${item.name}` };
      }
    },
  };
}

/**
 * The path of a folder by its id: '' for the root, undefined for one that is deleted or below a deleted one (Graph need not name
 * what lay in a deleted folder). Each path is worked out once; a circle, which only a broken feed has, ends as unseen.
 */
function createFolderPaths(
  items: ReadonlyMap<string, InventoryItem>,
  deleted: ReadonlySet<string>,
): (id: string | undefined) => string | undefined {
  const known = new Map<string, string | undefined>();

  return (id) => {
    const trail: string[] = [];
    let at = id;
    let path: string | undefined = unseenFolder;
    while (at !== undefined) {
      if (known.has(at)) {
        path = known.get(at);
        break;
      }
      if (deleted.has(at)) {
        path = undefined;
        break;
      }
      const item = items.get(at);
      if (!item || trail.includes(at)) break;
      if (item.kind === 'root') {
        path = '';
        break;
      }
      trail.push(at);
      at = item.parentId;
    }
    for (const step of trail.reverse()) {
      path = path === undefined ? undefined : `${path}/${items.get(step)?.name ?? ''}`;
      known.set(step, path);
    }
    return path;
  };
}
