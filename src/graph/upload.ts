import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type DriveItem, driveItem } from './drive-item.ts';
import type { GraphClient } from './graph-client.ts';
import { toGraphError } from './graph-errors.ts';
import { parseBody } from './read-answer.ts';

export interface Upload {
  readonly driveId: string;
  /** Item id of the folder. */
  readonly folderId: string;
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  /** What becomes of a file of this name: `replace` unless given; with `fail` the upload throws `conflict`. */
  readonly whenNameTaken?: 'replace' | 'fail';
  /** Bytes from `offset`, `length` of them. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Where the address of a running upload session is kept, so that a restarted host goes on with it. It is a secret. */
export interface UploadSession {
  load(): Promise<string | undefined>;
  save(uploadUrl: string): Promise<void>;
  clear(): Promise<void>;
}

export interface UploadLimits {
  readonly clock: () => number;
  /** Milliseconds since 1970 after which no further fragment is begun. */
  readonly deadline: number;
  /** Called after each fragment with the bytes that are stored. */
  onProgress?(bytes: number): Promise<void>;
}

/** Above this an upload session is used, whose fragments are multiples of 320 KiB. */
const largestPut = 4 * 1024 * 1024;
const fragmentBytes = 32 * 320 * 1024;

const created = z.object({ uploadUrl: z.string() });
const progress = z.object({ nextExpectedRanges: z.array(z.string()).nullish() });

/**
 * Puts a file into a folder. Gives the item; undefined when the deadline came first, and then the next
 * call goes on where this one ended.
 */
export async function uploadFile(
  client: GraphClient,
  upload: Upload,
  session: UploadSession,
  limits: UploadLimits,
): Promise<DriveItem | undefined> {
  const { whenNameTaken = 'replace' } = upload;
  const target = `/drives/${encodeURIComponent(upload.driveId)}/items/${encodeURIComponent(upload.folderId)}:/${encodeURIComponent(upload.name)}:`;
  if (upload.size <= largestPut) {
    const { body } = await client.call({
      method: 'PUT',
      path: `${target}/content?@microsoft.graph.conflictBehavior=${whenNameTaken}`,
      headers: { 'content-type': upload.contentType },
      body: await upload.read(0, upload.size),
      schema: driveItem,
    });
    await limits.onProgress?.(upload.size);
    return body;
  }

  let url = await session.load();
  let offset = url === undefined ? undefined : await nextOffset(client, url, limits.clock);
  if (url === undefined || offset === undefined) {
    const body = { item: { '@microsoft.graph.conflictBehavior': whenNameTaken, name: upload.name } };
    const reply = await client.call({
      method: 'POST',
      path: `${target}/createUploadSession`,
      body,
      schema: created,
    });
    url = reply.body.uploadUrl;
    offset = 0;
    await session.save(url);
  }
  return sendFragments(client, upload, { ...session, url, offset }, limits);
}

async function sendFragments(
  client: GraphClient,
  upload: Upload,
  session: UploadSession & { readonly url: string; readonly offset: number },
  limits: UploadLimits,
): Promise<DriveItem | undefined> {
  let { offset } = session;
  let astray = 0;
  while (limits.clock() < limits.deadline) {
    const bytes = await upload.read(offset, Math.min(fragmentBytes, upload.size - offset));
    const answer = await client.preauthenticated({
      method: 'PUT',
      url: session.url,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `bytes ${offset}-${offset + bytes.length - 1}/${upload.size}`,
      },
      body: bytes,
    });
    if (answer.status === 200 || answer.status === 201) {
      await session.clear();
      await limits.onProgress?.(upload.size);
      return parseBody(driveItem, answer.body, 'the end of an upload');
    }
    // 416: Graph has other bytes than we think, such as those of a try whose answer was lost.
    const next =
      answer.status === 202
        ? startOf(parseBody(progress, answer.body, 'an upload session'))
        : answer.status === 416
          ? await nextOffset(client, session.url, limits.clock)
          : undefined;
    astray = next === offset || answer.status !== 202 ? astray + 1 : 0;
    if (next === undefined || astray > 3) {
      await session.clear();
      throw answer.status === 404 || answer.status === 202 || answer.status === 416
        ? lost()
        : toGraphError(answer, limits.clock());
    }
    offset = next;
    await limits.onProgress?.(offset);
  }
  return undefined;
}

/** Where to go on; undefined when the session is over. */
async function nextOffset(
  client: GraphClient,
  url: string,
  clock: () => number,
): Promise<number | undefined> {
  const answer = await client.preauthenticated({ method: 'GET', url });
  if (answer.status === 404 || answer.status === 410 || answer.status === 401) return undefined;
  if (answer.status !== 200) throw toGraphError(answer, clock());
  return startOf(parseBody(progress, answer.body, 'an upload session'));
}

function startOf({ nextExpectedRanges }: z.infer<typeof progress>): number | undefined {
  const first = Number.parseInt(nextExpectedRanges?.[0] ?? '', 10);
  return Number.isNaN(first) ? undefined : first;
}

function lost(): AppError {
  return new AppError('upstream_unavailable', 'Microsoft Graph gave up this upload. It starts again.', {
    retryable: true,
    retryAfter: 5,
  });
}
