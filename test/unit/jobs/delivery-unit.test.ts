import type { Delivery } from '../../../src/jobs/deliveries/delivery-row.ts';
import { createDeliveryRows } from '../../../src/jobs/deliveries/delivery-rows.ts';
import { holdDelivery, openDelivery } from '../../../src/jobs/deliveries/delivery-unit.ts';
import type { DeliveryWorkerDeps } from '../../../src/jobs/deliveries/delivery-worker-deps.ts';
import { LateWorker } from '../../../src/jobs/late-worker.ts';
import { deliveryDefinition } from '../../../src/reports/deliver/index.ts';
import { createTestStorage } from '../../support/jobs-world.ts';
import { withStoppedIntervals } from '../../support/stopped-intervals.ts';
import { freshStorage } from '../../support/storage.ts';
import { waitFor } from '../../support/wait-for.ts';

const rows = createDeliveryRows(createTestStorage(await freshStorage()));
const time = { now: Date.UTC(2026, 2, 2, 12) };
const deps = { rows, ports: { clock: () => time.now } } as unknown as DeliveryWorkerDeps;
let made = 0;

/** A delivery that a worker has just taken. */
async function taken() {
  made += 1;
  const run = `daily.${made}`;
  const waiting: Delivery = {
    run,
    number: 1,
    definition: deliveryDefinition.parse({ kind: 'blob' }),
    state: 'waiting',
    attempts: 0,
    arrived: [],
    calls: 0,
    units: 0,
    createdAt: time.now,
    changedAt: time.now,
    sequence: 0,
    busyUntil: 0,
    notes: {},
  };
  await rows.insert(waiting);
  const read = async () => {
    const row = await rows.get(run, 1);
    if (!row) throw new Error('no row');
    return row;
  };
  return { read, unit: await openDelivery(deps, await read()) };
}

describe('a worker that has a delivery', () => {
  it('is left alone for a short time, and for longer while it says that it lives', async () => {
    const { read, unit } = await taken();
    const first = (await read()).value.busyUntil;
    expect(first - time.now).toBeLessThanOrEqual(15_000);
    time.now += 5_000;
    await unit.renew();
    expect((await read()).value.busyUntil).toBe(first + 5_000);
  });

  it('says so by itself for as long as it works', async () => {
    const { read, unit } = await taken();
    await withStoppedIntervals((pass) =>
      holdDelivery(unit, async () => {
        const { busyUntil } = (await read()).value;
        time.now += 5_000;
        pass(5_000);
        await waitFor(async () => (await read()).value.busyUntil > busyUntil);
        await unit.save({ state: 'delivered' });
      }),
    );
    expect((await read()).value.state).toBe('delivered');
  });

  it('saves what it did between two renewals, in turn', async () => {
    const { read, unit } = await taken();
    await Promise.all([
      unit.renew(),
      unit.save({ notes: { a: '1' } }),
      unit.renew(),
      unit.deps.notes.set('b', '2'),
    ]);
    expect((await read()).value).toMatchObject({ state: 'sending', notes: { a: '1', b: '2' } });
  });

  it('leaves the row alone once it has let go of it', async () => {
    const { read, unit } = await taken();
    await Promise.all([unit.save({ busyUntil: 0, sequence: 1 }), unit.renew()]);
    const { etag, value } = await read();
    await unit.renew();
    expect(value.busyUntil).toBe(0);
    expect((await read()).etag).toBe(etag);
  });

  it('saves nothing more when somebody else has it meanwhile', async () => {
    const { read, unit } = await taken();
    const row = await read();
    await rows.save(row, { ...row.value, state: 'failed' });
    await unit.renew();
    await expect(unit.save({ state: 'delivered' })).rejects.toThrow(LateWorker);
    expect((await read()).value.state).toBe('failed');
  });
});
