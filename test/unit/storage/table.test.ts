import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createStorageClients } from '../../../src/storage/clients.ts';
import { createEnvelope } from '../../../src/storage/envelope.ts';
import { createTable, type Row } from '../../../src/storage/table.ts';
import { freshStorage } from '../../support/storage.ts';

const thing = z.object({ name: z.string(), size: z.number().optional(), until: z.number().optional() });
type Thing = z.infer<typeof thing>;

const clients = createStorageClients(
  { kind: 'connectionString', connectionString: await freshStorage() },
  () => {
    throw new Error('a connection string needs no identity');
  },
);
const table = createTable(clients, { name: 'things', schema: thing, expiresAt: (value) => value.until });

describe('a table', () => {
  it('gives back what was inserted, and nothing for what was not', async () => {
    await table.insert('p', 'a', { name: 'Übung', size: 2 ** 40 });
    expect((await table.get('p', 'a'))?.value).toEqual({ name: 'Übung', size: 2 ** 40 });
    expect(await table.get('p', 'none')).toBeUndefined();
  });

  it('refuses to insert a row twice', async () => {
    await table.insert('p', 'twice', { name: 'one' });
    await expect(table.insert('p', 'twice', { name: 'two' })).rejects.toMatchObject({ code: 'conflict' });
    expect((await table.get('p', 'twice'))?.value.name).toBe('one');
  });

  it('lets one of two writers of the same version win', async () => {
    const row = await table.insert('p', 'race', { name: 'start' });
    const results = await Promise.allSettled([
      table.replace(row, { name: 'x' }),
      table.replace(row, { name: 'y' }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({
      reason: { code: 'precondition_failed' },
    });
  });

  it('lets exactly one of twenty removals have removed the row', async () => {
    await table.insert('p', 'once', { name: 'x' });
    const removed = await Promise.all(Array.from({ length: 20 }, () => table.remove('p', 'once')));
    expect(removed.filter(Boolean)).toHaveLength(1);
  });

  it('refuses to remove a row that changed since it was read', async () => {
    const row = await table.insert('p', 'changed', { name: 'old' });
    await table.replace(row, { name: 'new' });
    await expect(table.remove('p', 'changed', row.etag)).rejects.toMatchObject({
      code: 'precondition_failed',
    });
  });

  it('keeps a document of 300,000 characters and refuses one of a million', async () => {
    await table.upsert('p', 'long', { name: 'x'.repeat(300_000) });
    expect((await table.get('p', 'long'))?.value.name).toHaveLength(300_000);
    await expect(table.upsert('p', 'long', { name: 'x'.repeat(1_000_000) })).rejects.toMatchObject({
      code: 'body_too_large',
    });
  });

  it('lists a partition in the order of its row keys, within bounds', async () => {
    for (const row of ['1', '2', '3', '4']) await table.upsert('list', row, { name: row });
    await table.upsert('elsewhere', '2', { name: 'other' });
    expect(await names(table.list({ partition: 'list', from: '2', before: '4' }))).toEqual(['2', '3']);
    expect(await names(table.list({ partition: 'list', limit: 3 }))).toEqual(['1', '2', '3']);
  });

  it('does a transaction as a whole or not at all', async () => {
    await table.insert('tx', 'there', { name: 'old' });
    await expect(
      table.transact('tx', [
        { kind: 'upsert', row: 'new', value: { name: 'new' } },
        { kind: 'insert', row: 'there', value: { name: 'twice' } },
      ]),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(await table.get('tx', 'new')).toBeUndefined();
  });

  it('reports a row of an unexpected shape without its contents', async () => {
    const other = createTable(clients, { name: 'things', schema: z.object({ canary: z.string() }) });
    await other.upsert('p', 'odd', { canary: 'canary-text' });
    const error = await table.get('p', 'odd').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'internal_error' });
    expect(JSON.stringify(error)).not.toContain('canary-text');
  });
});

describe('a sealed table', () => {
  const key = { id: 'a'.repeat(32), bytes: randomBytes(32) };
  const envelope = createEnvelope(
    { active: async () => key, byId: async (id) => (id === key.id ? key : undefined) },
    randomBytes,
  );
  const sealed = createTable(clients, { name: 'secrets', schema: thing, envelope });

  it('holds ciphertext only', async () => {
    await sealed.insert('p', 'r', { name: 'canary-text' });
    expect((await sealed.get('p', 'r'))?.value.name).toBe('canary-text');
    const raw = await (await clients.table('secrets')).getEntity('p', 'r');
    expect(JSON.stringify(raw)).not.toContain('canary');
    expect(raw.document).toMatch(new RegExp(`^v1\\.${key.id}\\.`));
  });

  it('[49] refuses a document that was copied to another row', async () => {
    await sealed.insert('p', 'from', { name: 'x' });
    const client = await clients.table('secrets');
    const { document } = await client.getEntity<{ document: string }>('p', 'from');
    await client.upsertEntity({ partitionKey: 'p', rowKey: 'to', document }, 'Replace');
    await expect(sealed.get('p', 'to')).rejects.toMatchObject({ code: 'credential_undecryptable' });
  });
});

async function names(rows: AsyncIterable<Row<Thing>>): Promise<string[]> {
  const found: string[] = [];
  for await (const row of rows) found.push(row.value.name);
  return found;
}
