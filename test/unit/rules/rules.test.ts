import { AppError } from '../../../src/errors.ts';
import { createRules } from '../../../src/rules/rules.ts';
import { type DrainMessage, drainMessage } from '../../../src/rules/watch/drain-message.ts';
import { freshStorage } from '../../support/storage.ts';
import { scriptedFeed } from './feed.ts';
import { portsAt, ruleOf, storageOf } from './stage.ts';

const start = Date.UTC(2026, 10, 24, 12);

async function stage() {
  const time = { now: start };
  const connectionString = await freshStorage();
  const storage = storageOf(connectionString, () => time.now);
  const sent: { queue: string; message: unknown }[] = [];
  const subscription = (expirationDateTime: string) => ({ id: 'sub-1', expirationDateTime });
  const feed = scriptedFeed(({ path, body }) =>
    path.startsWith('/subscriptions')
      ? { body: subscription((body as { expirationDateTime: string } | undefined)?.expirationDateTime ?? '') }
      : undefined,
  );
  const rules = createRules({
    storage: {
      ...storage,
      queue: (name, schema) => ({
        ...storage.queue(name, schema),
        send: async (message) => void sent.push({ queue: name, message }),
      }),
    },
    graphFor: feed.graphFor,
    ports: portsAt(time),
    config: { notificationUrl: 'https://valet.example', entra: { clientId: 'app' } },
  });
  const drainsSent = () =>
    sent
      .filter(({ queue }) => queue === 'drains')
      .map(({ message }): DrainMessage => drainMessage.parse(message));
  /** Works on every message that waits, and on what follows from it. */
  async function work() {
    for (let next = sent.shift(); next; next = sent.shift()) {
      if (next.queue === 'drains') await rules.drain(next.message);
      else await rules.operate(next.message);
    }
  }
  return { rules, feed, sent, drainsSent, time, work };
}

describe('a rule that is saved', () => {
  it('watches the drive from that moment and asks for a subscription', async () => {
    const { rules, drainsSent, work } = await stage();
    const { created, rule } = await rules.put(ruleOf(), 'admin');
    expect(created).toBe(true);
    expect(rule).toMatchObject({ driveId: 'drive-1', driveName: 'Documents', armedAt: start });
    expect(await rules.watches()).toMatchObject([{ driveId: 'drive-1', connection: 'contoso', asOf: start }]);
    expect(drainsSent()).toEqual([{ kind: 'subscribe', driveId: 'drive-1' }]);
    await work();
    expect(await rules.subscriptions()).toMatchObject([{ state: 'active', id: 'sub-1' }]);
    expect((await rules.views())[0]).toMatchObject({
      name: 'file-documents',
      target: 'Documents',
      watching: { by: 'notification' },
      actions: [{ verb: 'move', to: '/Filed/{yyyy}' }],
      operations: [],
    });
  });

  it('stays the same version when it says the same again', async () => {
    const { rules, time } = await stage();
    const first = await rules.put(ruleOf(), 'admin');
    time.now += 60_000;
    expect(await rules.put(ruleOf(), 'admin')).toEqual({ ...first, created: false });
    const other = await rules.put(ruleOf({ bulkLimit: 7 }), 'admin');
    expect(other.rule.version).toBeGreaterThan(first.rule.version);
    expect(other.rule.armedAt).toBe(time.now);
  });

  it('gets a version that was never used when a rule of its name was removed', async () => {
    const { rules, time } = await stage();
    const first = await rules.put(ruleOf(), 'admin');
    await rules.remove('file-documents');
    time.now += 2_000;
    const second = await rules.put(ruleOf(), 'admin');
    expect(second.rule.version).toBeGreaterThan(first.rule.version);
  });

  it('is refused when it would meet its own results, with the place that is wrong', async () => {
    const { rules } = await stage();
    const loop = ruleOf({
      when: { event: 'created', folder: '/Inbox', subfolders: true },
      actions: [{ move: { to: '/Inbox/Done' } }],
    });
    await expect(rules.put(loop, 'admin')).rejects.toMatchObject({
      code: 'invalid_request',
      details: { problems: [{ path: 'actions.0.move.to' }] },
    });
    expect(await rules.list()).toEqual([]);
  });

  it('is refused when its connection cannot read the drive', async () => {
    const { rules, feed } = await stage();
    feed.failWith(new AppError('forbidden', 'No.'));
    await expect(rules.put(ruleOf(), 'admin')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await rules.list()).toEqual([]);
  });
});

