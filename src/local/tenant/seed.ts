import { createHash } from 'node:crypto';

/** Ids, secrets and bytes that depend on the seed and a name only, so that two starts agree. */
export interface Seeded {
  readonly seed: number;
  /** Lower-case GUID. */
  guid(name: string): string;
  bytes(name: string, length: number): Buffer;
  hex(name: string, digits: number): string;
}

export function createSeeded(seed: number): Seeded {
  function bytes(name: string, length: number): Buffer {
    const blocks: Buffer[] = [];
    for (let block = 0; block * 32 < length; block++) {
      blocks.push(createHash('sha256').update(`${seed}\n${block}\n${name}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, length);
  }
  return {
    seed,
    bytes,
    guid(name) {
      const raw = Buffer.from(bytes(name, 16));
      raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40;
      raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80;
      const hex = raw.toString('hex');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
        '-',
      );
    },
    hex: (name, digits) =>
      bytes(name, Math.ceil(digits / 2))
        .toString('hex')
        .slice(0, digits),
  };
}

/** A small deterministic generator of numbers in [0, 1) (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
