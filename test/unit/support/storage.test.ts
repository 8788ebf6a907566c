import { QueueServiceClient } from '@azure/storage-queue';
import { freshStorage } from '../../support/storage.ts';

describe('storage for tests', () => {
  it('gives each claim an account of its own', async () => {
    const [one, other] = [await freshStorage(), await freshStorage()];
    await QueueServiceClient.fromConnectionString(one).createQueue('seen-here-only');
    const names: string[] = [];
    for await (const queue of QueueServiceClient.fromConnectionString(other).listQueues()) {
      names.push(queue.name);
    }
    expect(one).not.toBe(other);
    expect(names).toEqual([]);
  });

  it('gives claims made at the same time different accounts', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => freshStorage()));
    expect(new Set(claims).size).toBe(8);
  });
});
