import { AppError } from '../../../../src/errors.ts';
import type { ItemFacts } from '../../../../src/rules/item-facts.ts';
import { operationLeaseMs } from '../../../../src/rules/operate/hold.ts';
import { createOperate } from '../../../../src/rules/operate/operate.ts';
import { planSteps } from '../../../../src/rules/plan-steps.ts';
import type { RuleDefinition } from '../../../../src/rules/rule.ts';
import { withStoppedIntervals } from '../../../support/stopped-intervals.ts';
import { freshStorage } from '../../../support/storage.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { itemOf, memoryDrive, nextTag, operationStage, ruleOf } from '../stage.ts';

const connectionString = await freshStorage();
const time = { now: Date.UTC(2026, 10, 24, 12) };
const stage = operationStage(connectionString, time);
let made = 0;

/** A saved rule, a file for it, and the planned operation. */
async function planned(given: Record<string, unknown> = {}, file: Partial<ItemFacts> = {}) {
  made += 1;
  const item = itemOf({ id: `item-${made}`, ...file });
  const definition: RuleDefinition = ruleOf({ name: `rule-${made}`, ...given });
  const { rule } = await stage.rules.put(definition, { id: 'drive-1', name: 'Documents' }, 'admin');
  const { operation } = await stage.journal.plan({
    rule: definition.name,
    ruleVersion: rule.version,
    connection: 'contoso',
    driveId: 'drive-1',
    itemId: item.id,
    eTag: item.eTag,
    name: item.name,
    folder: item.folder,
    steps: planSteps(definition.actions, item).steps.map((step) => ({ ...step, state: 'planned' as const })),
  });
  const drive = memoryDrive([item]);
  const operate = createOperate({ ...stage, graphFor: noGraph, writerFor: async () => drive.writer });
  const state = async () => (await stage.journal.get(operation.id))?.operation;
  return { item, definition, rule, id: operation.id, drive, operate, state };
}

const noGraph = () => Promise.reject(new Error('the drive is in memory'));
const killed = new Error('killed');

describe('an operation', () => {
  it('moves the file, writes down where it was and ends as done', async () => {
    const { id, drive, operate, state } = await planned();
    await operate({ id });
    expect(drive.writes).toEqual(['/Filed/2026/Offer.docx']);
    expect(await state()).toMatchObject({
      state: 'done',
      steps: [{ state: 'done', before: { folder: '/Inbox' }, after: { folder: '/Filed/2026' } }],
    });
    expect((await state())?.steps[0]?.inverse).toEqual({ kind: 'change', parentId: 'id of /Inbox' });
  });

  it('is held for as long as its process works on it', async () => {
    const { id, drive, state } = await planned();
    const leaseUntil = async () => (await state())?.leaseUntil ?? 0;
    await withStoppedIntervals(async (pass) => {
      const read: typeof drive.writer.read = async (itemId) => {
        const before = await leaseUntil();
        time.now += 5_000;
        pass(5_000);
        await waitFor(async () => (await leaseUntil()) > before);
        return drive.writer.read(itemId);
      };
      const writer = { ...drive.writer, read };
      await createOperate({ ...stage, graphFor: noGraph, writerFor: async () => writer })({ id });
    });
    expect(await state()).toMatchObject({ state: 'done' });
    expect(drive.writes).toHaveLength(1);
  });

  it('is done once when its message comes again', async () => {
    const { id, drive, operate } = await planned();
    await operate({ id });
    await operate({ id });
    expect(drive.writes).toHaveLength(1);
  });

  it('is done by one of four that get it at once', async () => {
    const { id, drive, operate, state } = await planned();
    await Promise.all([operate({ id }), operate({ id }), operate({ id }), operate({ id })]);
    expect(drive.writes).toHaveLength(1);
    expect((await state())?.state).toBe('done');
  });

  it('leaves an echo for its rule, so that the rule does not run after its own write', async () => {
    const { id, drive, operate, definition, item } = await planned();
    await operate({ id });
    const eTag = drive.held.get(item.id)?.eTag ?? '';
    const seen = { rule: definition.name, driveId: 'drive-1', itemId: item.id, eTag };
    expect(await stage.memory.isEcho(seen)).toBe(true);
    expect(await stage.memory.isEcho({ ...seen, rule: 'another' })).toBe(false);
  });

  it('is skipped when the file was changed so that the rule no longer fits', async () => {
    const { id, drive, operate, item, state } = await planned();
    drive.held.set(item.id, { ...item, name: 'Offer.pdf', eTag: nextTag(item.eTag) });
    await operate({ id });
    expect(drive.writes).toEqual([]);
    expect(await state()).toMatchObject({ state: 'skipped', problem: { code: 'no_longer_matches' } });
  });

  it('is skipped when the file is gone before it began, and has failed when it is gone in the middle', async () => {
    const early = await planned();
    early.drive.held.delete(early.item.id);
    await early.operate({ id: early.id });
    expect(await early.state()).toMatchObject({ state: 'skipped', problem: { code: 'item_gone' } });

    const late = await planned({ actions: [{ rename: { to: 'x.docx' } }, { move: { to: '/Filed' } }] });
    const { change } = late.drive.writer;
    Object.assign(late.drive.writer, {
      async change(...given: Parameters<typeof change>) {
        const after = await change(...given);
        late.drive.held.delete(late.item.id);
        return after;
      },
    });
    await late.operate({ id: late.id });
    expect(await late.state()).toMatchObject({ state: 'failed', problem: { code: 'item_gone' } });
  });

  it('plans anew when the file was changed and the rule still fits', async () => {
    const { id, drive, operate, item } = await planned({ actions: [{ rename: { to: 'Filed {name}' } }] });
    drive.held.set(item.id, { ...item, name: 'Final.docx', eTag: nextTag(item.eTag) });
    await operate({ id });
    expect(drive.writes).toEqual(['/Inbox/Filed Final.docx']);
  });

  it('asks the rule again when somebody writes between its look and its write', async () => {
    const { id, drive, operate, item, state } = await planned();
    const { folderId } = drive.writer;
    Object.assign(drive.writer, {
      folderId: (folder: string) => {
        drive.held.set(item.id, { ...item, name: 'Offer.pdf', eTag: nextTag(item.eTag) });
        return folderId(folder);
      },
    });
    await operate({ id });
    expect(drive.writes).toEqual([]);
    expect(await state()).toMatchObject({ state: 'skipped', problem: { code: 'no_longer_matches' } });
  });

  it.each(['removed', 'held', 'saved again'])(
    'is skipped when its rule was %s before it began',
    async (what) => {
      const { id, drive, operate, rule, definition, state } = await planned();
      if (what === 'removed') await stage.rules.remove(definition.name);
      if (what === 'held') await stage.rules.hold(rule, { code: 'bulk_stop', message: 'too many' });
      if (what === 'saved again') {
        const next = ruleOf({ ...definition, bulkLimit: 5 });
        await stage.rules.put(next, { id: 'drive-1', name: 'Documents' }, 'admin');
      }
      await operate({ id });
      expect(drive.writes).toEqual([]);
      expect(await state()).toMatchObject({ state: 'skipped', problem: { code: 'rule_changed' } });
    },
  );

  it('waits five minutes for a locked file, and fails after the last try', async () => {
    const { id, drive, operate, state } = await planned();
    Object.assign(drive.writer, {
      change: () => Promise.reject(new AppError('locked', 'It is open.', { retryable: true })),
    });
    await operate({ id });
    expect(await state()).toMatchObject({ state: 'planned', attempts: 1, problem: { code: 'locked' } });
    expect(stage.sent.at(-1)).toEqual({ id, delaySeconds: 300 });
    for (const minutes of [5, 15, 60]) {
      time.now += minutes * 60_000;
      await operate({ id });
    }
    expect(await state()).toMatchObject({ state: 'failed', attempts: 4, problem: { code: 'locked' } });
  });

  it('is left alone while it waits for its next try', async () => {
    const { id, drive, operate, state } = await planned();
    const { change } = drive.writer;
    Object.assign(drive.writer, { change: () => Promise.reject(new AppError('locked', 'It is open.')) });
    await operate({ id });
    Object.assign(drive.writer, { change });
    await operate({ id });
    expect(drive.writes).toEqual([]);
    expect((await state())?.state).toBe('planned');
  });
});

