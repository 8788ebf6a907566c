import { isAppError } from '../errors.ts';
import { driveItem } from '../graph/drive-item.ts';
import type { GraphClient } from '../graph/graph-client.ts';
import { joinFolder } from './text/folder.ts';

/** Finds where things lie: the delta feed names parents by id only. */
export interface FolderFinder {
  /** Path of a folder from the root: `/Filed/2026`; undefined when it is gone. */
  pathOf(folderId: string): Promise<string | undefined>;
  /** Tells it what was found out otherwise. */
  learn(folderId: string, path: string): void;
}

/** A drive allows 400 characters of path, so a longer way up than this is a mistake. */
const deepest = 200;

/**
 * Asks Graph for each folder once, up to the root. Names are taken from the folders themselves, because the path that Graph
 * writes into parentReference may or may not be percent-encoded.
 */
export function createFolderFinder(client: GraphClient, driveId: string): FolderFinder {
  const known = new Map<string, Promise<string | undefined>>();

  async function find(folderId: string, depth: number): Promise<string | undefined> {
    if (depth > deepest) return undefined;
    try {
      const { body } = await client.call({
        path: `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(folderId)}?$select=id,name,root,parentReference`,
        schema: driveItem,
      });
      if (body.root) return '/';
      const { name, parentReference } = body;
      if (!name || !parentReference?.id) return undefined;
      // Saves asking for the root, above which there is nothing.
      if (parentReference.path?.endsWith('root:')) return joinFolder('/', name);
      const parent = await pathOf(parentReference.id, depth + 1);
      return parent === undefined ? undefined : joinFolder(parent, name);
    } catch (error) {
      if (isAppError(error, 'not_found')) return undefined;
      throw error;
    }
  }

  function pathOf(folderId: string, depth: number): Promise<string | undefined> {
    const held = known.get(folderId);
    if (held) return held;
    const found = find(folderId, depth);
    known.set(folderId, found);
    found.catch(() => known.delete(folderId));
    return found;
  }

  return {
    pathOf: (folderId) => pathOf(folderId, 0),
    learn: (folderId, path) => known.set(folderId, Promise.resolve(path)),
  };
}
