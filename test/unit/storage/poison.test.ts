import { createStorageClients } from '../../../src/storage/clients.ts';
import { createPoison } from '../../../src/storage/poison.ts';
import { freshStorage } from '../../support/storage.ts';

async function stage() {
  const connectionString = await freshStorage();
  const clients = createStorageClients({ kind: 'connectionString', connectionString }, () => {
    throw new Error('a connection string needs no identity');
  });
  const setAside = async (name: string, message: unknown) => {
    const queue = await clients.queue(`${name}-poison`);
    await queue.sendMessage(Buffer.from(JSON.stringify(message)).toString('base64'));
  };
  const waiting = async (name: string) => {
    const { receivedMessageItems } = await (await clients.queue(name)).receiveMessages({
      numberOfMessages: 32,
    });
    return receivedMessageItems.map(({ messageText }) =>
      JSON.parse(Buffer.from(messageText, 'base64').toString('utf8')),
    );
  };
  return { poison: createPoison(clients), setAside, waiting };
}

describe('messages that were set aside', () => {
  it('are listed with their queue and text, and stay where they are', async () => {
    const { poison, setAside } = await stage();
    await setAside('operations', { id: 'op_1' });
    await setAside('runs', { id: 'run_1' });
    const found = await poison.list();
    expect(found.map(({ queue, text }) => [queue, text])).toEqual([
      ['runs', '{"id":"run_1"}'],
      ['operations', '{"id":"op_1"}'],
    ]);
    expect(await poison.list()).toHaveLength(2);
  });

  it('go back to their queue when they are tried again', async () => {
    const { poison, setAside, waiting } = await stage();
    for (let i = 0; i < 40; i += 1) await setAside('drains', { i });
    expect(await poison.retry('drains')).toBe(40);
    expect(await poison.list()).toEqual([]);
    expect(await waiting('drains')).toHaveLength(32);
  });

  it('can be tried again one by one', async () => {
    const { poison, setAside, waiting } = await stage();
    for (const id of ['a', 'b', 'c']) await setAside('operations', { id });
    const second = (await poison.list())[1]?.id ?? '';
    expect(await poison.retry('operations', [second])).toBe(1);
    expect(await waiting('operations')).toEqual([{ id: 'b' }]);
    expect((await poison.list()).map(({ text }) => text).toSorted()).toEqual(['{"id":"a"}', '{"id":"c"}']);
    expect(await poison.retry('operations', ['unknown'])).toBe(0);
  });
});
