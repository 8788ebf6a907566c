import { AppError, isAppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { createFreshCache } from './fresh-cache.ts';
import { type Policy, policyName, policySchema } from './policy.ts';

export interface Policies {
  /** All of them, by name, as the table has them now. */
  list(): Promise<Policy[]>;
  get(name: string): Promise<Policy | undefined>;
  /** Creates or replaces. */
  put(policy: Policy): Promise<{ policy: Policy; created: boolean }>;
  /** True when this call removed it. */
  remove(name: string): Promise<boolean>;
  /**
   * The set that decisions are made with: at most five seconds old. When the table can't be read, or one row is not a
   * policy, the last good set of this process counts for five minutes more; after that, or without one, it throws, so that
   * every request is denied rather than judged by half a set.
   */
  inForce(): Promise<readonly Policy[]>;
}

const partition = 'policy';
const wholeSet = 'all';
/** Long enough for a storage account that is away for a moment, short enough for a policy that was taken away. */
const lastGoodForMs = 5 * 60_000;

export function createPolicies(deps: {
  readonly storage: Pick<Storage, 'table'>;
  readonly ports: Pick<Ports, 'clock' | 'log'>;
}): Policies {
  const table = deps.storage.table({ name: 'policies', schema: policySchema });
  const { clock, log } = deps.ports;
  let lastGood: { readonly set: Policy[]; readonly readAt: number } | undefined;
  const cache = createFreshCache<Policy[]>({ clock, freshForMs: 5_000, capacity: 1 });

  async function list(): Promise<Policy[]> {
    const found: Policy[] = [];
    for await (const row of table.list({ partition })) {
      if (row.value.name !== row.row) {
        throw new AppError('internal_error', 'A stored policy has an unexpected name.', {
          detail: `policies/${row.row}`,
        });
      }
      found.push(row.value);
    }
    return found;
  }

  async function load(): Promise<Policy[]> {
    const readAt = clock();
    try {
      const set = await list();
      lastGood = { set, readAt };
      return set;
    } catch (error) {
      const age = lastGood ? readAt - lastGood.readAt : -1;
      if (!lastGood || age < 0 || age >= lastGoodForMs) throw error;
      log.error('policies_stale', {
        code: isAppError(error) ? error.code : 'internal_error',
        ageSeconds: Math.round(age / 1000),
      });
      return lastGood.set;
    }
  }

  return {
    list,
    get: async (name) => {
      if (!policyName.safeParse(name).success) return undefined;
      return (await table.get(partition, name))?.value;
    },
    async put(policy) {
      try {
        const existed = (await table.get(partition, policy.name)) !== undefined;
        await table.upsert(partition, policy.name, policy);
        return { policy, created: !existed };
      } finally {
        cache.forget(wholeSet);
      }
    },
    async remove(name) {
      if (!policyName.safeParse(name).success) return false;
      try {
        return await table.remove(partition, name);
      } finally {
        cache.forget(wholeSet);
      }
    },
    inForce: async () => (await cache.get(wholeSet, load)) ?? [],
  };
}