describe('a process that is killed in the middle of an operation of two steps', () => {
  const actions = [{ rename: { to: 'Filed {name}' } }, { move: { to: '/Filed/{yyyy}' } }];

  /** Runs until the `at`-th thing that leaves the process (a write to the journal, to the drive or an echo) and dies there. */
  async function runAndDie(at: number, when: 'before' | 'after') {
    const one = await planned({ actions });
    let count = 0;
    const dying =
      <A extends unknown[], R>(work: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        count += 1;
        if (count > at) return new Promise<R>(() => undefined);
        if (count === at && when === 'before') throw killed;
        const result = await work(...given);
        if (count === at) throw killed;
        return result;
      };
    const { journal, memory } = stage;
    const deadly = createOperate({
      ...stage,
      journal: { ...journal, save: dying(journal.save) },
      memory: { ...memory, addEcho: dying(memory.addEcho) },
      graphFor: noGraph,
      writerFor: async () => ({ ...one.drive.writer, change: dying(one.drive.writer.change) }),
    });
    // A kill runs no handler: what the process would have written about its failure stays away.
    await Promise.race([deadly({ id: one.id }), died(() => count >= at)]);
    return one;
  }

  async function died(dead: () => boolean): Promise<void> {
    while (!dead()) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  const points = Array.from({ length: 8 }, (_, i) => i + 1);
  const cases = points.flatMap((at) => [[at, 'before'] as const, [at, 'after'] as const]);

  it.each(cases)('at point %i, %s it, has the work finished once after the restart', async (at, when) => {
    const { id, drive, operate, state } = await runAndDie(at, when);
    const early = (await state())?.state;
    if (early === 'acting') {
      await operate({ id });
      expect((await state())?.state).toBe('acting');
      expect(stage.sent.at(-1)?.id).toBe(id);
    }
    time.now += operationLeaseMs;
    await operate({ id });
    expect((await state())?.state).toBe('done');
    expect(drive.writes).toEqual(['/Inbox/Filed Offer.docx', '/Filed/2026/Filed Offer.docx']);
    expect((await state())?.steps.map(({ inverse }) => inverse)).toEqual([
      { kind: 'change', name: 'Offer.docx' },
      { kind: 'change', parentId: 'id of /Inbox' },
    ]);
  });
});
