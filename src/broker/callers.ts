import { z } from 'zod';
import { AppError, isAppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { formatKey, idOfKey } from './api-key.ts';
import { sameDigest, sha256 } from './digest.ts';
import { createFreshCache } from './fresh-cache.ts';

const key = z.object({
  id: z.string(),
  /** SHA-256 of the whole key, hex. The key itself is kept nowhere. */
  hash: z.string().length(64),
  createdAt: z.number(),
  createdBy: z.string(),
  expiresAt: z.number(),
});

const caller = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
  keys: z.array(key),
});

/** A script, job or service that proves itself with an API key. Times in milliseconds since 1970. */
export type Caller = z.infer<typeof caller>;
export type CallerKey = Caller['keys'][number];

export interface NewKey {
  readonly caller: Caller;
  readonly keyId: string;
  /** Shown once: only its hash is kept. */
  readonly key: string;
  readonly expiresAt: number;
}

export interface Callers {
  list(): Promise<Caller[]>;
  get(id: string): Promise<Caller | undefined>;
  /** A caller with its first key. */
  create(input: { name: string; createdBy: string; expiresInDays: number }): Promise<NewKey>;
  /** One more key, for rotation. Throws `not_found`, or `conflict` while two keys are live. */
  addKey(id: string, input: { createdBy: string; expiresInDays: number }): Promise<NewKey>;
  /** Ends one key. Throws `not_found` for an unknown caller or key. */
  removeKey(id: string, keyId: string): Promise<Caller>;
  /** Ends the caller and all its keys. True when this call removed it. */
  remove(id: string): Promise<boolean>;
  /**
   * The caller that this key belongs to. An unknown caller, an unknown, expired or revoked key and a malformed key
   * all give undefined, after the same work. Another instance's revocation counts within five seconds.
   */
  authenticate(id: string, key: string): Promise<Caller | undefined>;
}

export const maxLiveKeys = 2;

const partition = 'caller';
const dayMs = 24 * 60 * 60_000;
const noHash = sha256('');

export function createCallers(deps: {
  readonly storage: Pick<Storage, 'table'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): Callers {
  const { clock, random } = deps.ports;
  const table = deps.storage.table({ name: 'callers', schema: caller });
  const cache = createFreshCache<Caller>({ clock, freshForMs: 5_000, capacity: 5_000 });

  const load = async (id: string) => (isCallerId(id) ? (await table.get(partition, id))?.value : undefined);

  function makeKey(createdBy: string, expiresInDays: number): { text: string; stored: CallerKey } {
    const id = newId('key', random);
    const text = formatKey(id, random);
    const createdAt = clock();
    const expiresAt = createdAt + expiresInDays * dayMs;
    return { text, stored: { id, hash: sha256(text), createdAt, createdBy, expiresAt } };
  }

  async function change(id: string, edit: (old: Caller) => Caller): Promise<Caller> {
    for (let attempt = 1; ; attempt += 1) {
      const row = isCallerId(id) ? await table.get(partition, id) : undefined;
      if (!row) throw unknownCaller();
      try {
        const { value } = await table.replace(row, edit(row.value));
        return value;
      } catch (error) {
        if (isAppError(error, 'not_found')) throw unknownCaller();
        if (!isAppError(error, 'precondition_failed') || attempt === 5) throw error;
      } finally {
        cache.forget(id);
      }
    }
  }

  return {
    async list() {
      const found: Caller[] = [];
      for await (const row of table.list({ partition })) found.push(row.value);
      return found.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
    },
    get: load,
    async create({ name, createdBy, expiresInDays }) {
      const first = makeKey(createdBy, expiresInDays);
      const value = {
        id: newId('cal', random),
        name,
        createdAt: clock(),
        createdBy,
        keys: [first.stored],
      };
      await table.insert(partition, value.id, value);
      return toNewKey(value, first);
    },
    async addKey(id, { createdBy, expiresInDays }) {
      const added = makeKey(createdBy, expiresInDays);
      const value = await change(id, (old) => {
        const live = old.keys.filter((one) => one.expiresAt > clock());
        if (live.length >= maxLiveKeys) {
          throw new AppError(
            'conflict',
            `The caller has ${maxLiveKeys} live keys already. Revoke one of them first.`,
          );
        }
        return { ...old, keys: [...live, added.stored] };
      });
      return toNewKey(value, added);
    },
    removeKey: (id, keyId) =>
      change(id, (old) => {
        const keys = old.keys.filter((one) => one.id !== keyId);
        if (keys.length === old.keys.length) throw new AppError('not_found', 'The caller has no such key.');
        return { ...old, keys };
      }),
    async remove(id) {
      if (!isCallerId(id)) return false;
      try {
        return await table.remove(partition, id);
      } finally {
        cache.forget(id);
      }
    },
    async authenticate(id, keyText) {
      const found = isCallerId(id) ? await cache.get(id, () => load(id)) : undefined;
      const given = sha256(keyText);
      const stored = found?.keys.find((one) => one.id === idOfKey(keyText));
      const same = sameDigest(given, stored?.hash ?? noHash);
      return found && stored && same && stored.expiresAt > clock() ? found : undefined;
    },
  };
}

function toNewKey(value: Caller, made: { text: string; stored: CallerKey }): NewKey {
  return { caller: value, keyId: made.stored.id, key: made.text, expiresAt: made.stored.expiresAt };
}

/** Keeps what somebody typed from becoming a row key of a strange shape. */
function isCallerId(id: string): boolean {
  return /^cal_[a-z2-7]{20}$/.test(id);
}

function unknownCaller(): AppError {
  return new AppError('not_found', 'There is no such caller.');
}
