import { ensureFolder } from '../../graph/folders.ts';
import type { GraphClient } from '../../graph/graph-client.ts';
import { type UploadSession, uploadFile } from '../../graph/upload.ts';
import type { Clock } from '../../ports.ts';
import type { Blobs } from '../../storage/blobs.ts';

export interface DriveDelivery {
  readonly driveId: string;
  /** Made when it is not there. */
  readonly folder: string;
  /** A file of this name is replaced, so that doing it again delivers nothing twice. */
  readonly name: string;
  readonly blob: string;
  readonly contentType: string;
  readonly size: number;
}

/**
 * Puts a stored report into a folder of a drive, read from the blob in fragments. Gives the file's address, or undefined when the
 * deadline came first: then the next call goes on with the same upload session.
 */
export async function deliverToDrive(
  client: GraphClient,
  blobs: Pick<Blobs, 'range'>,
  delivery: DriveDelivery,
  session: UploadSession,
  limits: { readonly clock: Clock; readonly deadline: number },
): Promise<{ webUrl: string | undefined } | undefined> {
  const { driveId, name, contentType, size, blob } = delivery;
  const folder = await ensureFolder(client, driveId, delivery.folder);
  const read = (offset: number, length: number) =>
    length === 0 ? Promise.resolve(new Uint8Array()) : blobs.range(blob, offset, length);
  const upload = { driveId, folderId: folder.id, name, contentType, size, read };
  const item = await uploadFile(client, upload, session, limits);
  return item && { webUrl: item.webUrl ?? undefined };
}
