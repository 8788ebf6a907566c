import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { StatePart } from '../state.ts';
import { pssSignature } from './pss.ts';

const stored = z.object({
  name: z.string(),
  versions: z.array(
    z.object({
      version: z.string(),
      pem: z.string(),
      created: z.number(),
      enabled: z.boolean(),
      tags: z.record(z.string(), z.string()).optional(),
    }),
  ),
  /** Epoch seconds of its deletion, while it can be recovered. */
  deletedAt: z.number().optional(),
});
export type KeyRecord = z.infer<typeof stored>;
export type KeyVersion = KeyRecord['versions'][number];

/** RSA keys of the vault, whose private halves never leave it. */
export interface VaultKeys extends StatePart {
  find(name: string): KeyRecord | undefined;
  all(): readonly KeyRecord[];
  /** A new version: generated, or what is given as PEM. */
  create(name: string, from: { readonly bits: number } | { readonly pem: string }): Promise<KeyVersion>;
  /** Replaces a record, for another state of it. */
  put(record: KeyRecord): void;
  purge(name: string): void;
}

export function createVaultKeys(clock: () => number, onChange: () => void): VaultKeys {
  let records = new Map<string, KeyRecord>();
  return {
    find: (name) => records.get(name.toLowerCase()),
    all: () => [...records.values()],
    async create(name, from) {
      const pem = 'pem' in from ? from.pem : await generate(from.bits);
      const made = {
        version: randomBytes(16).toString('hex'),
        pem,
        created: Math.floor(clock() / 1000),
        enabled: true,
      };
      const record = records.get(name.toLowerCase()) ?? { name, versions: [] };
      records.set(name.toLowerCase(), { ...record, versions: [...record.versions, made] });
      onChange();
      return made;
    },
    put(record) {
      records.set(record.name.toLowerCase(), record);
      onChange();
    },
    purge(name) {
      records.delete(name.toLowerCase());
      onChange();
    },
    save: () => [...records.values()],
    load(value) {
      records = new Map(
        stored
          .array()
          .parse(value)
          .map((record) => [record.name.toLowerCase(), record]),
      );
    },
  };
}

async function generate(bits: number): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The public half as a JWK. */
export function publicJwk({ pem }: KeyVersion): { n: string; e: string } {
  const { n = '', e = '' } = createPublicKey(pem).export({ format: 'jwk' });
  return { n: String(n), e: String(e) };
}

type Operation = (key: KeyObject, value: Buffer) => Buffer;

const oaep = (hash: string) => ({ padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash });
const encryptions: Readonly<Record<string, object>> = {
  'RSA-OAEP': oaep('sha1'),
  'RSA-OAEP-256': oaep('sha256'),
  RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
};

/** `wrapKey` and `encrypt` are the same for RSA, as are their inverses. Undefined for an algorithm that RSA has not. */
export function encryption(
  algorithm: string,
): { readonly seal: Operation; readonly open: Operation } | undefined {
  const options = encryptions[algorithm];
  return (
    options && {
      seal: (key, value) => publicEncrypt({ key: createPublicKey(key), ...options }, value),
      open: (key, value) => privateDecrypt({ key, ...options }, value),
    }
  );
}

// DigestInfo in front of a digest makes a PKCS#1 signature of it, since node:crypto signs only what it has hashed itself.
const digestInfos: Readonly<Record<string, string>> = {
  RS256: '3031300d060960864801650304020105000420',
  RS384: '3041300d060960864801650304020205000430',
  RS512: '3051300d060960864801650304020305000440',
};

const pssHashes: Readonly<Record<string, string>> = { PS256: 'sha256', PS384: 'sha384', PS512: 'sha512' };

/** Signs and verifies digests, as the service does. Undefined for an algorithm that RSA has not. */
export function signature(algorithm: string) {
  const hash = pssHashes[algorithm];
  if (hash !== undefined) return pssSignature(hash);
  const info = digestInfos[algorithm];
  if (info === undefined) return undefined;
  const padding = constants.RSA_PKCS1_PADDING;
  const wrapped = (digest: Buffer) => Buffer.concat([Buffer.from(info, 'hex'), digest]);
  return {
    sign: (key: KeyObject, digest: Buffer): Buffer => privateEncrypt({ key, padding }, wrapped(digest)),
    verify(key: KeyObject, digest: Buffer, given: Buffer): boolean {
      try {
        return publicDecrypt({ key: createPublicKey(key), padding }, given).equals(wrapped(digest));
      } catch {
        return false;
      }
    },
  };
}

export function keyObject({ pem }: KeyVersion): KeyObject {
  return createPrivateKey(pem);
}
