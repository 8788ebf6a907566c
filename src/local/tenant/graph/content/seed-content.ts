import { Readable } from 'node:stream';
import { hash32 } from '../seed/hash32.ts';
import { finishFold, foldInto, PERIOD, xorLength } from './quick-xor-hash.ts';

/** What a generated file looks like to `file(1)`. */
export type SeedType = 'zip' | 'pdf' | 'jpeg' | 'png' | 'video' | 'text';

/** Generated content: every byte, and the hash of all of them, follows from these three. */
export interface SeedContent {
  readonly type: SeedType;
  readonly stamp: number;
  readonly length: number;
}

/**
 * Content is one block of PERIOD bytes over and over; every eighth byte of the first block carries the stamp.
 * Those bytes sit at whole-byte offsets of quickXorHash, so the real hash of gigabytes costs twenty XORs.
 */
const STAMPED = Array.from({ length: 19 }, (_, index) => 8 * (index + 1));
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .';
const PROSE =
  'Minutes: the budget of the next quarter was discussed, open invoices were listed and every team named one person who answers for them.\n';
const MAGIC: Record<SeedType, string> = {
  zip: 'PK\x03\x04\x14\x00\x06\x00',
  pdf: '%PDF-1.7',
  jpeg: '\xff\xd8\xff\xe0\x00\x10JF',
  png: '\x89PNG\r\n\x1a\n',
  video: '\x00\x00\x00\x18ftyp',
  text: 'Minutes ',
};

const blocks = Object.fromEntries(
  Object.entries(MAGIC).map(([type, magic]) => {
    const block = Buffer.alloc(PERIOD, `${PROSE}${PROSE}`, 'latin1');
    Buffer.from(magic, 'latin1').copy(block);
    return [type, block];
  }),
) as Record<SeedType, Buffer>;

/** Bytes `start` to `end` (exclusive). */
export function seedBytes(content: SeedContent, start: number, end: number): Buffer {
  const last = Math.min(end, content.length);
  if (last <= start) return Buffer.alloc(0);
  const skew = start % PERIOD;
  const bytes = Buffer.alloc(last - start, rotate(blocks[content.type], skew));
  if (start < PERIOD) {
    const marks = stampBytes(content.stamp);
    for (const [index, position] of STAMPED.entries()) {
      if (position >= start && position < last) bytes[position - start] = marks[index] ?? 0;
    }
  }
  return bytes;
}

/** The same as a stream, for files that shouldn't be held in memory. */
export function seedStream(content: SeedContent, start: number, end: number): Readable {
  const step = PERIOD * 400;
  function* chunks(): Generator<Buffer> {
    for (let at = start; at < end; at += step) yield seedBytes(content, at, Math.min(at + step, end));
  }
  return Readable.from(chunks(), { objectMode: false });
}

/** quickXorHash (base64) of the whole content. */
export function seedHash(content: SeedContent): string {
  if (content.length < PERIOD) {
    const fold = new Uint8Array(PERIOD);
    foldInto(fold, seedBytes(content, 0, content.length), 0);
    return Buffer.from(finishFold(fold, content.length)).toString('base64');
  }
  const hash = plainHash(content.type, content.length);
  const marks = stampBytes(content.stamp);
  for (const [index, position] of STAMPED.entries()) {
    // Byte `position` lands at bit 11 * position mod 160, a multiple of 8 for these positions.
    const at = ((position * 11) % PERIOD) >> 3;
    hash[at] = (hash[at] ?? 0) ^ (marks[index] ?? 0);
  }
  return hash.toString('base64');
}

function stampBytes(stamp: number): Uint8Array {
  const marks = new Uint8Array(STAMPED.length);
  let bits = stamp;
  for (let index = 0; index < marks.length; index++) {
    if (index % 5 === 0) bits = hash32(stamp, index);
    marks[index] = ALPHABET.charCodeAt(bits & 63);
    bits >>>= 6;
  }
  return marks;
}

function rotate(block: Buffer, by: number): Buffer {
  return by === 0 ? block : Buffer.concat([block.subarray(by), block.subarray(0, by)]);
}

const plainHashes: Record<SeedType, Uint8Array[]> = {
  zip: [],
  pdf: [],
  jpeg: [],
  png: [],
  video: [],
  text: [],
};

/** Hash of the content with zeros where the stamp goes: depends on the type, the odd or even blocks, the rest, and the length. */
function plainHash(type: SeedType, length: number): Buffer {
  const known = plainHashes[type];
  const key = (length - PERIOD) % (2 * PERIOD);
  const plain = known[key] ?? hashWithoutLength(type, length);
  known[key] = plain;
  const hash = Buffer.from(plain);
  xorLength(hash, length);
  return hash;
}

function hashWithoutLength(type: SeedType, length: number): Uint8Array {
  const block = blocks[type];
  const fold = new Uint8Array(PERIOD);
  foldInto(fold, block, 0);
  for (const position of STAMPED) fold[position] = 0;
  if ((Math.floor(length / PERIOD) - 1) % 2 === 1) foldInto(fold, block, 0);
  foldInto(fold, block.subarray(0, length % PERIOD), 0);
  return finishFold(fold, 0);
}
