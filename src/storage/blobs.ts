import type { Readable } from 'node:stream';
import type { StorageClients } from './clients.ts';
import { statusOf, toStorageError } from './storage-error.ts';

export interface Blobs {
  /** Replaces what was there. */
  put(name: string, data: Buffer, contentType?: string): Promise<void>;
  /** Uploads a stream in blocks, in constant memory. Returns the number of bytes. */
  putStream(name: string, data: Readable, contentType?: string): Promise<number>;
  get(name: string): Promise<Buffer | undefined>;
  stream(name: string): Promise<Readable | undefined>;
  /** Bytes from `offset`, at most `length`; shorter at the end. */
  range(name: string, offset: number, length: number): Promise<Buffer>;
  size(name: string): Promise<number | undefined>;
  list(prefix: string): AsyncIterable<{ name: string; size: number }>;
  remove(name: string): Promise<boolean>;
}

export function createBlobs(clients: StorageClients, containerName: string): Blobs {
  const blob = async (name: string) => (await clients.container(containerName)).getBlockBlobClient(name);

  async function run<R>(name: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      throw toStorageError(error, `The blob ${containerName}/${name}`);
    }
  }

  async function orMissing<R>(work: () => Promise<R>): Promise<R | undefined> {
    try {
      return await work();
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  const headers = (contentType: string | undefined) => ({
    blobHTTPHeaders: { blobContentType: contentType ?? 'application/octet-stream' },
  });

  return {
    put: (name, data, contentType) =>
      run(name, async () => {
        await (await blob(name)).uploadData(data, headers(contentType));
      }),
    putStream: (name, data, contentType) =>
      run(name, async () => {
        const target = await blob(name);
        await target.uploadStream(data, 4 * 1024 * 1024, 2, headers(contentType));
        return (await target.getProperties()).contentLength ?? 0;
      }),
    get: (name) => run(name, () => orMissing(async () => (await blob(name)).downloadToBuffer())),
    stream: (name) =>
      run(name, () =>
        orMissing(
          async () => (await (await blob(name)).download()).readableStreamBody as Readable | undefined,
        ),
      ),
    range: (name, offset, length) =>
      run(name, async () => (await blob(name)).downloadToBuffer(offset, length)),
    size: (name) =>
      run(name, () => orMissing(async () => (await (await blob(name)).getProperties()).contentLength)),
    async *list(prefix) {
      try {
        const container = await clients.container(containerName);
        for await (const item of container.listBlobsFlat({ prefix })) {
          yield { name: item.name, size: item.properties.contentLength ?? 0 };
        }
      } catch (error) {
        throw toStorageError(error, `The container ${containerName}`);
      }
    },
    remove: (name) => run(name, async () => (await (await blob(name)).deleteIfExists()).succeeded),
  };
}
