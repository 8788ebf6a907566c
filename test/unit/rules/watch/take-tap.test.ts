import { createHash } from 'node:crypto';
import type { DrainMessage } from '../../../../src/rules/watch/drain-message.ts';
import { createSubscriptionStore } from '../../../../src/rules/watch/subscription-store.ts';
import { createTakeTap } from '../../../../src/rules/watch/take-tap.ts';
import { createWatchStore } from '../../../../src/rules/watch/watch-store.ts';
import { freshStorage } from '../../../support/storage.ts';
import { portsAt, storageOf } from '../stage.ts';

const connectionString = await freshStorage();
const start = Date.UTC(2026, 10, 24, 12);
const proof = createHash('sha256').update('the secret').digest('hex');
let made = 0;

async function stage() {
  made += 1;
  const driveId = `drive-${made}`;
  const subscriptionId = `subscription-${made}`;
  const time = { now: start };
  const ports = portsAt(time);
  const storage = storageOf(connectionString, ports.clock);
  const subscriptions = createSubscriptionStore(storage);
  const watches = createWatchStore(storage);
  await subscriptions.save({
    driveId,
    connection: 'contoso',
    state: 'active',
    id: subscriptionId,
    proofs: [proof],
    notificationUrl: 'https://valet.example',
    createdAt: start,
  });
  await watches.insert({ driveId, connection: 'contoso', link: 'here', asOf: start, readAt: start });
  const read: number[] = [];
  const waiting: number[] = [];
  const takeTap = createTakeTap({
    subscriptions,
    watches,
    ports,
    drain: async () => void read.push(time.now - start),
    drains: {
      name: 'drains',
      send: async (_message: DrainMessage, options?: { delaySeconds?: number }) =>
        void waiting.push(options?.delaySeconds ?? 0),
      parse: () => {
        throw new Error('nothing is received here');
      },
    },
  });
  return { takeTap, tap: { subscriptionId, proof }, time, read, waiting, ports };
}

describe('a tap', () => {
  it('is read for at once when it was quiet', async () => {
    const { takeTap, tap, read, waiting } = await stage();
    await takeTap(tap);
    expect(read).toEqual([0]);
    expect(waiting).toEqual([]);
  });

  it('shares one later reading with those that follow closely', async () => {
    const { takeTap, tap, time, read, waiting } = await stage();
    for (let i = 0; i < 5; i += 1) {
      await takeTap(tap);
      time.now += 50;
    }
    expect(read).toEqual([0]);
    expect(waiting).toEqual([1]);
  });

  it('that comes when the waiting reading may have begun asks for another one', async () => {
    const { takeTap, tap, time, waiting } = await stage();
    await takeTap(tap);
    await takeTap(tap);
    time.now += 600;
    await takeTap(tap);
    expect(waiting).toEqual([1, 1]);
  });

  it('is read for at once again after it was quiet', async () => {
    const { takeTap, tap, time, read } = await stage();
    await takeTap(tap);
    await takeTap(tap);
    time.now += 5_000;
    await takeTap(tap);
    expect(read).toEqual([0, 5_000]);
  });

  it('in a storm of ten thousand within twenty seconds causes a handful of readings', async () => {
    const { takeTap, tap, time, read, waiting } = await stage();
    for (let i = 0; i < 10_000; i += 1) {
      await takeTap(tap);
      time.now += 2;
    }
    expect(read.length + waiting.length).toBeLessThanOrEqual(8);
    expect(waiting.length).toBeGreaterThan(0);
  });

  it('that stands for a hundred others makes a storm as well as a hundred of them', async () => {
    const { takeTap, tap, time, read, waiting } = await stage();
    for (let i = 0; i < 100; i += 1) {
      await takeTap({ ...tap, count: 100 });
      time.now += 250;
    }
    expect(read.length + waiting.length).toBeLessThanOrEqual(8);
  });

  it('of sixteen at once makes one reading now and one later', async () => {
    const { takeTap, tap, read, waiting } = await stage();
    await Promise.all(Array.from({ length: 16 }, () => takeTap(tap)));
    expect(read).toHaveLength(1);
    expect(waiting).toEqual([1]);
  });

  it.each([
    ['with another secret', { proof: createHash('sha256').update('a guess').digest('hex') }],
    ['for a subscription that nobody knows', { subscriptionId: 'unknown' }],
  ])('%s is dropped, and the log says so without the secret', async (_, wrong) => {
    const { takeTap, tap, read, waiting, ports } = await stage();
    await takeTap({ ...tap, ...wrong });
    expect([...read, ...waiting]).toEqual([]);
    expect(ports.lines.map(({ event }) => event)).toEqual(['notification_refused']);
    expect(JSON.stringify(ports.lines)).not.toContain('secret');
  });
});
