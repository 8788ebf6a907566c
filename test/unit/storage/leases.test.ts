import { randomBytes } from 'node:crypto';
import { createStorageClients } from '../../../src/storage/clients.ts';
import { createLeases } from '../../../src/storage/leases.ts';
import { freshStorage } from '../../support/storage.ts';

const connectionString = await freshStorage();
let now = 1_000_000;

/** Leases as another instance sees them: clients of its own. */
function instance() {
  const clients = createStorageClients({ kind: 'connectionString', connectionString }, () => {
    throw new Error('a connection string needs no identity');
  });
  return createLeases(clients, () => now, randomBytes);
}

describe('a lease', () => {
  it('is held by exactly one of twenty that ask at once, over two instances', async () => {
    const [one, two] = [instance(), instance()];
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).take('many', 30)),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('can be taken again when it was released, with a higher fence', async () => {
    const first = await instance().take('released', 30);
    await first?.release();
    const second = await instance().take('released', 30);
    expect(second?.fence).toBe((first?.fence ?? 0) + 1);
  });

  it('ends by itself, and its late holder can neither renew nor release it', async () => {
    const late = await instance().take('late', 30);
    now += 31_000;
    const next = await instance().take('late', 30);
    expect(next?.fence).toBeGreaterThan(late?.fence ?? 0);
    expect(await late?.renew()).toBe(false);
    await late?.release();
    expect(await instance().take('late', 30)).toBeUndefined();
  });

  it('lasts while it is renewed', async () => {
    const lease = await instance().take('renewed', 30);
    now += 25_000;
    expect(await lease?.renew()).toBe(true);
    now += 25_000;
    expect(await instance().take('renewed', 30)).toBeUndefined();
  });
});
