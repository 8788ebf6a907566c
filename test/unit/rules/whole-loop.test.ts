import type { Operation } from '../../../src/rules/journal/operation.ts';
import type { Rules } from '../../../src/rules/rules.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ruleOf } from './stage.ts';
import { tenantStage } from './tenant-stage.ts';

const stage = await tenantStage();
const { driveId } = stage;
let made = 0;

afterAll(() => stage.stop());

/** A rule on a folder of its own, watched; and the pump that drives its messages. */
async function watched(given: Record<string, unknown> = {}, rules: Rules = stage.process()) {
  made += 1;
  const name = `rule-${made}`;
  const folder = `/In-${made}`;
  const { body: root } = await stage.graph('POST', `/drives/${driveId}/root/children`, {
    name: folder.slice(1),
    folder: {},
  });
  expect(root.id).toBeDefined();
  const definition = ruleOf({
    name,
    target: { kind: 'drive', driveId },
    when: { event: 'created', folder, name: '*.docx' },
    actions: [{ move: { to: `/Out-${made}/{yyyy}` } }],
    ...given,
  });
  await rules.put(definition, 'admin');
  const pump = stage.pumps(rules);
  await waitFor(async () => {
    await pump();
    return (await rules.subscriptions())[0]?.state === 'active';
  });
  // A new subscription is followed by one reading, which would find what a notification should.
  await pump();
  stage.received.length = 0;
  const drop = (file: string, text = 'a document') =>
    stage.graph('PUT', `/drives/${driveId}/root:${folder}/${file}:/content`, text);
  const operations = () => rules.operations({ rule: name });
  const until = (holds: (found: Operation[]) => boolean, timeout = 15_000) =>
    waitFor(
      async () => {
        await pump();
        const found = await operations();
        return holds(found) && found;
      },
      { timeout },
    );
  const out = `/Out-${made}/${new Date().getUTCFullYear()}`;
  const at = async (path: string) => (await stage.graph('GET', `/drives/${driveId}/root:${path}`)).body;
  return { name, folder, out, rules, definition, pump, drop, operations, until, at };
}

const ended = (found: Operation[]) =>
  found.length > 0 && found.every(({ state }) => state !== 'planned' && state !== 'acting');

