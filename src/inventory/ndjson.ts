import { Readable } from 'node:stream';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Blobs } from '../storage/blobs.ts';

/** One JSON text a line. */
export function toNdjson(values: readonly unknown[]): Buffer {
  return Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
}

/** The values of an NDJSON blob, as a stream. Throws `not_found` when the blob is gone. */
export async function* readNdjson<T>(blobs: Blobs, name: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  const stream = await blobs.stream(name);
  if (!stream)
    throw new AppError('not_found', 'A part of the inventory is gone. Run the job again.', { detail: name });
  for await (const line of linesOf(stream)) {
    if (line !== '') yield schema.parse(JSON.parse(line));
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest + decoder.decode();
}

/** A stream of NDJSON in pieces of about 64 KiB. */
export function ndjsonStream(values: AsyncIterable<unknown> | Iterable<unknown>): Readable {
  return Readable.from(chunks(values), { objectMode: false });
}

async function* chunks(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const value of values) {
    text += `${JSON.stringify(value)}\n`;
    if (text.length >= 65_536) {
      yield Buffer.from(text);
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text);
}
