import { AppError } from '../../../../src/errors.ts';
import type { RuleDefinition } from '../../../../src/rules/rule.ts';
import { createDrain } from '../../../../src/rules/watch/drain.ts';
import type { DrainMessage } from '../../../../src/rules/watch/drain-message.ts';
import { createWatchStore, watchName } from '../../../../src/rules/watch/watch-store.ts';
import { freshStorage } from '../../../support/storage.ts';
import { type FeedFile, scriptedFeed } from '../feed.ts';
import { operationStage, ruleOf, storageOf } from '../stage.ts';

const connectionString = await freshStorage();
const start = Date.UTC(2026, 10, 24, 12);
const appId = '11111111-2222-4333-8444-555555555555';
let made = 0;

/** A drive of its own, watched from its first moment for one rule. */
async function watched(given: Record<string, unknown> = {}) {
  made += 1;
  const driveId = 'drive-1';
  const connection = `connection-${made}`;
  const time = { now: start };
  const stage = operationStage(connectionString, time);
  const storage = storageOf(connectionString, () => time.now);
  const watches = createWatchStore(storage);
  const feed = scriptedFeed();
  const drains: (DrainMessage & { delaySeconds: number })[] = [];
  const deps = {
    ...stage,
    watches,
    operations: stage.queue,
    drains: {
      name: 'drains',
      send: async (message: DrainMessage, options?: { delaySeconds?: number }) =>
        void drains.push({ ...message, delaySeconds: options?.delaySeconds ?? 0 }),
      parse: () => {
        throw new Error('nothing is received here');
      },
    },
    graphFor: feed.graphFor,
    leases: storage.leases,
    appId,
  };
  const drain = createDrain(deps);
  const order = { kind: 'drain' as const, driveId, connection };
  const save = (more: Record<string, unknown> = {}): Promise<unknown> => {
    const definition: RuleDefinition = ruleOf({ name: `rule-${made}`, connection, ...given, ...more });
    return stage.rules.put(definition, { id: driveId, name: 'Documents' }, 'admin');
  };
  await save();
  const link = `https://graph.test/v1.0/drives/${driveId}/root/delta?at=0`;
  await watches.insert({ driveId, connection, link, asOf: start, readAt: start });
  time.now += 60_000;

  const operations = async () => {
    const found = [];
    for await (const one of stage.journal.list({ rule: `rule-${made}` })) found.push(one);
    return found;
  };
  return {
    ...stage,
    deps,
    time,
    watches,
    feed,
    drains,
    drain,
    order,
    save,
    operations,
    rule: `rule-${made}`,
    lease: () => storage.leases.take(`drain-${watchName(order)}`, 30),
    changed: (file: FeedFile) => feed.changed({ created: time.now, ...file }),
    watch: async () => (await watches.get(order))?.value,
    sentIds: () => stage.sent.map(({ id }) => id),
  };
}