describe('a change in a drive of the local tenant', () => {
  // The first one: after a notification a drive is looked at again by itself, which would find what was lost.
  it('is found by the patrol when its notification is lost', async () => {
    const { drop, until, operations, pump } = await watched();
    await stage.control('PUT', '/notifications', { lose: 1000 });
    try {
      await drop('Lost.docx');
      for (let i = 0; i < 5; i += 1) await pump();
      expect(await operations()).toEqual([]);
      const later = laterProcess(61 * 60_000);
      await later.ensureSubscriptions();
      await until(ended);
    } finally {
      await stage.control('PUT', '/notifications', { lose: 0 });
    }
  });

  it('ends as a file that was moved once, with its place before in the journal', async () => {
    const { drop, until, at, out, folder } = await watched();
    const { body: file } = await drop('Offer.docx');
    const [operation, ...more] = await until(ended);
    expect(more).toEqual([]);
    expect(operation).toMatchObject({ state: 'done', itemId: file.id, name: 'Offer.docx', folder });
    expect(await at(`${out}/Offer.docx`)).toMatchObject({ id: file.id });
    expect(stage.received.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });

  it('is met once when notifications come five times and the feed repeats pages', async () => {
    await stage.control('PUT', '/notifications', { repeat: 5 });
    await stage.control('PATCH', `/drives/${driveId}`, { emptyPages: 2, repeatPages: 2 });
    const { drop, until, operations, pump } = await watched();
    for (let i = 0; i < 5; i += 1) await drop(`${i}.docx`);
    await until((found) => found.length === 5 && ended(found));
    for (let i = 0; i < 5; i += 1) await pump();
    expect((await operations()).map(({ state }) => state)).toEqual(Array(5).fill('done'));
    await stage.control('PUT', '/notifications', { repeat: 1 });
  });

  it('is undone as it was', async () => {
    const { drop, until, rules, at, folder, out } = await watched();
    const { body: file } = await drop('Back.docx');
    const [operation] = await until(ended);
    await rules.undo(operation?.id ?? '', 'admin');
    expect(await at(`${folder}/Back.docx`)).toMatchObject({ id: file.id });
    expect((await at(`${out}/Back.docx`)).error?.code).toBe('itemNotFound');
  });

  it('waits while the file is locked', async () => {
    const { drop, until } = await watched();
    const { body: file } = await drop('Open.docx');
    await stage.control('POST', `/drives/${driveId}/items/${file.id}/lock`, { seconds: 600 });
    const [operation] = await until((found) => found[0]?.problem !== undefined);
    expect(operation).toMatchObject({ state: 'planned', problem: { code: 'locked' } });
  });

  it('of a name that is taken gets a number', async () => {
    const { drop, until, at, out } = await watched();
    await drop('Same.docx');
    await until(ended);
    await drop('Same.docx', 'another one');
    await until((found) => found.length === 2 && ended(found));
    expect(await at(`${out}/Same 1.docx`)).toMatchObject({ file: expect.anything() });
  });

  it('becomes a PDF elsewhere, and the document goes to the recycle bin', async () => {
    const { drop, until, at, folder, rules } = await watched({
      actions: [{ convert: { to: '/Pdf' } }, { recycle: {} }],
    });
    await drop('Letter.docx');
    const [operation] = await until(ended);
    expect(operation).toMatchObject({ state: 'done', steps: [{ state: 'done' }, { state: 'done' }] });
    expect(await at('/Pdf/Letter.pdf')).toMatchObject({ file: { mimeType: 'application/pdf' } });
    expect((await at(`${folder}/Letter.docx`)).error?.code).toBe('itemNotFound');
    await rules.undo(operation?.id ?? '', 'admin');
    expect((await at('/Pdf/Letter.pdf')).error?.code).toBe('itemNotFound');
  });

  it('by two rules that would feed each other for ever comes to rest', async () => {
    const { folder, drop, rules, pump, name } = await watched();
    const there = (event: string, from: string, to: string, n: number) =>
      ruleOf({
        name: `${name}-${n}`,
        target: { kind: 'drive', driveId },
        when: { event, folder: from, name: '*.docx' },
        actions: [{ move: { to } }],
        reactToSelf: true,
      });
    const away = `${folder}-away`;
    await rules.remove(name);
    await rules.put(there('changed', folder, away, 1), 'admin');
    await rules.put(there('changed', away, folder, 2), 'admin');
    await drop('Pingpong.docx');
    await waitFor(
      async () => {
        await pump();
        const found = await rules.operations({ state: 'skipped' });
        return found.some(({ problem, rule }) => problem?.code === 'quarantined' && rule.startsWith(name));
      },
      { timeout: 20_000 },
    );
    expect(
      (await rules.operations({ state: 'done' })).filter(({ rule }) => rule.startsWith(`${name}-`)).length,
    ).toBeLessThanOrEqual(6);
    await rules.remove(`${name}-1`);
    await rules.remove(`${name}-2`);
  });

  it('goes on from now when the drive has lost the place, and says so', async () => {
    const { drop, until, operations, pump, rules } = await watched();
    await stage.control('PATCH', `/drives/${driveId}`, { expireCursors: true });
    await rules.drain({ kind: 'drain', driveId, connection: 'contoso' });
    expect((await rules.watches())[0]?.resyncedAt).toBeDefined();
    await pump();
    const before = await operations();
    await drop('After.docx');
    await until((found) => found.length === before.length + 1 && ended(found));
  });

  it('is shown by a preview before the rule is saved', async () => {
    const { drop, rules, definition, folder, until } = await watched();
    await drop('Preview.pdf');
    await drop('Preview.docx');
    await until(ended);
    await drop('Second.docx');
    const preview = await rules.preview({ ...definition, name: 'other' }, 100);
    expect(preview.files.map(({ item, matched }) => [item.folder, item.name, matched]).toSorted()).toEqual([
      [folder, 'Preview.pdf', false],
      [folder, 'Second.docx', true],
    ]);
  });
});

/** The app as it will be after so many milliseconds: another process whose clock is ahead. */
function laterProcess(ms: number): Rules {
  const { clock } = stage.ports;
  return stage.process({ ...stage.ports, clock: () => clock() + ms });
}
