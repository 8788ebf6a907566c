import { AppError } from '../../../../src/errors.ts';
import type { GraphCall, GraphClient } from '../../../../src/graph/graph-client.ts';
import type { AnyAction, Outcome } from '../../../../src/rules/actions/action.ts';
import { actionNamed } from '../../../../src/rules/actions/index.ts';
import type { ItemFacts } from '../../../../src/rules/item-facts.ts';
import { takeBack } from '../../../../src/rules/operate/take-back.ts';
import { itemOf, memoryDrive, nextTag } from '../stage.ts';

type Answer = (call: GraphCall) => unknown;

/** A drive in memory and Graph as far as `answer` plays it; keeps what was asked. */
function world(items: readonly ItemFacts[], answer: Answer = () => undefined, status = 200) {
  const drive = memoryDrive(items);
  const asked: string[] = [];
  const graph: GraphClient = {
    async call<T>(call: GraphCall<T>) {
      asked.push(`${call.method ?? 'GET'} ${call.path}`);
      const body = answer(call as GraphCall);
      const headers = new Headers({ location: 'https://files.test/monitor' });
      return { status, headers, body: call.schema ? call.schema.parse(body) : (body as T) };
    },
    download: async (path) => {
      asked.push(`DOWNLOAD ${path}`);
      return new Blob(['%PDF-1.7']).stream();
    },
    preauthenticated: async () => ({ status: 200, headers: new Headers(), body: { status: 'completed' } }),
  };
  return { ...drive, asked, writer: { ...drive.writer, graph } };
}

function action(name: string): AnyAction {
  const found = actionNamed(name);
  if (!found) throw new Error(`there is no action ${name}`);
  return found;
}

/** Looks first and does it where nothing was found, as an operation does. */
async function perform(
  name: string,
  input: unknown,
  item: ItemFacts,
  { writer }: ReturnType<typeof world>,
  began = false,
): Promise<{ found: boolean; outcome: Outcome }> {
  const one = action(name);
  const plan = one.plan(item, one.input.parse(input));
  const found = await one.find?.(item, plan, writer, began);
  return { found: found !== undefined, outcome: found ?? (await one.apply(item, plan, writer)) };
}

const item = itemOf({ hash: 'abc' });
const step = { action: 'x', wanted: {}, words: 'x', state: 'done' as const };

