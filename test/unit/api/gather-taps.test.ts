import { HttpRequest } from '@azure/functions';
import { createNotificationReceiver } from '../../../src/api/gather-taps.ts';

/** A receiver whose time and waiting the test turns. */
function stage() {
  const time = { now: 1_000_000 };
  const waiting: (() => void)[] = [];
  const receive = createNotificationReceiver(
    () => time.now,
    () => new Promise<void>((resolve) => waiting.push(resolve)),
  );
  const notify = (...entries: Record<string, unknown>[]) =>
    receive(
      new HttpRequest({
        method: 'POST',
        url: 'https://valet.example/notifications',
        body: { string: JSON.stringify({ value: entries }) },
      }),
    );
  const end = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { time, waiting, notify, end };
}

const one = { subscriptionId: 'one', clientState: 'secret' };
const other = { subscriptionId: 'other', clientState: 'secret' };

/** Until what was begun has come as far as it can. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('notifications that come close together', () => {
  it('never keep the first one waiting', async () => {
    const { notify, waiting } = stage();
    expect((await notify(one)).messages).toHaveLength(1);
    expect((await notify(other)).messages).toHaveLength(1);
    expect(waiting).toEqual([]);
  });

  it('become one message, brought by one of them, and all are answered after it is ready', async () => {
    const { notify, end, time } = stage();
    await notify(one);
    time.now += 10;
    const answered: number[] = [];
    const storm = Array.from({ length: 20 }, () =>
      notify(one).then((received) => {
        answered.push(received.messages.length);
        for (const message of received.messages) expect(message).toMatchObject({ kind: 'tap', count: 20 });
        return received.response.status;
      }),
    );
    await settled();
    expect(answered).toEqual([]);
    end();
    expect(new Set(await Promise.all(storm))).toEqual(new Set([202]));
    expect(answered.toSorted()).toEqual([...Array(19).fill(0), 1]);
  });

  it('that come after the message went bring another one', async () => {
    const { notify, end, time } = stage();
    await notify(one);
    const second = notify(one);
    await settled();
    end();
    await second;
    time.now += 10;
    const third = notify(one);
    await settled();
    end();
    expect((await third).messages).toHaveLength(1);
  });

  it('are kept apart by subscription and by secret', async () => {
    const { notify, waiting } = stage();
    await notify(one);
    expect((await notify(other)).messages).toHaveLength(1);
    expect((await notify({ ...one, clientState: 'a guess' })).messages).toHaveLength(1);
    expect(waiting).toEqual([]);
  });

  it('leave lifecycle events as they are', async () => {
    const { notify } = stage();
    const event = { ...one, lifecycleEvent: 'reauthorizationRequired' };
    expect((await notify(event)).messages).toHaveLength(1);
    expect((await notify(event)).messages).toHaveLength(1);
  });

  it('are quick again after a quiet time', async () => {
    const { notify, time, waiting } = stage();
    await notify(one);
    time.now += 200;
    expect((await notify(one)).messages).toHaveLength(1);
    expect(waiting).toEqual([]);
  });
});
