import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Random } from '../ports.ts';
import type { KeyRing } from './key-ring.ts';

/** Where a sealed text lives. All of it is authenticated: moved elsewhere, the text no longer opens. */
export interface Place {
  readonly table: string;
  readonly partition: string;
  readonly row: string;
  /** Version of the row's shape. */
  readonly schema: number;
}

export interface Envelope {
  /** `v1.<key id>.<iv>.<ciphertext and tag>`, the parts in base64url. */
  seal(plain: string, place: Place): Promise<string>;
  /** Throws `credential_undecryptable` for a changed byte, another place or an unknown key. Never returns ciphertext. */
  open(sealed: string, place: Place): Promise<string>;
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** AES-256-GCM with a subkey for each partition (HKDF), so that random IVs stay far from their limit under one key. */
export function createEnvelope(keys: KeyRing, random: Random): Envelope {
  return {
    async seal(plain, place) {
      const key = await keys.active();
      const iv = random(ivBytes);
      const cipher = createCipheriv(algorithm, subkey(key.bytes, place), iv, { authTagLength: tagBytes });
      cipher.setAAD(associatedData(place, key.id));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${key.id}.${iv.toString('base64url')}.${body.toString('base64url')}`;
    },

    async open(sealed, place) {
      const [version, keyId, ivText, bodyText, more] = sealed.split('.');
      if (version !== 'v1' || !keyId || !ivText || !bodyText || more !== undefined) throw unreadable(place);
      const key = await keys.byId(keyId);
      if (!key) throw unreadable(place, undefined, `no key ${keyId}`);
      const body = Buffer.from(bodyText, 'base64url');
      const iv = Buffer.from(ivText, 'base64url');
      if (iv.length !== ivBytes || body.length < tagBytes) throw unreadable(place);
      try {
        const decipher = createDecipheriv(algorithm, subkey(key.bytes, place), iv, {
          authTagLength: tagBytes,
        });
        decipher.setAAD(associatedData(place, keyId));
        decipher.setAuthTag(body.subarray(-tagBytes));
        return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()]).toString(
          'utf8',
        );
      } catch (error) {
        throw unreadable(place, error);
      }
    },
  };
}

/** The key id of a sealed text, for counting rows by key. */
export function keyIdOf(sealed: string): string | undefined {
  const [version, keyId] = sealed.split('.');
  return version === 'v1' ? keyId : undefined;
}

function subkey(key: Buffer, place: Place): Buffer {
  const info = JSON.stringify(['graph-valet', place.table, place.partition]);
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, 32));
}

/** JSON keeps the parts apart: no two places give the same bytes. */
function associatedData(place: Place, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([place.table, place.partition, place.row, place.schema, keyId]));
}

function unreadable(place: Place, cause?: unknown, detail?: string): AppError {
  return new AppError(
    'credential_undecryptable',
    'A stored secret cannot be decrypted with the keys of this installation.',
    {
      detail: `${place.table}/${place.partition}/${place.row}${detail ? `: ${detail}` : ''}`,
      cause,
    },
  );
}