describe('the view of a rule', () => {
  it('names what keeps its drive from being read, but not what passes by itself', async () => {
    const { rules, feed, work } = await stage();
    await rules.put(ruleOf(), 'admin');
    await work();
    const drain = () => rules.drain({ kind: 'drain', driveId: 'drive-1', connection: 'contoso' });
    feed.failWith(new AppError('throttled', 'Slow down.', { retryable: true }));
    await drain();
    expect((await rules.views())[0]?.problem).toBeUndefined();
    feed.failWith(new AppError('reauth_required', 'Connect it again.'));
    await drain();
    expect((await rules.views())[0]?.problem).toEqual({
      code: 'reauth_required',
      message: 'Connect it again.',
    });
    feed.failWith(undefined);
    await drain();
    expect((await rules.views())[0]?.problem).toBeUndefined();
  });
});

describe('the patrol', () => {
  it('reads a drive of which nothing was heard for an hour', async () => {
    const { rules, time, work, drainsSent } = await stage();
    await rules.put(ruleOf(), 'admin');
    await work();
    time.now += 30 * 60_000;
    await rules.ensureSubscriptions();
    expect(drainsSent()).toEqual([]);
    time.now += 31 * 60_000;
    await rules.ensureSubscriptions();
    expect(drainsSent()).toMatchObject([{ kind: 'drain', driveId: 'drive-1' }]);
  });

  it('finds a change of which Microsoft did not tell', async () => {
    const { rules, time, work, feed } = await stage();
    await rules.put(ruleOf(), 'admin');
    await work();
    time.now += 61 * 60_000;
    feed.changed({ id: 'a', name: 'Offer.docx', created: time.now });
    await rules.ensureSubscriptions();
    await work();
    expect(await rules.operations()).toMatchObject([{ name: 'Offer.docx' }]);
  });

  it('watches again where the place in the feed was lost from storage', async () => {
    const { rules, work } = await stage();
    await rules.put(ruleOf({ enabled: false }), 'admin');
    await rules.drain({ kind: 'drain', driveId: 'drive-1', connection: 'contoso' });
    expect(await rules.watches()).toEqual([]);
    await rules.put(ruleOf(), 'admin');
    await work();
    await rules.ensureSubscriptions();
    expect(await rules.watches()).toHaveLength(1);
  });

  it('sends the message of an operation again that nobody touched for ten minutes', async () => {
    const { rules, time, work, feed, sent } = await stage();
    await rules.put(ruleOf(), 'admin');
    await work();
    feed.changed({ id: 'a', name: 'Offer.docx', created: time.now });
    await rules.drain({ kind: 'drain', driveId: 'drive-1', connection: 'contoso' });
    const lost = sent.splice(0);
    expect(lost).toHaveLength(1);
    time.now += 11 * 60_000;
    await rules.ensureSubscriptions();
    expect(sent.filter(({ queue }) => queue === 'operations')).toEqual(lost);
  });

  it('ends the subscription of a drive that no rule watches any more', async () => {
    const { rules, work, feed } = await stage();
    await rules.put(ruleOf(), 'admin');
    await work();
    await rules.remove('file-documents');
    await rules.ensureSubscriptions();
    expect(feed.asked.at(-1)).toBe('DELETE /subscriptions/sub-1');
    expect(await rules.subscriptions()).toEqual([]);
  });
});
