import { createMeter } from '../../graph/meter.ts';
import type { DeliveryDeps } from '../../reports/deliver/delivery.ts';
import { createRowWriter } from '../../storage/row-writer.ts';
import type { Row } from '../../storage/table.ts';
import { whileRenewing } from '../../storage/while-renewing.ts';
import { orLate, unitMs } from '../late-worker.ts';
import type { Delivery } from './delivery-row.ts';
import type { DeliveryWorkerDeps } from './delivery-worker-deps.ts';

/** A delivery that this worker has, and what it works with. */
export interface DeliveryUnit {
  readonly deps: DeliveryDeps;
  value(): Delivery;
  /** Throws `LateWorker` when somebody else changed the row meanwhile. */
  save(change: Partial<Delivery>): Promise<void>;
  /** Says that this worker is still at it; what goes wrong with it shows at the next `save`. */
  renew(): Promise<void>;
}

/** How long others leave a delivery alone whose worker says nothing; one that lives says so more often. */
const leaseMs = 15_000;
const renewEveryMs = 5_000;

/** Takes the delivery; throws `LateWorker` when somebody else did. */
export async function openDelivery(deps: DeliveryWorkerDeps, free: Row<Delivery>): Promise<DeliveryUnit> {
  const { rows, ports } = deps;
  const { calls, units } = free.value;
  const meter = createMeter();
  let row = free;
  const writer = createRowWriter();

  async function put(change: Partial<Delivery>): Promise<void> {
    const spent = { calls: calls + meter.calls, units: units + meter.units };
    row = orLate(await rows.save(row, { ...row.value, ...change, ...spent, changedAt: ports.clock() }));
  }
  const busyUntil = () => ports.clock() + leaseMs;

  await put({ state: 'sending', busyUntil: busyUntil(), nextTryAt: undefined });
  return {
    value: () => row.value,
    save: (change) => writer.write(() => put(change)),
    renew: () =>
      writer.renew(async () => {
        // Once it is let go, another worker may have it, whom this would disturb.
        if (row.value.busyUntil !== 0) await put({ busyUntil: busyUntil() });
      }),
    deps: {
      ...deps,
      clock: ports.clock,
      deadline: ports.clock() + unitMs,
      graphFor: (connection, priority) => deps.graphFor(connection, priority, meter),
      notes: {
        get: (name) => row.value.notes[name],
        set: (name, value) => writer.write(() => put({ notes: { ...row.value.notes, [name]: value } })),
      },
    },
  };
}

/** The work on a delivery, which says now and then that it is still under way. */
export function holdDelivery(unit: DeliveryUnit, work: () => Promise<void>): Promise<void> {
  return whileRenewing(renewEveryMs, unit.renew, work);
}
