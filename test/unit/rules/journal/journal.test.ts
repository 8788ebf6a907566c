import type { NewOperation } from '../../../../src/rules/journal/journal.ts';
import type { Operation } from '../../../../src/rules/journal/operation.ts';
import { freshStorage } from '../../../support/storage.ts';
import { operationStage } from '../stage.ts';

const time = { now: Date.UTC(2026, 10, 24, 12) };
const { journal } = operationStage(await freshStorage(), time);

function wanted(rule: string, itemId: string, more: Partial<NewOperation> = {}): NewOperation {
  return {
    rule,
    ruleVersion: 1,
    connection: 'contoso',
    driveId: 'drive-1',
    itemId,
    eTag: '"1"',
    name: `${itemId}.docx`,
    folder: '/Inbox',
    steps: [],
    ...more,
  };
}

async function names(filter: Parameters<typeof journal.list>[0]): Promise<string[]> {
  const found: string[] = [];
  for await (const { itemId } of journal.list(filter)) found.push(itemId);
  return found;
}

describe('the journal', () => {
  it('keeps one operation for each state of a file and version of a rule', async () => {
    const first = await journal.plan(wanted('once', 'a'));
    const again = await journal.plan(wanted('once', 'a'));
    expect([first.isNew, again.isNew]).toEqual([true, false]);
    expect(again.operation.id).toBe(first.operation.id);
    expect((await journal.plan(wanted('once', 'a', { eTag: '"2"' }))).isNew).toBe(true);
    expect((await journal.plan(wanted('once', 'a', { ruleVersion: 2 }))).isNew).toBe(true);
  });

  it('writes one of ten that are planned at once', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => journal.plan(wanted('race', 'a'))));
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(made.map(({ operation }) => operation.id)).size).toBe(1);
  });

  it('lists the newest first, of all rules or of one, and goes on after any of them', async () => {
    for (let i = 0; i < 40; i += 1) {
      time.now += 1_000;
      await journal.plan(wanted(i % 2 === 0 ? 'even' : 'odd', `i${i}`));
    }
    expect(await names({ limit: 3 })).toEqual(['i39', 'i38', 'i37']);
    expect(await names({ rule: 'even', limit: 3 })).toEqual(['i38', 'i36', 'i34']);
    expect(await names({ rule: 'even' })).toHaveLength(20);
    const page: Operation[] = [];
    for await (const one of journal.list({ rule: 'even', limit: 2 })) page.push(one);
    const [, second] = page;
    expect(await names({ rule: 'even', limit: 2, after: second?.id })).toEqual(['i34', 'i32']);
    expect(await names({ limit: 1, after: second?.id })).toEqual(['i35']);
    expect(await names({ rule: 'nobody' })).toEqual([]);
  });

  it('lists by state', async () => {
    const { operation } = await journal.plan(wanted('states', 'a'));
    await journal.plan(wanted('states', 'b', { state: 'skipped' }));
    expect(await names({ rule: 'states', state: 'skipped' })).toEqual(['b']);
    expect(await names({ rule: 'states', state: operation.state })).toEqual(['a']);
  });

  it('knows which open operations nobody touched for some time', async () => {
    const { operation } = await journal.plan(wanted('stale', 'a'));
    await journal.plan(wanted('stale', 'b', { state: 'failed' }));
    const stale = async () => {
      const found: string[] = [];
      for await (const one of journal.stale(60_000)) if (one.rule === 'stale') found.push(one.itemId);
      return found;
    };
    expect(await stale()).toEqual([]);
    time.now += 61_000;
    expect(await stale()).toEqual(['a']);
    const held = await journal.get(operation.id);
    if (held) await journal.save(held, { ...held.operation, state: 'done' });
    expect(await stale()).toEqual([]);
  });

  it('refuses the write of somebody who read an older state', async () => {
    const { operation } = await journal.plan(wanted('late', 'a'));
    const held = await journal.get(operation.id);
    if (!held) throw new Error('it was planned');
    await journal.save(held, { ...operation, attempts: 1 });
    await expect(journal.save(held, { ...operation, attempts: 2 })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect((await journal.get(operation.id))?.operation.attempts).toBe(1);
  });
});
