import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 in hex: how a key or a token is remembered without being kept. */
export function sha256(text: string): string {
  return hash('sha256', text);
}

/** Compares two hex digests in a time that depends on neither of them. */
export function sameDigest(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}
