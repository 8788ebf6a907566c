import { AppError, isAppError } from '../../errors.ts';
import { driveItem } from '../../graph/drive-item.ts';
import type { GraphClient } from '../../graph/graph-client.ts';
import { createPost } from '../../outbound/post.ts';
import type { Fetch } from '../../ports.ts';
import { createFolderFinder } from '../folder-finder.ts';
import { type ItemFacts, toFileFacts } from '../item-facts.ts';
import { joinFolder, rootAddress, segmentsOf } from '../text/folder.ts';
import type { ItemWriter } from './item-writer.ts';

/** Reads and changes the files of one drive by Graph. Folder ids are remembered for as long as this object lives. */
export function createGraphItemWriter(client: GraphClient, driveId: string, fetch: Fetch): ItemWriter {
  const drive = `/drives/${encodeURIComponent(driveId)}`;
  const finder = createFolderFinder(client, driveId);
  const folderIds = new Map<string, string>();

  async function withFolder(body: unknown): Promise<ItemFacts | undefined> {
    const file = toFileFacts(driveItem.parse(body));
    if (!file) return undefined;
    const folder = await finder.pathOf(file.parentId);
    return folder === undefined ? undefined : { ...file, folder };
  }

  async function findFolder(folder: string): Promise<string | undefined> {
    try {
      const { body } = await client.call({ path: `${drive}/${rootAddress(folder)}`, schema: driveItem });
      if (!body.folder && !body.root) {
        throw new AppError('conflict', `${folder} is a file, so nothing can be moved into it.`);
      }
      return body.id;
    } catch (error) {
      if (isAppError(error, 'not_found')) return undefined;
      throw error;
    }
  }

  async function createFolder(parentId: string, folder: string, name: string): Promise<string> {
    try {
      const { body } = await client.call({
        method: 'POST',
        path: `${drive}/items/${encodeURIComponent(parentId)}/children`,
        body: { name, folder: {}, '@microsoft.graph.conflictBehavior': 'fail' },
        schema: driveItem,
      });
      return body.id;
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error;
      // Somebody was faster: the folder is there now.
      const id = await findFolder(folder);
      if (id === undefined) throw error;
      return id;
    }
  }

  async function folderId(folder: string): Promise<string> {
    const known = folderIds.get(folder) ?? (await findFolder(folder));
    if (known !== undefined) {
      folderIds.set(folder, known);
      finder.learn(known, folder);
      return known;
    }
    const parts = segmentsOf(folder);
    const name = parts.pop();
    if (name === undefined) throw new AppError('not_found', 'The drive has no root folder.');
    const parent = parts.reduce(joinFolder, '/');
    const id = await createFolder(await folderId(parent), folder, name);
    folderIds.set(folder, id);
    finder.learn(id, folder);
    return id;
  }

  return {
    driveId,
    graph: client,
    post: createPost(fetch),
    folderId,

    async fileAt(folder, name) {
      try {
        const path = `${drive}/${rootAddress(joinFolder(folder, name))}`;
        const { body } = await client.call({ path, schema: driveItem });
        const file = toFileFacts(body);
        if (!file) throw new AppError('conflict', `${name} in ${folder} is no file.`);
        return { ...file, folder };
      } catch (error) {
        if (isAppError(error, 'not_found')) return undefined;
        throw error;
      }
    },

    async remove(itemId, eTag) {
      try {
        const path = `${drive}/items/${encodeURIComponent(itemId)}`;
        await client.call({ method: 'DELETE', path, headers: { 'if-match': eTag } });
        return true;
      } catch (error) {
        if (isAppError(error, 'not_found')) return false;
        throw error;
      }
    },

    async read(itemId) {
      try {
        const { body } = await client.call({ path: `${drive}/items/${encodeURIComponent(itemId)}` });
        return await withFolder(body);
      } catch (error) {
        if (isAppError(error, 'not_found')) return undefined;
        throw error;
      }
    },
    async change(item, change, whenNameTaken) {
      const { body } = await client.call({
        method: 'PATCH',
        path: `${drive}/items/${encodeURIComponent(item.id)}`,
        headers: { 'if-match': item.eTag },
        body: {
          ...(change.name === undefined ? {} : { name: change.name }),
          ...(change.parentId === undefined ? {} : { parentReference: { id: change.parentId } }),
          '@microsoft.graph.conflictBehavior': whenNameTaken,
        },
      });
      const after = await withFolder(body);
      if (!after) throw new AppError('graph_error', 'Microsoft Graph did not say what became of the file.');
      return after;
    },
  };
}
