import type { Lease } from '../storage/leases.ts';

/** How long a refresh of a holder that died keeps the others waiting; one that lives renews its lease. */
export const refreshLeaseSeconds = 12;
const renewEveryMs = 4_000;

/** The work under a lease that is renewed while it lasts, and freed afterwards. */
export async function holdLease<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
  // A renewal that fails leaves the lease to its end; the fence and the ETag keep a late write out.
  let renewal: Promise<unknown> = Promise.resolve();
  const renewing = setInterval(() => {
    renewal = lease.renew().catch(() => false);
  }, renewEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await renewal;
    // What was obtained is no worse for a lease that ends by itself.
    await lease.release().catch(() => undefined);
  }
}
