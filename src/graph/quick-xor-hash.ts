/** Microsoft's hash of a file in OneDrive and SharePoint, fed piece by piece. */
export interface QuickXorHash {
  add(bytes: Uint8Array): void;
  /** Base64 of the 20 bytes. */
  digest(): string;
}

const width = 20;
const bits = width * 8;

/** 160 bits; byte number n is XORed in at bit offset 11 n mod 160, and the length into the last 8 bytes. */
export function createQuickXorHash(): QuickXorHash {
  const cells = new Uint8Array(width);
  let at = 0;
  let length = 0n;

  const fold = (index: number, value: number) => {
    cells[index] = (cells[index] ?? 0) ^ value;
  };

  return {
    add(bytes) {
      for (const byte of bytes) {
        const shifted = byte << (at & 7);
        const cell = at >> 3;
        fold(cell, shifted & 0xff);
        fold(cell + 1 === width ? 0 : cell + 1, shifted >> 8);
        at += 11;
        if (at >= bits) at -= bits;
      }
      length += BigInt(bytes.length);
    },
    digest() {
      const result = Buffer.from(cells);
      const tail = Buffer.alloc(8);
      tail.writeBigUInt64LE(length);
      for (let i = 0; i < 8; i += 1) result[12 + i] = (result[12 + i] ?? 0) ^ (tail[i] ?? 0);
      return result.toString('base64');
    },
  };
}
