/** Bytes after which the bit offset of quickXorHash (11 bits per byte, modulo 160) starts over. */
export const PERIOD = 160;
const WIDTH = 20;

/** XORs `bytes`, the first of which stands at `position` of the content, into a fold of PERIOD bytes. */
export function foldInto(fold: Uint8Array, bytes: Uint8Array, position: number): void {
  let at = position % PERIOD;
  for (let index = 0; index < bytes.length; index++) {
    fold[at] = (fold[at] ?? 0) ^ (bytes[index] ?? 0);
    at = at + 1 === PERIOD ? 0 : at + 1;
  }
}

/** The 20 raw bytes of quickXorHash for content of `length` bytes whose fold is given. */
export function finishFold(fold: Uint8Array, length: number): Uint8Array {
  const hash = new Uint8Array(WIDTH);
  for (let index = 0; index < PERIOD; index++) {
    const value = fold[index] ?? 0;
    if (value === 0) continue;
    const bit = (index * 11) % (WIDTH * 8);
    const at = bit >> 3;
    const shift = bit & 7;
    const next = (at + 1) % WIDTH;
    hash[at] = (hash[at] ?? 0) ^ ((value << shift) & 0xff);
    hash[next] = (hash[next] ?? 0) ^ (value >> (8 - shift));
  }
  xorLength(hash, length);
  return hash;
}

/** quickXorHash of a whole content, as the API spells it: base64 of 20 bytes. */
export function quickXorHash(content: Uint8Array): string {
  const fold = new Uint8Array(PERIOD);
  foldInto(fold, content, 0);
  return Buffer.from(finishFold(fold, content.length)).toString('base64');
}

/** Puts the length of the content into a hash that was finished without it. */
export function xorLength(hash: Uint8Array, length: number): void {
  let rest = length;
  for (let index = WIDTH - 8; index < WIDTH && rest > 0; index++) {
    hash[index] = (hash[index] ?? 0) ^ (rest % 256);
    rest = Math.floor(rest / 256);
  }
}
