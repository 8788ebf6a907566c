import type { IncomingMessage } from 'node:http';

/** Kestrel's limit for a request body. */
export const bodyLimit = 104_857_600;

export type ReadBody =
  | { readonly kind: 'body'; readonly bytes: Uint8Array | undefined }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'aborted' };

/**
 * The body of a request by its Content-Length. A chunked request has no body here, because the real host reads
 * one only when Content-Length is above zero.
 */
export function readBody(request: IncomingMessage): Promise<ReadBody> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > bodyLimit) return Promise.resolve({ kind: 'tooLarge' });
  if (!(length > 0)) {
    request.resume();
    return Promise.resolve({ kind: 'body', bytes: undefined });
  }
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => resolve({ kind: 'body', bytes: joined(chunks) }));
    // After 'end' this does nothing: a promise keeps its first answer.
    request.on('close', () => resolve({ kind: 'aborted' }));
  });
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  return chunks.length === 1 && first ? first : Buffer.concat(chunks);
}
