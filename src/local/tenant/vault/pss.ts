import {
  constants,
  createHash,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
} from 'node:crypto';

const RAW = constants.RSA_NO_PADDING;

/**
 * RSASSA-PSS over a digest that is given, which node:crypto offers only for what it has hashed itself. The salt is as
 * long as the digest (RFC 8017, section 9.1; RFC 7518, section 3.5).
 */
export function pssSignature(hash: string) {
  const digestOf = (...parts: Buffer[]) => createHash(hash).update(Buffer.concat(parts)).digest();
  const bitsOf = (key: KeyObject) => key.asymmetricKeyDetails?.modulusLength ?? 2048;

  function mask(seed: Buffer, length: number): Buffer {
    const blocks: Buffer[] = [];
    for (let index = 0; blocks.length * seed.length < length; index += 1) {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(index);
      blocks.push(digestOf(seed, counter));
    }
    return Buffer.concat(blocks).subarray(0, length);
  }
  const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

  return {
    sign(key: KeyObject, digest: Buffer): Buffer {
      const size = bitsOf(key) / 8;
      const salt = randomBytes(digest.length);
      const h = digestOf(Buffer.alloc(8), digest, salt);
      const zeros = Buffer.alloc(size - salt.length - h.length - 2);
      const plain = Buffer.concat([zeros, Buffer.from([1]), salt]);
      const masked = xor(plain, mask(h, plain.length));
      // The topmost bit must be clear, so that the number is smaller than the modulus.
      masked.writeUInt8(masked.readUInt8(0) & 0x7f, 0);
      return privateEncrypt({ key, padding: RAW }, Buffer.concat([masked, h, Buffer.from([0xbc])]));
    },
    verify(key: KeyObject, digest: Buffer, given: Buffer): boolean {
      try {
        const block = publicDecrypt({ key: createPublicKey(key), padding: RAW }, given);
        const h = block.subarray(-1 - digest.length, -1);
        const masked = block.subarray(0, block.length - digest.length - 1);
        const plain = xor(masked, mask(h, masked.length));
        const salt = plain.subarray(-digest.length);
        return block.at(-1) === 0xbc && digestOf(Buffer.alloc(8), digest, salt).equals(h);
      } catch {
        return false;
      }
    },
  };
}
