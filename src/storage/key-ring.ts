import { AppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { RingState } from './ring-state.ts';
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
  /** Undefined for a key that is not there, or that was retired. */
  byId(id: string): Promise<CacheKey | undefined>;
}

export const cacheKeySecret = 'graph-valet-cache-key';

/** How long a key in memory is used before Key Vault is asked again which one is active. */
export const freshFor = 10 * 60_000;

/** While Key Vault is down, keys in memory go on serving for this long after they were last read; then nothing does. */
export const staleFor = 60 * 60_000;

/** So long after a failed read the next one is tried: until then nobody waits for a Key Vault that is down. */
const retryAfter = 30_000;

/** `readState`: which version is active, where a rotation has said so; without it the newest version is. */
export function createKeyRing(
  vault: Pick<Vault, 'secret'>,
  clock: Clock,
  readState: () => Promise<RingState | undefined> = async () => undefined,
): KeyRing {
  const known = new Map<string, CacheKey>();
  let current: { key: CacheKey; readAt: number } | undefined;
  let reading: Promise<CacheKey> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let retired: ReadonlySet<string> = new Set();

  async function read(): Promise<CacheKey> {
    const state = await readState();
    const secret = await vault.secret(cacheKeySecret, state?.active);
    if (!secret) throw misconfigured(missing(state?.active));
    const key = toKey(secret.version, secret.value);
    known.set(key.id, key);
    retired = new Set(state?.retired.map(({ id }) => id));
    for (const id of retired) known.delete(id);
    current = { key, readAt: clock() };
    // The next key is held before it seals anything, so that no outage of Key Vault falls between. When it can't be read now, byId tries.
    if (state?.next !== undefined) await load(state.next).catch(() => undefined);
    return key;
  }

  async function load(id: string): Promise<CacheKey | undefined> {
    const held = known.get(id);
    if (held) return held;
    const secret = await vault.secret(cacheKeySecret, id);
    if (!secret) return undefined;
    const key = toKey(secret.version, secret.value);
    known.set(key.id, key);
    return key;
  }

  const ageOf = () => (current ? clock() - current.readAt : Number.POSITIVE_INFINITY);

  const ring: KeyRing = {
    async active() {
      const age = ageOf();
      if (current && age >= 0 && age < freshFor) return current.key;
      const failedFor = clock() - failedAt;
      if (current && age < staleFor && failedFor >= 0 && failedFor < retryAfter) return current.key;
      reading ??= read().finally(() => {
        reading = undefined;
      });
      try {
        return await reading;
      } catch (error) {
        failedAt = clock();
        if (current && age < staleFor) return current.key;
        throw error;
      }
    },

    async byId(id) {
      if (!/^[0-9a-f]{32}$/.test(id)) return undefined;
      // What may no longer seal may no longer open either; and which ones were retired is known from the first reading on.
      if (ageOf() >= staleFor) await ring.active();
      return retired.has(id) ? undefined : load(id);
    },
  };
  return ring;
}

function missing(active: string | undefined): string {
  return active === undefined
    ? `Key Vault has no secret "${cacheKeySecret}". Create it with 32 random bytes in base64.`
    : `Key Vault has no enabled version ${active} of the secret "${cacheKeySecret}", which seals what is stored. Enable or recover it.`;
}

/** Throws `broker_misconfigured` for what is no key. */
export function toKey(id: string, value: string): CacheKey {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 32) {
    throw misconfigured(`Version ${id} of the secret "${cacheKeySecret}" is not the base64 of 32 bytes.`);
  }
  return { id, bytes };
}

function misconfigured(message: string): AppError {
  return new AppError('broker_misconfigured', message);
}
