import { createHash } from 'node:crypto';
import { type AppError, isAppError } from '../../errors.ts';
import type { RunParcel } from '../../reports/deliver/delivery.ts';
import { deliveryKind } from '../../reports/deliver/index.ts';
import { LateWorker } from '../late-worker.ts';
import type { DeliveryMessage } from './delivery-message.ts';
import { type Delivery, isDeliveryOver } from './delivery-row.ts';
import { type DeliveryUnit, holdDelivery, openDelivery } from './delivery-unit.ts';
import type { DeliveryWorkerDeps } from './delivery-worker-deps.ts';

/** Tries over about six hours: 30 s, 1, 2, 4, 8, 16, 32 minutes, then each hour. */
const mostTries = 12;
const firstDelaySeconds = 30;
const longestDelaySeconds = 60 * 60;
/** How long a message of a unit that is done waits before it asks whether the chain goes on without it. */
const silentSeconds = 5;

/**
 * Does one unit of a delivery. What arrived is saved before the next message is sent; a kill in between repeats the unit, and each kind
 * of delivery says what that means.
 */
export function createDeliveryWorker(deps: DeliveryWorkerDeps): (message: DeliveryMessage) => Promise<void> {
  const { rows, queue, parcels, ports, over } = deps;

  async function work(message: DeliveryMessage): Promise<void> {
    const row = await rows.get(message.run, message.number);
    if (!row) return;
    const { value } = row;
    if (isDeliveryOver(value)) return tellRun(message.run);
    const now = ports.clock();
    const { sequence } = value;
    // Somebody is at it, or was killed at it: that shows when their time is over.
    const waitMs = Math.max(value.busyUntil, value.nextTryAt ?? 0) - now;
    // One that was repeated after its unit was done may be all that is left of the chain.
    if (message.sequence < sequence)
      return later({ ...message, sequence }, silentSeconds + Math.max(0, waitMs) / 1000);
    if (waitMs > 0) return later(message, waitMs / 1000);
    const unit = await openDelivery(deps, row);
    await holdDelivery(unit, () => attempt(unit));
  }

  const later = (message: DeliveryMessage, delaySeconds: number) => queue.send(message, { delaySeconds });

  async function attempt(unit: DeliveryUnit): Promise<void> {
    try {
      const parcel = await parcels.load(unit.value().run);
      if (!parcel) {
        const error = { code: 'gone', message: 'The files of this run were removed.' };
        return await end(unit, { state: 'failed', error });
      }
      const done = await deliverAll(unit, parcel);
      if (done) await end(unit, { state: 'delivered', error: undefined });
      else await goOn(unit, 0);
    } catch (error) {
      if (error instanceof LateWorker) throw error;
      await failed(unit, error);
    }
  }

  /** True when everything arrived; false when the deadline came first. */
  async function deliverAll(unit: DeliveryUnit, parcel: RunParcel): Promise<boolean> {
    const { definition, run, number } = unit.value();
    const kind = deliveryKind(definition);
    const each = (name: string, files: RunParcel['files']) => ({
      name,
      parcel: { ...parcel, files, id: parcelId(run, number, name) },
    });
    const all =
      kind.per === 'run' ? [each('', parcel.files)] : parcel.files.map((file) => each(file.name, [file]));
    for (const { name, parcel } of all) {
      const { arrived } = unit.value();
      if (arrived.some((one) => one.name === name)) continue;
      if (ports.clock() >= unit.deps.deadline) return false;
      const delivered = await kind.deliver(unit.deps, definition, parcel);
      if (!delivered) return false;
      await unit.save({ arrived: [...arrived, { name, ...delivered }] });
    }
    return true;
  }

  async function goOn(unit: DeliveryUnit, delaySeconds: number): Promise<void> {
    const { sequence } = unit.value();
    await unit.save({ sequence: sequence + 1, busyUntil: 0 });
    const { run, number } = unit.value();
    await later({ run, number, sequence: sequence + 1 }, delaySeconds);
  }

  async function failed(unit: DeliveryUnit, thrown: unknown): Promise<void> {
    const known = isAppError(thrown) ? thrown : undefined;
    const { attempts, run } = unit.value();
    const again = (known?.retryable ?? true) && attempts + 1 < mostTries;
    const error = {
      code: known?.code ?? 'internal_error',
      message: known?.message ?? 'Something went wrong here. The log of this time says what.',
    };
    const at = thrown instanceof Error ? thrown.stack?.split('\n').slice(1, 5).join(' | ') : undefined;
    ports.log.warn('delivery_failed', {
      run,
      code: error.code,
      detail: known?.detail,
      again,
      ...(known ? {} : { at }),
    });
    if (!again) return end(unit, { state: 'failed', error });
    const delaySeconds = delayOf(known, attempts);
    const nextTryAt = ports.clock() + delaySeconds * 1000;
    await unit.save({ state: 'waiting', attempts: attempts + 1, error, nextTryAt });
    await goOn(unit, delaySeconds);
  }

  async function end(unit: DeliveryUnit, change: Pick<Delivery, 'state' | 'error'>): Promise<void> {
    await unit.save({ ...change, busyUntil: 0, nextTryAt: undefined, finishedAt: ports.clock() });
    await tellRun(unit.value().run);
  }

  async function tellRun(run: string): Promise<void> {
    const all = (await rows.list(run)).map(({ value }) => value);
    if (all.every(isDeliveryOver)) await over(run, all);
  }

  return async (message) => {
    try {
      await work(message);
    } catch (error) {
      if (!(error instanceof LateWorker)) throw error;
      ports.log.info('delivery_worker_late', { run: message.run });
    }
  };
}

/** Without a full stop, which divides what a webhook signs. */
function parcelId(run: string, number: number, name: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([run, number, name]))
    .digest('hex');
  return `dlv_${digest.slice(0, 32)}`;
}

function delayOf(error: AppError | undefined, attempts: number): number {
  const own = Math.min(firstDelaySeconds * 2 ** attempts, longestDelaySeconds);
  return Math.min(Math.max(error?.retryAfter ?? 0, own), 24 * longestDelaySeconds);
}
