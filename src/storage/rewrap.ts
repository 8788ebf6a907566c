import { isAppError } from '../errors.ts';
import type { StorageClients } from './clients.ts';
import { type Envelope, keyIdOf } from './envelope.ts';
import { type Entity, readDocument, writeDocument } from './row-document.ts';
import { type SealedTableName, sealedTableNames, sealedTables } from './sealed-tables.ts';
import { statusOf, toStorageError } from './storage-error.ts';

export interface RewrappedPage {
  /** Where the next page begins; undefined at the end of the table. */
  readonly cursor: string | undefined;
  readonly seen: number;
  readonly rewrapped: number;
  /** Rows that open with no key of ours: they are left as they are. */
  readonly unreadable: number;
}

/** Reads sealed rows below what they mean: by which key, and sealed anew with the one that is active now. */
export interface Rewrap {
  page(table: SealedTableName, cursor: string | undefined, old: ReadonlySet<string>): Promise<RewrappedPage>;
  /** Rows by key, over all sealed tables. */
  count(): Promise<Map<string, number>>;
}

const pageSize = 100;

export function createRewrap(clients: StorageClients, envelope: Envelope): Rewrap {
  async function* entities(name: SealedTableName): AsyncIterable<Entity> {
    const client = await clients.table(name);
    for await (const entity of client.listEntities()) yield entity as Entity;
  }

  /** True when the row is sealed anew, or was written or removed by somebody else meanwhile. */
  async function reseal(name: SealedTableName, entity: Entity): Promise<boolean> {
    const client = await clients.table(name);
    const { partitionKey, rowKey, expiresAt } = entity;
    const place = { table: name, partition: partitionKey, row: rowKey, schema: sealedTables[name] };
    let sealed: string;
    try {
      sealed = await envelope.seal(await envelope.open(readDocument(entity), place), place);
    } catch (error) {
      if (isAppError(error, 'credential_undecryptable')) return false;
      throw error;
    }
    const next = {
      partitionKey,
      rowKey,
      ...writeDocument(sealed),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    try {
      await client.updateEntity(next, 'Replace', { etag: String(entity.etag) });
    } catch (error) {
      if (statusOf(error) !== 412 && statusOf(error) !== 404) throw error;
    }
    return true;
  }

  return {
    async page(name, cursor, old) {
      try {
        const client = await clients.table(name);
        const pages = client.listEntities().byPage({
          maxPageSize: pageSize,
          ...(cursor === undefined ? {} : { continuationToken: cursor }),
        });
        const { value: page, done } = await pages.next();
        if (done) return { cursor: undefined, seen: 0, rewrapped: 0, unreadable: 0 };
        let [rewrapped, unreadable] = [0, 0];
        for (const entity of page) {
          if (!old.has(keyIdOf(readDocument(entity as Entity)) ?? '')) continue;
          if (await reseal(name, entity as Entity)) rewrapped += 1;
          else unreadable += 1;
        }
        return { cursor: page.continuationToken, seen: page.length, rewrapped, unreadable };
      } catch (error) {
        throw toStorageError(error, `The table ${name}`);
      }
    },

    async count() {
      const rows = new Map<string, number>();
      for (const name of sealedTableNames) {
        try {
          for await (const entity of entities(name)) {
            const id = keyIdOf(readDocument(entity));
            if (id !== undefined) rows.set(id, (rows.get(id) ?? 0) + 1);
          }
        } catch (error) {
          throw toStorageError(error, `The table ${name}`);
        }
      }
      return rows;
    },
  };
}
