import type { GraphClient } from '../../graph/graph-client.ts';
import type { Post } from '../../outbound/post.ts';
import type { WhenNameTaken } from '../actions/when-name-taken.ts';
import type { ItemFacts } from '../item-facts.ts';

/** A change of place or name. */
export interface ItemChange {
  readonly name?: string | undefined;
  readonly parentId?: string | undefined;
}

/** The files of one drive, as actions see them. */
export interface ItemWriter {
  readonly driveId: string;
  /** Graph itself, for what is about one action only. */
  readonly graph: GraphClient;
  /** To services that are not Microsoft's. */
  readonly post: Post;
  /** The file as it is now; undefined when it is gone or is no file any more. */
  read(itemId: string): Promise<ItemFacts | undefined>;
  /** Id of a folder by its path; what is missing of it is created. Throws `conflict` when a file is in the way. */
  folderId(folder: string): Promise<string>;
  /**
   * Changes the file if it still is as `item` says (If-Match) and returns what it is now. Throws `precondition_failed`,
   * `conflict` (name taken), `locked`, `not_found`.
   */
  change(item: ItemFacts, change: ItemChange, whenNameTaken: WhenNameTaken): Promise<ItemFacts>;
  /** The file of this name in a folder; undefined when there is none. Throws `conflict` when a folder has the name. */
  fileAt(folder: string, name: string): Promise<ItemFacts | undefined>;
  /** Moves a file to the recycle bin if it still has that eTag; false when it was gone. Throws `precondition_failed`. */
  remove(itemId: string, eTag: string): Promise<boolean>;
}
