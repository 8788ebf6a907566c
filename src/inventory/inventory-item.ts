import { z } from 'zod';
import { type DriveItem, type IdentitySet, isDeleted } from '../graph/drive-item.ts';

/** The last known state of one item, as it is kept: small, and free of paths, which follow from the parents. */
export const inventoryItem = z.object({
  id: z.string(),
  parentId: z.string().optional(),
  name: z.string(),
  kind: z.enum(['file', 'folder', 'package', 'remote', 'root']),
  size: z.number(),
  mimeType: z.string().optional(),
  createdAt: z.string().optional(),
  createdBy: z.string().optional(),
  modifiedAt: z.string().optional(),
  modifiedBy: z.string().optional(),
  hash: z.string().optional(),
  shared: z.string().optional(),
  webUrl: z.string().optional(),
  eTag: z.string().optional(),
});
export type InventoryItem = z.infer<typeof inventoryItem>;

/** An item with its place, such as `/Documents/Plan.docx`. */
export const inventoryRow = inventoryItem.extend({ path: z.string() });
export type InventoryRow = z.infer<typeof inventoryRow>;

/** One line of a page as it is kept: a state, or the end of an item. */
export type Change = { readonly item: InventoryItem } | { readonly deleted: string };

export const changeLine: z.ZodType<Change> = z.union([
  z.object({ item: inventoryItem }),
  z.object({ deleted: z.string() }),
]);

/** What a row of the feed says. */
export function toChange(item: DriveItem): Change {
  return isDeleted(item) ? { deleted: item.id } : { item: toInventoryItem(item) };
}

function toInventoryItem(item: DriveItem): InventoryItem {
  return {
    id: item.id,
    name: item.name ?? '',
    kind: kindOf(item),
    size: item.size ?? 0,
    ...given('parentId', item.parentReference?.id),
    ...given('mimeType', item.file?.mimeType),
    ...given('createdAt', item.createdDateTime),
    ...given('createdBy', nameOf(item.createdBy)),
    ...given('modifiedAt', item.lastModifiedDateTime),
    ...given('modifiedBy', nameOf(item.lastModifiedBy)),
    ...given('hash', item.file?.hashes?.quickXorHash),
    ...given('shared', item.shared ? (item.shared.scope ?? 'users') : undefined),
    ...given('webUrl', item.webUrl),
    ...given('eTag', item.eTag),
  };
}

/** A package (a OneNote notebook) has neither a file's nor a folder's meaning, so it is asked for first. */
function kindOf(item: DriveItem): InventoryItem['kind'] {
  if (item.root) return 'root';
  if (item.remoteItem) return 'remote';
  if (item.package) return 'package';
  return item.folder ? 'folder' : 'file';
}

function nameOf(who: IdentitySet | null | undefined): string | undefined {
  const identity = who?.user ?? who?.group ?? who?.application;
  return identity?.displayName ?? identity?.email ?? identity?.id ?? undefined;
}

function given<K extends string>(key: K, value: string | null | undefined): { [name in K]?: string } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [name in K]?: string });
}
