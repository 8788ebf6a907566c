import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import { folderPath } from '../../graph/folder-path.ts';
import { ensureFolder, findItem } from '../../graph/folders.ts';
import type { GraphClient } from '../../graph/graph-client.ts';
import { uploadFile } from '../../graph/upload.ts';
import {
  type Delivered,
  type DeliveryDeps,
  type DeliveryFile,
  defineDelivery,
  type Parcel,
} from './delivery.ts';
import { numberedName, stampedName } from './file-name.ts';

const input = z.strictObject({
  kind: z.literal('drive'),
  driveId: z.string().min(1).max(200),
  folder: folderPath.describe('made when it is not there'),
  onConflict: z
    .enum(['replace', 'rename', 'date_stamp'])
    .default('date_stamp')
    .describe(
      'date_stamp: each run has a file of its own; replace: one file, always the newest; rename: what is there stays, and the new file gets a number',
    ),
});

/** So many names are looked at before a folder counts as full of them. */
const mostNumbers = 100;

export const drive = defineDelivery({
  kind: 'drive',
  summary: 'Puts each file into a folder of a drive, as the connection of the job.',
  input,
  needs: ['Files.ReadWrite.All'],
  per: 'file',
  words: ({ folder, driveId }) => `${folder} in the drive ${driveId}`,

  async deliver(deps, { driveId, folder, onConflict }, parcel) {
    const client = await deps.graphFor(parcel.connection, 'reports');
    const [file] = parcel.files;
    if (!file) return { where: folder };
    const folderId = (await ensureFolder(client, driveId, folder)).id;
    const place: Place = { client, driveId, folder, folderId };
    if (onConflict === 'rename') return keepBoth(deps, place, file, parcel);
    const name = onConflict === 'replace' ? file.name : stampedName(file, parcel.stamp);
    return put(deps, place, { ...file, name, whenNameTaken: 'replace' }, parcel);
  },
});

interface Place {
  readonly client: GraphClient;
  readonly driveId: string;
  readonly folder: string;
  readonly folderId: string;
}

type Upload = DeliveryFile & { readonly whenNameTaken: 'replace' | 'fail' };

/** An upload that Graph finished needs no second one: a try that was killed behind it finds the session gone and puts the same file there. */
async function put(
  deps: DeliveryDeps,
  { client, driveId, folder, folderId }: Place,
  { name, blob, size, contentType, whenNameTaken }: Upload,
  { id }: Parcel,
): Promise<Delivered | undefined> {
  const read = (offset: number, length: number) =>
    length === 0 ? Promise.resolve(new Uint8Array()) : deps.blobs.range(blob, offset, length);
  const upload = { driveId, folderId, name, contentType, size, read, whenNameTaken };
  const item = await uploadFile(client, upload, deps.sessions(id), deps);
  return item && { where: pathOf(folder, item.name ?? name), webUrl: item.webUrl ?? undefined };
}

/** The name is noted before anything is sent, so that a try that was killed behind the upload finds its file again. */
async function keepBoth(
  deps: DeliveryDeps,
  place: Place,
  file: DeliveryFile,
  parcel: Parcel,
): Promise<Delivered | undefined> {
  const { client, driveId, folder, folderId } = place;
  const at = `/drives/${encodeURIComponent(driveId)}/items/${encodeURIComponent(folderId)}`;
  const find = (name: string) => findItem(client, `${at}:/${encodeURIComponent(name)}`);
  const noted = `name of ${file.name}`;

  const begun = deps.notes.get(noted);
  if (begun !== undefined) {
    const theirs = await find(begun);
    if (theirs && theirs.size === file.size)
      return { where: pathOf(folder, begun), webUrl: theirs.webUrl ?? undefined };
  }
  for (let number = 1; number <= mostNumbers; number += 1) {
    const name = numberedName(file, number);
    if (name !== begun && (await find(name))) continue;
    await deps.notes.set(noted, name);
    try {
      return await put(deps, place, { ...file, name, whenNameTaken: 'fail' }, parcel);
    } catch (error) {
      // Somebody took the name in the meantime.
      if (!isAppError(error, 'conflict')) throw error;
    }
  }
  return put(
    deps,
    place,
    { ...file, name: stampedName(file, parcel.stamp), whenNameTaken: 'replace' },
    parcel,
  );
}

function pathOf(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
