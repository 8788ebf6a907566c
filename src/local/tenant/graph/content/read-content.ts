import type { Readable } from 'node:stream';
import type { ItemRecord } from '../drives/item-record.ts';
import type { GraphContext } from '../graph-context.ts';
import { seedStream } from './seed-content.ts';

/** Bytes `start` to `end` (exclusive) of a file. */
export function readContent(
  context: GraphContext,
  record: ItemRecord,
  start: number,
  end: number,
): Buffer | Readable {
  const { content } = record;
  if (!content) return Buffer.alloc(0);
  if ('stored' in content) return context.contents.get(content.stored).subarray(start, end);
  return seedStream({ ...content, length: record.size }, start, end);
}
