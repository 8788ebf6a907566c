import { AppError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { RunParcel } from '../../reports/deliver/delivery.ts';
import type { DeliveryDefinition } from '../../reports/deliver/index.ts';
import type { Storage } from '../../storage/storage.ts';
import { deliveryMessage } from './delivery-message.ts';
import { type Delivery, isDeliveryOver } from './delivery-row.ts';
import { createDeliveryRows } from './delivery-rows.ts';
import { createDeliveryWorker } from './delivery-worker.ts';
import type { DeliveryWorkerDeps } from './delivery-worker-deps.ts';
import { createParcels } from './parcels.ts';

/** Takes the reports of runs to where their jobs want them. The files stay in the container `reports` whatever becomes of it. */
export interface Deliveries {
  /** Keeps what is handed over and begins; done again it begins nothing twice, and sends what was lost once
   * more. Without deliveries the run is told at once. */
  start(parcel: RunParcel, definitions: readonly DeliveryDefinition[]): Promise<void>;
  /** Begins a failed delivery again. Throws `not_found`, `conflict` unless it has failed, `gone` when the files were removed. */
  retry(run: string, number: number): Promise<Delivery>;
  /** Gives up what has not arrived yet. */
  cancel(run: string): Promise<void>;
  /** By number. */
  of(run: string): Promise<Delivery[]>;
  /** One message of queue `deliveries`. */
  work(message: unknown): Promise<void>;
}

const silentMs = 10 * 60_000;

export interface DeliveriesDeps
  extends Pick<DeliveryWorkerDeps, 'graphFor' | 'sessions' | 'secret' | 'post' | 'over' | 'ports'> {
  readonly storage: Pick<Storage, 'table' | 'queue' | 'blobs'>;
}

export function createDeliveries({ storage, ...deps }: DeliveriesDeps): Deliveries {
  const { over, ports } = deps;
  const rows = createDeliveryRows(storage);
  const queue = storage.queue('deliveries', deliveryMessage);
  const blobs = storage.blobs('reports');
  const parcels = createParcels(blobs);
  const worker = createDeliveryWorker({ ...deps, rows, queue, parcels, blobs, container: storage.blobs });

  const send = ({ run, number, sequence }: Delivery) => queue.send({ run, number, sequence });

  return {
    async start(parcel, definitions) {
      await parcels.save(parcel);
      for (const [index, definition] of definitions.entries())
        await rows.insert(newDelivery(parcel.run, index + 1, definition, ports.clock()));
      const there = (await rows.list(parcel.run)).map(({ value }) => value);
      for (const each of there) if (isUntouched(each) || isSilent(each, ports.clock)) await send(each);
      if (there.every(isDeliveryOver)) await over(parcel.run, there);
    },

    async retry(run, number) {
      const row = await rows.get(run, number);
      if (!row) throw new AppError('not_found', 'There is no such delivery.');
      if (row.value.state !== 'failed')
        throw new AppError('conflict', 'Only a delivery that failed can be tried again.');
      if (!(await parcels.load(run)))
        throw new AppError('gone', 'The files of this run were removed. Run the job again.');
      const { value } = row;
      const again: Delivery = {
        ...value,
        state: 'waiting',
        attempts: 0,
        sequence: value.sequence + 1,
        changedAt: ports.clock(),
        nextTryAt: undefined,
        finishedAt: undefined,
      };
      if (!(await rows.save(row, again)))
        throw new AppError('conflict', 'Somebody else began this delivery again.');
      await send(again);
      return again;
    },

    async cancel(run) {
      for (const row of await rows.list(run)) {
        if (isDeliveryOver(row.value)) continue;
        const now = ports.clock();
        const error = { code: 'cancelled', message: 'The run was cancelled.' };
        // Whoever is at it now finds the row changed, and stops.
        await rows.save(row, {
          ...row.value,
          state: 'failed',
          error,
          sequence: row.value.sequence + 1,
          busyUntil: 0,
          changedAt: now,
          nextTryAt: undefined,
          finishedAt: now,
        });
      }
    },

    of: async (run) => (await rows.list(run)).map(({ value }) => value),

    work: async (message) => worker(queue.parse(message)),
  };
}

/** Nobody has begun: its message may never have been sent. */
function isUntouched({ state, sequence, attempts }: Delivery): boolean {
  return state === 'waiting' && sequence === 0 && attempts === 0;
}

/** It should have been worked on, and was not. */
function isSilent(delivery: Delivery, clock: Clock): boolean {
  const { changedAt, nextTryAt, busyUntil } = delivery;
  if (isDeliveryOver(delivery)) return false;
  return Math.max(changedAt, nextTryAt ?? 0, busyUntil) < clock() - silentMs;
}

function newDelivery(run: string, number: number, definition: DeliveryDefinition, now: number): Delivery {
  return {
    run,
    number,
    definition,
    state: 'waiting',
    attempts: 0,
    arrived: [],
    calls: 0,
    units: 0,
    createdAt: now,
    changedAt: now,
    sequence: 0,
    busyUntil: 0,
    notes: {},
  };
}
