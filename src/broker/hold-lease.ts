import type { Lease } from '../storage/leases.ts';
import { whileRenewing } from '../storage/while-renewing.ts';

/** How long a refresh of a holder that died keeps the others waiting; one that lives renews its lease. */
export const refreshLeaseSeconds = 12;
const renewEveryMs = 4_000;

/** The work under a lease that is renewed while it lasts, and freed afterwards. */
export async function holdLease<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  try {
    return await whileRenewing(renewEveryMs, () => lease.renew(), work);
  } finally {
    // What was obtained is no worse for a lease that ends by itself.
    await lease.release().catch(() => undefined);
  }
}
