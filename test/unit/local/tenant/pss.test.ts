import { constants, createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { pssSignature } from '../../../../src/local/tenant/vault/pss.ts';

describe('PSS signatures of the vault', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const padding = constants.RSA_PKCS1_PSS_PADDING;

  it.each(['sha256', 'sha384', 'sha512'])('of a %s digest are what OpenSSL calls one', (hash) => {
    const digest = createHash(hash).update('text').digest();
    const signature = pssSignature(hash).sign(privateKey, digest);
    const key = { key: createPublicKey(privateKey), padding, saltLength: digest.length };
    expect(verify(hash, Buffer.from('text'), key, signature)).toBe(true);
    expect(pssSignature(hash).verify(privateKey, digest, signature)).toBe(true);
    const other = createHash(hash).update('other').digest();
    expect(pssSignature(hash).verify(privateKey, other, signature)).toBe(false);
  });
});
