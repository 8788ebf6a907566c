import { AppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Vault } from './vault.ts';

export interface CacheKey {
  /** Version of the Key Vault secret: 32 hex digits. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys that seal stored tokens: versions of one Key Vault secret, each the base64 of 32 random bytes. */
export interface KeyRing {
  /** The key that new rows are sealed with. */
  active(): Promise<CacheKey>;
  byId(id: string): Promise<CacheKey | undefined>;
}

export const cacheKeySecret = 'graph-valet-cache-key';

/** How long a key in memory is used before Key Vault is asked again which one is active. */
const freshFor = 10 * 60_000;

/** While Key Vault is down, keys in memory go on serving for this long after they were last read; then nothing does. */
const staleFor = 60 * 60_000;

export function createKeyRing(vault: Pick<Vault, 'secret'>, clock: Clock): KeyRing {
  const known = new Map<string, CacheKey>();
  let current: { key: CacheKey; readAt: number } | undefined;
  let reading: Promise<CacheKey> | undefined;

  async function read(): Promise<CacheKey> {
    const secret = await vault.secret(cacheKeySecret);
    if (!secret)
      throw misconfigured(
        `Key Vault has no secret "${cacheKeySecret}". Create it with 32 random bytes in base64.`,
      );
    const key = toKey(secret.version, secret.value);
    known.set(key.id, key);
    current = { key, readAt: clock() };
    return key;
  }

  return {
    async active() {
      const age = current ? clock() - current.readAt : Number.POSITIVE_INFINITY;
      if (current && age >= 0 && age < freshFor) return current.key;
      reading ??= read().finally(() => {
        reading = undefined;
      });
      try {
        return await reading;
      } catch (error) {
        if (current && age < staleFor) return current.key;
        throw error;
      }
    },

    async byId(id) {
      const held = known.get(id);
      if (held) return held;
      if (!/^[0-9a-f]{32}$/.test(id)) return undefined;
      const secret = await vault.secret(cacheKeySecret, id);
      if (!secret) return undefined;
      const key = toKey(secret.version, secret.value);
      known.set(key.id, key);
      return key;
    },
  };
}

function toKey(id: string, value: string): CacheKey {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 32) {
    throw misconfigured(`Version ${id} of the secret "${cacheKeySecret}" is not the base64 of 32 bytes.`);
  }
  return { id, bytes };
}

function misconfigured(message: string): AppError {
  return new AppError('broker_misconfigured', message);
}
