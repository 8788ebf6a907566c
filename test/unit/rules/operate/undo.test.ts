import { AppError } from '../../../../src/errors.ts';
import type { ItemFacts } from '../../../../src/rules/item-facts.ts';
import { createOperate } from '../../../../src/rules/operate/operate.ts';
import { createUndo } from '../../../../src/rules/operate/undo.ts';
import { planSteps } from '../../../../src/rules/plan-steps.ts';
import { freshStorage } from '../../../support/storage.ts';
import { itemOf, memoryDrive, operationStage, ruleOf } from '../stage.ts';

const connectionString = await freshStorage();
const time = { now: Date.UTC(2026, 10, 24, 12) };
const stage = operationStage(connectionString, time);
const noGraph = () => Promise.reject(new Error('the drive is in memory'));
let made = 0;

/** An operation that renamed and moved a file, and the drive as it left it. */
async function done() {
  made += 1;
  const item = itemOf({ id: `item-${made}` });
  const definition = ruleOf({
    name: `rule-${made}`,
    actions: [{ rename: { to: 'Filed {name}' } }, { move: { to: '/Filed/{yyyy}' } }],
  });
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
  const deps = { ...stage, graphFor: noGraph, writerFor: async () => drive.writer };
  await createOperate(deps)({ id: operation.id });
  const now = () => drive.held.get(item.id);
  const change = (next: Partial<ItemFacts>) => {
    const held = now();
    if (held) drive.held.set(item.id, { ...held, ...next });
  };
  return { item, id: operation.id, drive, undo: createUndo(deps), deps, now, change, rule: definition.name };
}

describe('an undo', () => {
  it('takes the steps back, the last one first', async () => {
    const { id, drive, undo, item, now } = await done();
    expect(now()).toMatchObject({ name: 'Filed Offer.docx', folder: '/Filed/2026' });
    const operation = await undo(id, 'admin');
    expect(operation).toMatchObject({ state: 'undone', undo: { by: 'admin' } });
    expect(drive.writes.slice(-2)).toEqual(['/Inbox/Filed Offer.docx', '/Inbox/Offer.docx']);
    expect(now()).toMatchObject({ name: item.name, folder: item.folder });
  });

  it('leaves echoes, so that the rule does not do it all again', async () => {
    const { id, undo, item, now, rule } = await done();
    await undo(id, 'admin');
    const seen = { rule, driveId: 'drive-1', itemId: item.id, eTag: now()?.eTag ?? '' };
    expect(await stage.memory.isEcho(seen)).toBe(true);
  });

  it('changes nothing the second time', async () => {
    const { id, drive, undo } = await done();
    await undo(id, 'admin');
    const before = drive.writes.length;
    expect((await undo(id, 'somebody else')).undo?.by).toBe('admin');
    expect(drive.writes).toHaveLength(before);
  });

  it('goes on where it ended when Graph was in the way', async () => {
    const { id, drive, undo, deps } = await done();
    const { change } = drive.writer;
    let calls = 0;
    const failing = createUndo({
      ...deps,
      writerFor: async () => ({
        ...drive.writer,
        change: (...given: Parameters<typeof change>) => {
          calls += 1;
          return calls === 2 ? Promise.reject(new AppError('throttled', 'Slow down.')) : change(...given);
        },
      }),
    });
    await expect(failing(id, 'admin')).rejects.toMatchObject({ code: 'throttled' });
    expect((await undo(id, 'admin')).state).toBe('undone');
    expect(drive.writes.slice(-2)).toEqual(['/Inbox/Filed Offer.docx', '/Inbox/Offer.docx']);
  });

  it.each([
    ['moved', { folder: '/Elsewhere', parentId: 'id of /Elsewhere' }],
    ['renamed', { name: 'Mine.docx' }],
  ])('touches nothing when somebody %s the file since', async (_, next) => {
    const { id, drive, undo, change } = await done();
    change(next);
    const before = drive.writes.length;
    await expect(undo(id, 'admin')).rejects.toMatchObject({ code: 'conflict' });
    expect(drive.writes).toHaveLength(before);
  });

  it('brings the file back when only its contents were changed since', async () => {
    const { id, undo, change, now } = await done();
    change({ eTag: '"99"' });
    await undo(id, 'admin');
    expect(now()).toMatchObject({ name: 'Offer.docx', folder: '/Inbox' });
  });

  it('is refused while another one is at work, and after its time is over not', async () => {
    const { id, undo, deps } = await done();
    const hanging = createUndo({ ...deps, writerFor: () => new Promise(() => undefined) });
    void hanging(id, 'admin');
    await waitUntilTaken(id);
    await expect(undo(id, 'admin')).rejects.toMatchObject({ code: 'conflict' });
    time.now += 31_000;
    expect((await undo(id, 'admin')).state).toBe('undone');
  });

  it('is refused for an operation that nobody knows', async () => {
    const { undo } = await done();
    await expect(undo('op_000000000-00000000000000000000000000000000', 'admin')).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

async function waitUntilTaken(id: string): Promise<void> {
  while (!(await stage.journal.get(id))?.operation.undo) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
