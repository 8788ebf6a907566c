import { QueueServiceClient } from '@azure/storage-queue';
import { fire, startTestHost, type TestHost } from '../../../support/local-host.ts';
import { freshStorage } from '../../../support/storage.ts';
import { waitFor } from '../../../support/wait-for.ts';

interface Seen {
  readonly fn: string;
  readonly message: unknown;
  readonly dequeueCount: number | undefined;
  readonly atMs: number;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function seenBy(host: TestHost, fn: string): Promise<Seen[]> {
  const { seen } = (await host.json('/seen')) as { seen: Seen[] };
  return seen.filter((each) => each.fn === fn);
}
const atLeast = (host: TestHost, fn: string, count: number) =>
  waitFor(async () => {
    const seen = await seenBy(host, fn);
    return seen.length >= count && seen;
  });
const queueOf = (storage: string, name: string) =>
  QueueServiceClient.fromConnectionString(storage).getQueueClient(name);
const countIn = async (storage: string, name: string) =>
  (await queueOf(storage, name).getProperties()).approximateMessagesCount;

async function start(storage: string, env: Record<string, string> = {}, ...args: string[]) {
  return startTestHost({
    app: 'queues',
    args,
    env: { AzureWebJobsStorage: storage, OtherStorage: storage, SLOW_QUEUE: 'slow', ...env },
  });
}

describe('storage queues of the local host', () => {
  let storage: string;
  let otherStorage: string;
  let host: TestHost;
  beforeAll(async () => {
    [storage, otherStorage] = [await freshStorage(), await freshStorage()];
    host = await start(storage, { OtherStorage: otherStorage });
  });
  afterAll(() => host.child.stop());

  it('exist when the host says that it is ready', async () => {
    expect(await queueOf(storage, 'good').exists()).toBe(true);
    expect(await queueOf(otherStorage, 'elsewhere').exists()).toBe(true);
  });

  it('hand over a message once, with its count, and delete it', async () => {
    await queueOf(storage, 'good').sendMessage(base64('{"text":"ü"}'));
    const seen = await atLeast(host, 'good', 1);
    expect(seen).toMatchObject([{ message: { text: 'ü' }, dequeueCount: 1 }]);
    await waitFor(async () => (await countIn(storage, 'good')) === 0);
  });

  it('give a failing message again after the visibility timeout, and at last to the poison queue', async () => {
    await queueOf(storage, 'bad').sendMessage(base64('broken ü'));
    const poison = queueOf(storage, 'bad-poison');
    const [moved] = await waitFor(async () => {
      const { peekedMessageItems } = await poison.peekMessages();
      return peekedMessageItems.length > 0 && peekedMessageItems;
    });
    expect(moved?.messageText).toBe(base64('broken ü'));
    const seen = await seenBy(host, 'bad');
    expect(seen).toMatchObject([
      { message: 'broken ü', dequeueCount: 1 },
      { message: 'broken ü', dequeueCount: 2 },
    ]);
    const [first = 0, second = 0] = seen.map(({ atMs }) => atMs);
    expect(second - first).toBeGreaterThanOrEqual(900);
    await waitFor(async () => (await countIn(storage, 'bad')) === 0);
  });

  it('move a message that is not base64 to the poison queue without running the function', async () => {
    await queueOf(storage, 'elsewhere').createIfNotExists();
    await queueOf(otherStorage, 'elsewhere').sendMessage('<not base64>');
    await waitFor(async () => (await countIn(otherStorage, 'elsewhere-poison')) === 1);
    expect(await seenBy(host, 'elsewhere')).toEqual([]);
  });

  it('read the account that the connection of the registration names', async () => {
    await queueOf(otherStorage, 'elsewhere').sendMessage(base64('other account'));
    expect(await atLeast(host, 'elsewhere', 1)).toMatchObject([{ message: 'other account' }]);
  });

  it('receive what a function puts into its output, an array as one message each', async () => {
    const before = (await seenBy(host, 'good')).length;
    const answer = await fetch(`${host.url}/enqueue`, { method: 'POST', body: '["one",{"two":2}]' });
    expect(answer.status).toBe(202);
    const seen = await atLeast(host, 'good', before + 2);
    const messages = seen.slice(before).map(({ message }) => message);
    expect(messages).toEqual(expect.arrayContaining(['one', { two: 2 }]));
  });

  it('run a function by hand with the text that is given', async () => {
    expect(await fire(host, 'slow', '{"by":"hand"}')).toBe(202);
    expect(await atLeast(host, 'slow', 1)).toMatchObject([{ message: { by: 'hand' } }]);
  });
});

describe('a message under work', () => {
  it('stays hidden for longer than its lock, because the lock is renewed', async () => {
    const storage = await freshStorage();
    const host = await start(storage, { SLOW_MS: '3500' }, '--queue-lock', '2');
    await queueOf(storage, 'slow').sendMessage(base64('long work'));
    await waitFor(() => host.lines.some((line) => line.includes('succeeded function=slow')));
    await waitFor(async () => (await countIn(storage, 'slow')) === 0);
    expect(await seenBy(host, 'slow')).toMatchObject([{ dequeueCount: 1 }]);
    await host.child.stop();
  });

  it('comes back after its host was killed', async () => {
    const storage = await freshStorage();
    const killed = await start(storage, { SLOW_MS: '60000' }, '--queue-lock', '2');
    await queueOf(storage, 'slow').sendMessage(base64('survivor'));
    await atLeast(killed, 'slow', 1);
    await killed.child.stop('SIGKILL');

    const next = await start(storage);
    expect(await atLeast(next, 'slow', 1)).toMatchObject([{ message: 'survivor', dequeueCount: 2 }]);
    await next.child.stop();
  });

  it('is finished before a host that was asked to stop ends', async () => {
    const storage = await freshStorage();
    const host = await start(storage, { SLOW_MS: '400' });
    await queueOf(storage, 'slow').sendMessage(base64('last work'));
    await atLeast(host, 'slow', 1);
    await host.child.stop();
    expect(await host.child.exited).toEqual({ code: 0, signal: null });
    expect(await countIn(storage, 'slow')).toBe(0);
  });

  it('counts as failed when it outlasts functionTimeout', async () => {
    const storage = await freshStorage();
    const host = await start(storage, {
      SLOW_MS: '60000',
      AzureFunctionsJobHost__functionTimeout: '00:00:00.2',
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: '1',
    });
    await queueOf(storage, 'slow').sendMessage(base64('too long'));
    await waitFor(async () => (await countIn(storage, 'slow-poison')) === 1);
    expect(host.lines.some((line) => line.includes('ran longer than functionTimeout (200 ms)'))).toBe(true);
    await host.child.stop('SIGKILL');
  });
});

describe('queue settings of host.json', () => {
  const mostRunning = async (settings: Record<string, string>) => {
    const storage = await freshStorage();
    await queueOf(storage, 'many').create();
    for (const text of ['1', '2', '3', '4', '5', '6'])
      await queueOf(storage, 'many').sendMessage(base64(text));
    const env: Record<string, string> = { SLOW_MS: '150', SLOW_QUEUE: 'many' };
    for (const [name, value] of Object.entries(settings)) {
      env[`AzureFunctionsJobHost__extensions__queues__${name}`] = value;
    }
    const host = await start(storage, env);
    await waitFor(async () => (await countIn(storage, 'many')) === 0);
    const read = (await host.json('/seen')) as { seen: Seen[]; mostRunning: number };
    await host.child.stop();
    expect(read.seen).toHaveLength(6);
    return read.mostRunning;
  };

  it('batchSize and newBatchThreshold bound how many messages are under work', async () => {
    expect(await mostRunning({ batchSize: '1', newBatchThreshold: '0' })).toBe(1);
    expect(await mostRunning({ batchSize: '2', newBatchThreshold: '1' })).toBeLessThanOrEqual(3);
    expect(await mostRunning({ batchSize: '16' })).toBe(6);
  });

  it('messageEncoding "none" takes and gives plain text', async () => {
    const storage = await freshStorage();
    const host = await start(storage, {
      AzureFunctionsJobHost__extensions__queues__messageEncoding: 'none',
    });
    await queueOf(storage, 'good').sendMessage('plain <text>');
    expect(await atLeast(host, 'good', 1)).toMatchObject([{ message: 'plain <text>' }]);
    await fetch(`${host.url}/enqueue`, { method: 'POST', body: '"from output"' });
    expect(await atLeast(host, 'good', 2)).toMatchObject([{}, { message: 'from output' }]);
    await host.child.stop();
  });
});
