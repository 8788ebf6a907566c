import { AppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
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
   * The set that decisions are made with: at most five seconds old. Throws when the table can't be read or one row is
   * not a policy, so that every request is denied rather than judged by half a set.
   */
  inForce(): Promise<readonly Policy[]>;
}

const partition = 'policy';
const wholeSet = 'all';

export function createPolicies(deps: {
  readonly storage: Pick<Storage, 'table'>;
  readonly ports: { readonly clock: Clock };
}): Policies {
  const table = deps.storage.table({ name: 'policies', schema: policySchema });
  const cache = createFreshCache<Policy[]>({ clock: deps.ports.clock, freshForMs: 5_000, capacity: 1 });

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
    inForce: async () => (await cache.get(wholeSet, list)) ?? [],
  };
}
