import { BlobServiceClient, type BlockBlobClient } from '@azure/storage-blob';
import { fire, startTestHost, type TestHost } from '../../../support/local-host.ts';
import { freshStorage } from '../../../support/storage.ts';
import { waitFor } from '../../../support/wait-for.ts';

interface SeenTimer {
  readonly isPastDue: boolean;
  readonly schedule: { readonly adjustForDST: boolean };
  readonly scheduleStatus: { readonly last: string; readonly next: string } | null;
}
type Seen = Record<'everySecond' | 'rare' | 'atStart' | 'failing', SeenTimer[]>;

const seenBy = async (host: TestHost) => (await host.json('/seen')) as Seen;
const never = '0 0 3 1 1 *';
const start = (AzureWebJobsStorage: string, everySecond = '* * * * * *') =>
  startTestHost({ app: 'timers', env: { AzureWebJobsStorage, EVERY_SECOND: everySecond } });

function blobOf(storage: string, name: string): BlockBlobClient {
  const service = BlobServiceClient.fromConnectionString(storage);
  return service.getContainerClient('azure-webjobs-hosts').getBlockBlobClient(name);
}
async function readStatus(storage: string, fn: string): Promise<{ Last: string; Next: string }> {
  return JSON.parse(
    (await blobOf(storage, `timers/test/Host.Functions.${fn}/status`).downloadToBuffer()).toString(),
  );
}
async function writeStatus(storage: string, fn: string, last: string, next: string): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(storage);
  await service.getContainerClient('azure-webjobs-hosts').createIfNotExists();
  const text = JSON.stringify({ Last: last, Next: next, LastUpdated: last });
  await blobOf(storage, `timers/test/Host.Functions.${fn}/status`).upload(text, text.length);
}

describe('timers of one local host', () => {
  let storage: string;
  let host: TestHost;
  beforeAll(async () => {
    storage = await freshStorage();
    host = await start(storage);
  });
  afterAll(() => host.child.stop());

  it('fire at each occurrence, without a record where that is more often than once a minute', async () => {
    const { everySecond } = await waitFor(async () => {
      const seen = await seenBy(host);
      return seen.everySecond.length >= 2 && seen;
    });
    expect(everySecond[0]).toEqual({
      schedule: { adjustForDST: true },
      scheduleStatus: null,
      isPastDue: false,
    });
    expect(await blobOf(storage, 'timers/test/Host.Functions.everySecond/status').exists()).toBe(false);
  });

  it('go on after a run that failed', async () => {
    await waitFor(async () => (await seenBy(host)).failing.length >= 2);
  });

  it('run at the start where runOnStartup says so, and store that run', async () => {
    const [first] = await waitFor(async () => {
      const { atStart } = await seenBy(host);
      return atStart.length > 0 && atStart;
    });
    expect(first).toMatchObject({ isPastDue: false, scheduleStatus: { last: '0001-01-01T00:00:00' } });
    const status = await waitFor(async () => {
      const read = await readStatus(storage, 'atStart');
      return read.Last !== '0001-01-01T00:00:00' && read;
    });
    const next = new Date(status.Next);
    expect([next.getUTCMonth(), next.getUTCDate(), next.getUTCHours(), next.getUTCMinutes()]).toEqual([
      0, 1, 3, 0,
    ]);
    expect(next.getTime()).toBeGreaterThan(new Date(status.Last).getTime());
  });

  it('are not run before their time, only recorded', async () => {
    const status = await waitFor(() => readStatus(storage, 'rare'));
    expect(status.Last).toBe('0001-01-01T00:00:00');
    expect((await seenBy(host)).rare).toEqual([]);
  });

  it('are fired at once through the admin route with the master key', async () => {
    expect(await fire(host, 'rare')).toBe(202);
    const [run] = await waitFor(async () => {
      const { rare } = await seenBy(host);
      return rare.length > 0 && rare;
    });
    expect(run).toMatchObject({ isPastDue: false });
  });

  it('are fired by nobody else', async () => {
    const post = (path: string, headers: Record<string, string>, body = '{}') =>
      fetch(`${host.url}/admin/functions/${path}`, { method: 'POST', headers, body }).then(
        ({ status }) => status,
      );
    const key = { 'x-functions-key': 'master-key-for-tests' };
    expect(await post('rare', {})).toBe(401);
    expect(await post('rare', { 'x-functions-key': 'function-key-for-tests' })).toBe(401);
    expect(await post('unknown', key)).toBe(404);
    expect(await post('seen', key)).toBe(400);
    expect(await post('rare', key, 'no json')).toBe(400);
    expect((await fetch(`${host.url}/admin/functions/rare`, { headers: key })).status).toBe(404);
  });
});

