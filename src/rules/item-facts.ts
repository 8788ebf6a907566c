import type { DriveItem } from '../graph/drive-item.ts';

/** What a rule may look at, and what an action needs to know. Times in milliseconds since 1970. */
export interface ItemFacts {
  readonly id: string;
  readonly eTag: string;
  readonly name: string;
  readonly parentId: string;
  /** Folder that holds it, from the root of the drive: `/Inbox`. */
  readonly folder: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Object id of the person who changed it last, where a person did. */
  readonly modifiedByUser: string | undefined;
  /** Client id of the application that changed it last. */
  readonly modifiedByApp: string | undefined;
  readonly modifiedByEmail: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** quickXorHash of the contents; absent while Graph has not computed it. */
  readonly hash: string | undefined;
  /** Widest reach of its links: `anonymous`, `organization` or `users`; undefined when it is not shared. */
  readonly shared: string | undefined;
}

/** A file as Graph gives it in a feed or a list: where it lies is known by id only. */
export type FileFacts = Omit<ItemFacts, 'folder'>;

/**
 * The facts about a file that is there; undefined for folders, packages, links into other drives, deleted things and rows
 * that lack what a rule needs.
 */
export function toFileFacts(item: DriveItem): FileFacts | undefined {
  // A facet may be empty: what counts is that it is there.
  if (!item.file || item.deleted || item.remoteItem || item.package) return undefined;
  const { id, name, eTag } = item;
  const parentId = item.parentReference?.id;
  const createdAt = Date.parse(item.createdDateTime ?? '');
  if (!name || !eTag || !parentId || Number.isNaN(createdAt)) return undefined;
  const modifiedAt = Date.parse(item.lastModifiedDateTime ?? '');
  return {
    id,
    eTag,
    name,
    parentId,
    createdAt,
    modifiedAt: Number.isNaN(modifiedAt) ? createdAt : modifiedAt,
    modifiedByUser: item.lastModifiedBy?.user?.id ?? undefined,
    modifiedByApp: item.lastModifiedBy?.application?.id ?? undefined,
    modifiedByEmail: item.lastModifiedBy?.user?.email ?? undefined,
    size: item.size ?? 0,
    hash: item.file.hashes?.quickXorHash ?? undefined,
    shared: item.shared ? (item.shared.scope ?? 'users') : undefined,
  };
}