describe('a drain', () => {
  it('turns a new file that fits into one operation, and remembers the place', async () => {
    const { drain, order, changed, operations, sentIds, watch, feed } = await watched();
    changed({ id: 'a', name: 'Offer.docx' });
    changed({ id: 'b', name: 'Offer.pdf' });
    changed({ id: 'c', name: 'Elsewhere.docx', folder: '/Other' });
    feed.deleted('d');
    await drain(order);
    const [operation, ...more] = await operations();
    expect(more).toEqual([]);
    expect(operation).toMatchObject({ name: 'Offer.docx', folder: '/Inbox', state: 'planned' });
    expect(operation?.steps.map(({ words }) => words)).toEqual(['move to /Filed/2026']);
    expect(sentIds()).toEqual([operation?.id]);
    expect((await watch())?.link).toContain('at=4');
  });

  it('reads all pages and lets the last entry of an id count', async () => {
    const { drain, order, changed, operations, feed } = await watched();
    feed.pagesOf(1);
    changed({ id: 'a', name: 'download.tmp' });
    changed({ id: 'a', name: 'Offer.docx', eTag: '"2"' });
    changed({ id: 'b', name: 'Other.docx' });
    changed({ id: 'b', name: 'Other.tmp', eTag: '"2"' });
    await drain(order);
    expect((await operations()).map(({ name }) => name)).toEqual(['Offer.docx']);
  });

  it('does nothing twice when it dies before the place is saved', async () => {
    const { drain, deps, order, changed, operations, watches } = await watched();
    changed({ id: 'a', name: 'Offer.docx' });
    const dying = createDrain({
      ...deps,
      watches: { ...watches, save: () => Promise.reject(new Error('killed')) },
    });
    await expect(dying(order)).rejects.toThrow('killed');
    await drain(order);
    expect(await operations()).toHaveLength(1);
  });

  it('sends the message again when it died between writing the operation and sending it', async () => {
    const { drain, deps, order, changed, operations, sentIds } = await watched();
    changed({ id: 'a', name: 'Offer.docx' });
    const send = () => Promise.reject(new Error('killed'));
    const dying = createDrain({ ...deps, operations: { ...deps.operations, send } });
    await expect(dying(order)).rejects.toThrow('killed');
    expect(sentIds()).toEqual([]);
    await drain(order);
    expect(sentIds()).toEqual([(await operations())[0]?.id]);
  });

  it('ignores files that were there before the rule', async () => {
    const { drain, order, feed, operations } = await watched();
    feed.changed({ id: 'a', name: 'Old.docx', created: start - 3_600_000 });
    await drain(order);
    expect(await operations()).toEqual([]);
  });

  it('does not run after the write of its own rule', async () => {
    const { drain, order, changed, operations, memory, rule } = await watched({
      when: { event: 'changed', folder: '/Inbox' },
    });
    await memory.addEcho({ rule, driveId: 'drive-1', itemId: 'echo', eTag: '"7"' });
    changed({ id: 'echo', name: 'Offer.docx', eTag: '"7"' });
    await drain(order);
    expect(await operations()).toEqual([]);
    changed({ id: 'echo', name: 'Offer.docx', eTag: '"8"' });
    await drain(order);
    expect(await operations()).toHaveLength(1);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])(
    'with reactToSelf %s meets %i files that this app changed without a person',
    async (reactToSelf, count) => {
      const when = { event: 'changed', folder: '/Inbox' };
      const { drain, order, changed, operations } = await watched({ when, reactToSelf });
      changed({ id: `own-${count}`, name: 'a.docx', by: { application: { id: appId } } });
      await drain(order);
      expect(await operations()).toHaveLength(count);
    },
  );

  it('takes a new file for the result of a rule where rules put copies and this app wrote it', async () => {
    const { drain, order, changed, operations, save, rules } = await watched();
    const { connection } = order;
    const copies = ruleOf({
      name: `copies-${made}`,
      connection,
      when: { event: 'created', folder: '/In' },
      actions: [{ copy: { to: '/Inbox' } }],
    });
    await rules.put(copies, { id: 'drive-1', name: 'Documents' }, 'admin');
    const byApp = { user: { id: 'somebody' }, application: { id: appId } };
    changed({ id: 'copied', name: 'copied.docx', by: byApp });
    changed({ id: 'uploaded', name: 'uploaded.docx' });
    await drain(order);
    expect((await operations()).map(({ name }) => name)).toEqual(['uploaded.docx']);
    await save({ reactToSelf: true });
    changed({ id: 'copied-2', name: 'copied-2.docx', by: byApp });
    await drain(order);
    expect((await operations()).map(({ name }) => name)).toContain('copied-2.docx');
  });

  it('leaves a file alone that is where the rule wants it', async () => {
    const { drain, order, changed, operations } = await watched({
      when: { event: 'changed', folder: '/', subfolders: true },
      actions: [{ rename: { to: 'report.docx' } }],
    });
    changed({ id: 'same', name: 'report.docx' });
    await drain(order);
    expect(await operations()).toEqual([]);
  });

  it('puts a file into quarantine that fires for the fourth time within ten minutes', async () => {
    const { drain, order, changed, operations } = await watched({
      when: { event: 'changed', folder: '/Inbox' },
    });
    for (let i = 1; i <= 5; i += 1) {
      changed({ id: 'busy', name: 'Offer.docx', eTag: `"${i}"` });
      await drain(order);
    }
    const states = (await operations()).map(({ state, problem }) => problem?.code ?? state);
    expect(states.toSorted()).toEqual(['planned', 'planned', 'planned', 'quarantined']);
  });

  it('holds a rule that meets more files than it may, does nothing, and goes on once it is saved again', async () => {
    const { drain, order, changed, operations, rules, rule, save } = await watched({ bulkLimit: 3 });
    for (let i = 0; i < 4; i += 1) changed({ id: `many-${i}`, name: `${i}.docx` });
    await drain(order);
    expect(await operations()).toEqual([]);
    expect((await rules.get(rule))?.held).toMatchObject({ code: 'bulk_stop' });
    await save();
    expect((await rules.get(rule))?.held).toBeUndefined();
  });

  it('counts a flood that takes several readings as one', async () => {
    const { order, changed, operations, rules, rule, deps, time, drains, feed } = await watched({
      bulkLimit: 3,
    });
    feed.pagesOf(1);
    for (let i = 0; i < 5; i += 1) changed({ id: `slow-${i}`, name: `${i}.docx` });
    // Each page takes longer than one message may read.
    const clock = () => {
      time.now += 61_000;
      return time.now;
    };
    const leases = {
      take: async () => ({ fence: 1, renew: async () => true, release: async () => undefined }),
    };
    const slow = createDrain({ ...deps, leases, ports: { ...deps.ports, clock } });
    await slow(order);
    for (let i = 0; i < 3; i += 1) await slow(order);
    expect(drains).toHaveLength(4);
    expect((await rules.get(rule))?.held?.message).toContain('met 4 files');
    expect(await operations()).toHaveLength(3);
  });

  it('holds a rule for changes that meets more than a fifth of a folder', async () => {
    const { drain, order, changed, operations, rules, rule } = await watched({
      when: { event: 'changed', folder: '/Inbox' },
    });
    for (let i = 0; i < 25; i += 1) changed({ id: `share-${i}`, name: `${i}.docx` });
    await drain(order);
    expect(await operations()).toEqual([]);
    expect((await rules.get(rule))?.held?.message).toContain('25 of the 50');
  });

  it('goes on from now when Graph has lost the place, mute for what it missed', async () => {
    const { drain, order, changed, operations, feed, watch } = await watched();
    changed({ id: 'missed', name: 'Offer.docx' });
    feed.losePlace(new AppError('resync_required', 'Lost.'));
    await drain(order);
    expect(await watch()).toMatchObject({ resyncedAt: expect.any(Number) });
    changed({ id: 'next', name: 'Next.docx' });
    await drain(order);
    expect((await operations()).map(({ name }) => name)).toEqual(['Next.docx']);
  });

  it('waits as long as Graph asks when it is throttled, and writes down why', async () => {
    const { drain, order, feed, drains, watch } = await watched();
    feed.failWith(new AppError('throttled', 'Slow down.', { retryable: true, retryAfter: 77 }));
    await drain(order);
    expect(drains).toEqual([{ ...order, delaySeconds: 77 }]);
    expect((await watch())?.problem).toMatchObject({ code: 'throttled' });
    feed.failWith(undefined);
    await drain(order);
    expect((await watch())?.problem).toBeUndefined();
  });

  it('comes back later while another process reads the same drive', async () => {
    const { drain, order, drains, lease } = await watched();
    const held = await lease();
    await drain({ ...order, tapped: true });
    expect(drains).toMatchObject([{ kind: 'drain', tapped: true, delaySeconds: 2 }]);
    await held?.release();
  });

  it('looks three times more when it was told of a change and finds none', async () => {
    const { drain, order, drains } = await watched();
    await drain({ ...order, tapped: true });
    for (let i = 0; i < 3; i += 1) {
      const again = drains.at(-1);
      if (again?.kind === 'drain') await drain(again);
    }
    expect(drains.map(({ delaySeconds }) => delaySeconds)).toEqual([5, 30, 120]);
  });

  it('ends when no rule is left', async () => {
    const { drain, order, rules, rule, watch } = await watched();
    await rules.remove(rule);
    await drain(order);
    expect(await watch()).toBeUndefined();
  });
});
