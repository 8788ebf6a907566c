import type { Lease } from './leases.ts';
import { whileRenewing } from './while-renewing.ts';

/** How long a holder that died keeps the others waiting; one that lives renews its lease. */
export const heldLeaseSeconds = 12;
const renewEveryMs = 4_000;

/** The work under a lease that is renewed while it lasts, and freed afterwards. Whether it is held still, the work can ask. */
export async function holdLease<T>(lease: Lease, work: (isHeld: () => boolean) => Promise<T>): Promise<T> {
  let held = true;
  const renew = async () => {
    held = await lease.renew();
  };
  try {
    return await whileRenewing(renewEveryMs, renew, () => work(() => held));
  } finally {
    // What was obtained is no worse for a lease that ends by itself.
    await lease.release().catch(() => undefined);
  }
}
