import type { ItemRecord } from './item-record.ts';

/**
 * Items that exist without being stored: everything about number `index` is computed. The root isn't among them.
 * A tree of any size costs the numbers of its folders.
 */
export interface BaseTree {
  /** Items, numbered from 0; a parent's number is lower than its children's. */
  readonly count: number;
  record(index: number): ItemRecord;
  /** Undefined when the id isn't one of this tree's. */
  indexOf(id: string): number | undefined;
  /** Children of a folder by id (the root's id too): how many, and the number of the nth. */
  childCount(folderId: string): number;
  childAt(folderId: string, ordinal: number): number;
  /** The number of the child with this name (in any case). */
  childNamed(folderId: string, name: string): number | undefined;
  /** Bytes below a folder. */
  sizeBelow(folderId: string): number;
}
