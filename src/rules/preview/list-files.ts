import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import { type DriveItem, driveItem, driveItemSelect } from '../../graph/drive-item.ts';
import type { GraphClient } from '../../graph/graph-client.ts';
import { type ItemFacts, toFileFacts } from '../item-facts.ts';
import { joinFolder, rootAddress } from '../text/folder.ts';

const page = z.object({ value: z.array(driveItem), '@odata.nextLink': z.string().nullish() });

export interface Listing {
  readonly files: readonly ItemFacts[];
  /** False when there are more than were asked for. */
  readonly complete: boolean;
}

/** Calls that one listing may make: a person waits for it. */
const mostCalls = 60;

/** The files of a folder, with those below it where asked, at most `limit`. An absent folder has none. */
export async function listFiles(
  client: GraphClient,
  driveId: string,
  where: { readonly folder: string; readonly subfolders: boolean },
  limit: number,
): Promise<Listing> {
  const drive = `/drives/${encodeURIComponent(driveId)}`;
  const files: ItemFacts[] = [];
  const folders = [where.folder];
  let calls = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    let link: string | undefined =
      `${drive}/${rootAddress(folder, '/children')}?$top=200&$select=${driveItemSelect}`;
    while (link !== undefined) {
      if (calls >= mostCalls) return { files, complete: false };
      calls += 1;
      const body: z.infer<typeof page> | undefined = await read(client, link);
      for (const item of body?.value ?? []) {
        const facts = toFileFacts(item);
        if (facts && files.length >= limit) return { files, complete: false };
        if (facts) files.push({ ...facts, folder });
        if (where.subfolders && isFolder(item)) folders.push(joinFolder(folder, item.name));
      }
      link = body?.['@odata.nextLink'] ?? undefined;
    }
  }
  return { files, complete: true };
}

function isFolder(item: DriveItem): item is DriveItem & { name: string } {
  return Boolean(item.folder && item.name && !item.package && !item.remoteItem);
}

async function read(client: GraphClient, path: string): Promise<z.infer<typeof page> | undefined> {
  try {
    return (await client.call({ path, schema: page })).body;
  } catch (error) {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  }
}
