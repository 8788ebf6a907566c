import type { Drive } from './drive.ts';
import type { ItemRecord } from './item-record.ts';

/**
 * Puts an item into the recycle bin. The feed shows the item; what lies below a folder follows as rows of its
 * own only when `withDescendants`, as the service doesn't promise them.
 */
export function removeItem(drive: Drive, record: ItemRecord, now: number, withDescendants: boolean): void {
  const below = withDescendants && record.kind === 'folder' ? [...descendants(drive, record)] : [];
  drive.commit({ ...record, deletedAt: now, revision: record.revision + 1 }, now);
  for (const item of below) drive.log.append(item.id, now, now + drive.mood.visibilityDelayMs);
}

/** Everything below a folder, parents first. */
export function* descendants(drive: Drive, folder: ItemRecord): Generator<ItemRecord> {
  for (const child of childrenOf(drive, folder.id)) {
    yield child;
    if (child.kind === 'folder') yield* descendants(drive, child);
  }
}

/** All live children of a folder. */
export function* childrenOf(drive: Drive, folderId: string): Generator<ItemRecord> {
  let ordinal: number | undefined = 0;
  while (ordinal !== undefined) {
    const page = drive.items.baseChildren(folderId, ordinal, 1000);
    yield* page.records;
    ordinal = page.next;
  }
  yield* drive.items.ownChildren(folderId);
}