describe('a timer that missed an occurrence', () => {
  const years = (count: number) => `${new Date().getUTCFullYear() + count}-01-01T03:00:00.000Z`;

  it('runs at once with isPastDue and stores the run', async () => {
    const storage = await freshStorage();
    await writeStatus(storage, 'rare', years(-2), years(-1));
    const host = await start(storage, never);
    const [run] = await waitFor(async () => {
      const { rare } = await seenBy(host);
      return rare.length > 0 && rare;
    });
    expect(run).toMatchObject({ isPastDue: true, scheduleStatus: { last: years(-2), next: years(-1) } });
    const status = await waitFor(async () => {
      const read = await readStatus(storage, 'rare');
      return read.Last !== years(-2) && read;
    });
    expect(status.Next).toBe(years(1));
    await host.child.stop();
  });

  it('owes nothing when its schedule was changed meanwhile', async () => {
    const storage = await freshStorage();
    const other = `${new Date().getUTCFullYear() - 1}-06-06T06:06:00.000Z`;
    await writeStatus(storage, 'rare', years(-2), other);
    const host = await start(storage, never);
    const status = await waitFor(async () => {
      const read = await readStatus(storage, 'rare');
      return read.Next !== other && read;
    });
    expect(status).toMatchObject({ Last: years(-2), Next: years(1) });
    expect((await seenBy(host)).rare).toEqual([]);
    await host.child.stop();
  });
});

describe('two local hosts on one storage account', () => {
  it('run a timer in one of them, and in the other when the first one stops', async () => {
    const storage = await freshStorage();
    const hosts = await Promise.all([start(storage), start(storage)]);
    const counts = async () =>
      Promise.all(hosts.map(async (host) => (await seenBy(host)).everySecond.length));
    await waitFor(async () => Math.max(...(await counts())) >= 2);
    const before = await counts();
    expect(Math.min(...before)).toBe(0);

    const runner = hosts[before.indexOf(Math.max(...before))];
    const other = hosts.find((host) => host !== runner);
    if (!runner || !other) throw new Error('two hosts were started');
    await runner.child.stop();
    await waitFor(async () => (await seenBy(other)).everySecond.length > 0);
    await other.child.stop();
  });

  it('rest while somebody else holds the lease, and go on when it is free', async () => {
    const storage = await freshStorage();
    const host = await start(storage);
    await waitFor(async () => (await seenBy(host)).everySecond.length > 0);
    const blob = blobOf(storage, 'locks/test/Host.Functions.everySecond.Listener');
    await blob.getBlobLeaseClient().breakLease(0);
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(60);
    await waitFor(() => host.lines.some((line) => line.includes('the timer waits for storage')));
    const resting = (await seenBy(host)).everySecond.length;
    // A failing timer holds a lease of its own and shows that a second has passed.
    const failing = (await seenBy(host)).failing.length;
    await waitFor(async () => (await seenBy(host)).failing.length > failing + 1);
    expect((await seenBy(host)).everySecond.length).toBe(resting);
    await lease.releaseLease();
    await waitFor(async () => (await seenBy(host)).everySecond.length > resting);
    await host.child.stop();
  });
});