describe('copy', () => {
  /** Graph copies into the drive in memory. */
  function copying(there: readonly ItemFacts[] = []) {
    const drive = world([item, ...there], (call) => {
      const { name } = call.body as { name: string };
      const copied = itemOf({ id: 'the copy', name, folder: '/Archive/2026', eTag: '"5"', hash: 'abc' });
      drive.held.set('the copy', copied);
      return undefined;
    });
    return drive;
  }

  it('makes a copy under a name from a template, and knows how to take it back', async () => {
    const drive = copying();
    const input = { to: '/Archive/{yyyy}', name: '{yyyy}-{MM} {name}' };
    const { outcome } = await perform('copy', input, item, drive);
    expect(drive.held.get('the copy')?.name).toBe('2026-11 Offer.docx');
    const { inverse } = outcome;
    expect(inverse).toEqual({ kind: 'remove', itemId: 'the copy', eTag: '"5"' });
    await takeBack({ ...step, ...(inverse ? { inverse } : {}) }, item.id, drive.writer);
    expect(drive.held.has('the copy')).toBe(false);
  });

  it('is not made twice after a kill', async () => {
    const drive = copying();
    await perform('copy', { to: '/Archive/{yyyy}' }, item, drive);
    const { found, outcome } = await perform('copy', { to: '/Archive/{yyyy}' }, item, drive, true);
    expect(found).toBe(true);
    expect(outcome.inverse).toMatchObject({ kind: 'remove' });
    expect(drive.asked).toHaveLength(1);
  });

  it('finds the same contents there already, and leaves another file as it is', async () => {
    const same = itemOf({ id: 'there', folder: '/Archive/2026', hash: 'abc' });
    expect((await perform('copy', { to: '/Archive/{yyyy}' }, item, copying([same]))).outcome).toEqual({
      item,
    });
    const other = { ...same, hash: 'other' };
    await expect(perform('copy', { to: '/Archive/{yyyy}' }, item, copying([other]))).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('is kept when somebody changed it since, even by an undo', async () => {
    const drive = copying();
    const { outcome } = await perform('copy', { to: '/Archive/{yyyy}' }, item, drive);
    drive.held.set('the copy', itemOf({ id: 'the copy', eTag: '"6"' }));
    const { inverse } = outcome;
    const undo = takeBack({ ...step, ...(inverse ? { inverse } : {}) }, item.id, drive.writer);
    await expect(undo).rejects.toMatchObject({ code: 'conflict' });
    expect(drive.held.has('the copy')).toBe(true);
  });
});

describe('convert', () => {
  const pdf = { id: 'the pdf', name: 'Offer.pdf', eTag: '"1"' };

  it('saves a PDF beside the document', async () => {
    const drive = world([item], () => pdf);
    const { outcome } = await perform('convert', {}, item, drive);
    expect(drive.asked).toEqual([
      'DOWNLOAD /drives/drive-1/items/item-1/content?format=pdf',
      expect.stringContaining('PUT /drives/drive-1/items/id%20of%20%2FInbox:/Offer.pdf:/content'),
    ]);
    expect(outcome.inverse).toEqual({ kind: 'remove', itemId: 'the pdf', eTag: '"1"' });
  });

  it('leaves a PDF alone that is newer, and replaces an older one only when it is told to', async () => {
    const newer = itemOf({ ...pdf, modifiedAt: item.modifiedAt + 1 });
    expect((await perform('convert', {}, item, world([item, newer]))).found).toBe(true);
    const older = { ...newer, modifiedAt: item.modifiedAt - 1 };
    await expect(perform('convert', {}, item, world([item, older]))).rejects.toMatchObject({
      code: 'conflict',
    });
    const drive = world([item, older], () => pdf);
    const { outcome } = await perform('convert', { whenOlder: 'replace' }, item, drive);
    expect(outcome).toEqual({ item });
  });

  it('refuses what Microsoft makes no PDF of', () => {
    const convert = action('convert');
    expect(() => convert.plan(itemOf({ name: 'photo.jpg' }), convert.input.parse({}))).toThrow(AppError);
  });
});

describe('tag', () => {
  function library(fields: Record<string, unknown>) {
    const drive = world([item], (call) => {
      if (call.method !== 'PATCH') return fields;
      Object.assign(fields, call.body);
      const held = drive.held.get(item.id) ?? item;
      drive.held.set(item.id, { ...held, eTag: nextTag(held.eTag) });
      return fields;
    });
    return drive;
  }

  it('sets columns, gives the new state of the file, and puts the old values back', async () => {
    const fields: Record<string, unknown> = { Status: 'Draft', Other: 1 };
    const drive = library(fields);
    const { outcome } = await perform('tag', { set: { Status: 'Filed', Year: 2026 } }, item, drive);
    expect(fields).toEqual({ Status: 'Filed', Year: 2026, Other: 1 });
    expect(outcome.item?.eTag).toBe(nextTag(item.eTag));
    const { inverse } = outcome;
    await takeBack({ ...step, ...(inverse ? { inverse } : {}) }, item.id, drive.writer);
    expect(fields).toEqual({ Status: 'Draft', Year: null, Other: 1 });
  });

  it('writes nothing where the values are there', async () => {
    const drive = library({ Status: 'Filed' });
    expect((await perform('tag', { set: { Status: 'Filed' } }, item, drive)).found).toBe(true);
    expect(drive.asked.filter((line) => line.startsWith('PATCH'))).toEqual([]);
  });
});

describe('share', () => {
  const link = { id: 'perm-1', link: { webUrl: 'https://contoso.sharepoint.com/secret' } };

  it('makes a link that an undo revokes, and keeps its address to itself', async () => {
    const drive = world([item], () => link, 201);
    const { outcome } = await perform('share', { scope: 'organization' }, item, drive);
    expect(outcome.inverse).toEqual({ kind: 'unshare', permissionId: 'perm-1' });
    expect(JSON.stringify(outcome)).not.toContain('secret');
  });

  it('leaves nothing to undo where the link was there already', async () => {
    const drive = world([item], () => link, 200);
    expect((await perform('share', { scope: 'organization' }, item, drive)).outcome.inverse).toBeUndefined();
  });
});

describe('unshare', () => {
  const permissions = [
    { id: 'anyone', link: { scope: 'anonymous' } },
    { id: 'inherited', link: { scope: 'anonymous' }, inheritedFrom: {} },
    { id: 'company', link: { scope: 'organization' } },
    { id: 'direct' },
  ];

  it('revokes the links that it names, and neither inherited ones nor people', async () => {
    const drive = world([item], () => ({ value: permissions }));
    await perform('unshare', {}, item, drive);
    expect(drive.asked.filter((line) => line.startsWith('DELETE'))).toEqual([
      'DELETE /drives/drive-1/items/item-1/permissions/anyone',
    ]);
  });

  it('has nothing to do where there is none', async () => {
    const drive = world([item], () => ({ value: permissions.slice(1) }));
    expect((await perform('unshare', {}, item, drive)).found).toBe(true);
  });
});

describe('mail', () => {
  it('is sent in plain text, and not again after a kill', async () => {
    const sent: unknown[] = [];
    const drive = world([item], ({ body }) => {
      sent.push(body);
      return undefined;
    });
    const input = { to: 'anna@contoso.example', from: 'robot@contoso.example' };
    await perform('mail', input, item, drive);
    expect(drive.asked).toEqual(['POST /users/robot%40contoso.example/sendMail']);
    expect(sent).toMatchObject([
      { message: { body: { contentType: 'Text' }, subject: 'New file: Offer.docx' } },
    ]);
    expect((await perform('mail', input, item, drive, true)).found).toBe(true);
    expect(sent).toHaveLength(1);
  });
});

describe('webhook', () => {
  const input = { url: 'https://hooks.example/secret-path' };

  it('tells what is there, with a key that is the same for the same state of the file', async () => {
    const told: unknown[] = [];
    const drive = world([item]);
    Object.assign(drive.writer, { post: async (...given: unknown[]) => void told.push(given) });
    await perform('webhook', input, item, drive);
    await perform('webhook', input, item, drive, true);
    expect(told[0]).toEqual([
      'https://hooks.example/secret-path',
      { event: 'file', file: expect.objectContaining({ id: item.id, name: 'Offer.docx', folder: '/Inbox' }) },
      { 'idempotency-key': expect.stringMatching(/^[0-9a-f]{32}$/) },
    ]);
    expect(told[1]).toEqual(told[0]);
  });

  it('shows nothing but the host to those who read the journal', () => {
    const one = action('webhook');
    expect(one.words(one.plan(item, input))).toBe('tell hooks.example');
  });
});

describe('recycle', () => {
  it('removes the file in the state that the rule saw, and no other', async () => {
    const drive = world([item]);
    expect((await perform('recycle', {}, item, drive)).outcome.item).toBeUndefined();
    expect(drive.held.size).toBe(0);
    const changed = world([{ ...item, eTag: '"9"' }]);
    await expect(perform('recycle', {}, item, changed)).rejects.toMatchObject({
      code: 'precondition_failed',
    });
  });
});
