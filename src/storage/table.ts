import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type { StorageClients } from './clients.ts';
import { odata } from './clients.ts';
import type { Envelope } from './envelope.ts';
import { type Entity, readDocument, writeDocument } from './row-document.ts';
import { statusOf, toStorageError } from './storage-error.ts';

export interface Row<T> {
  readonly partition: string;
  readonly row: string;
  readonly etag: string;
  readonly value: T;
}

export type Change<T> =
  | { readonly kind: 'insert'; readonly row: string; readonly value: T }
  | { readonly kind: 'upsert'; readonly row: string; readonly value: T }
  | { readonly kind: 'replace'; readonly row: string; readonly value: T; readonly etag: string }
  | { readonly kind: 'remove'; readonly row: string };

export interface ListOptions {
  readonly partition?: string;
  /** Row keys from here on, included. */
  readonly from?: string;
  /** Row keys below this one. */
  readonly before?: string;
  readonly limit?: number;
}

/** One kind of document in one Azure table. Keys may hold anything but / \ # ? and control characters. */
export interface Table<T> {
  readonly name: string;
  get(partition: string, row: string): Promise<Row<T> | undefined>;
  /** Throws `conflict` when the row exists. */
  insert(partition: string, row: string, value: T): Promise<Row<T>>;
  upsert(partition: string, row: string, value: T): Promise<Row<T>>;
  /** Throws `precondition_failed` when the row changed since it was read, `not_found` when it is gone. */
  replace(old: Row<T>, value: T): Promise<Row<T>>;
  /** True when this call removed it; with an etag, throws `precondition_failed` when the row changed. */
  remove(partition: string, row: string, etag?: string): Promise<boolean>;
  list(options?: ListOptions): AsyncIterable<Row<T>>;
  /** Row keys of a partition, without opening what the rows hold. */
  keys(partition: string): AsyncIterable<string>;
  /** All or nothing, at most 100 changes, one partition. Throws `conflict`, `precondition_failed` or `not_found`. */
  transact(partition: string, changes: readonly Change<T>[]): Promise<void>;
}

export interface TableOptions<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** Version of the shape; part of what is authenticated when the table is sealed. */
  readonly version?: number;
  /** Given: the whole document is encrypted. */
  readonly envelope?: Envelope;
  /** Seconds since 1970 after which a sweep may remove the row. */
  readonly expiresAt?: (value: T) => number | undefined;
}

export function createTable<T>(clients: StorageClients, options: TableOptions<T>): Table<T> {
  const { name } = options;

  async function run<R>(what: string, work: (client: TableClient) => Promise<R>): Promise<R> {
    try {
      return await work(await clients.table(name));
    } catch (error) {
      throw toStorageError(error, what);
    }
  }

  const placeOf = (partition: string, row: string) => ({
    table: name,
    partition,
    row,
    schema: options.version ?? 1,
  });

  async function toEntity(partition: string, row: string, value: T): Promise<Entity> {
    const text = JSON.stringify(value);
    const document = options.envelope ? await options.envelope.seal(text, placeOf(partition, row)) : text;
    const expiresAt = options.expiresAt?.(value);
    return {
      partitionKey: partition,
      rowKey: row,
      ...writeDocument(document),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  }

  async function toRow(entity: Entity): Promise<Row<T>> {
    const { partitionKey: partition, rowKey: row } = entity;
    const document = readDocument(entity);
    const text = options.envelope ? await options.envelope.open(document, placeOf(partition, row)) : document;
    const parsed = options.schema.safeParse(JSON.parse(text));
    if (!parsed.success) {
      throw new AppError('internal_error', 'A stored row has an unexpected shape.', {
        detail: `${name}/${partition}/${row}: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
      });
    }
    return { partition, row, etag: String(entity.etag), value: parsed.data };
  }

  const rowText = (row: string) => `Row ${row} of ${name}`;

  return {
    name,
    get: (partition, row) =>
      run(rowText(row), async (client) => {
        try {
          return await toRow((await client.getEntity(partition, row)) as Entity);
        } catch (error) {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
    insert: (partition, row, value) =>
      run(rowText(row), async (client) => {
        const { etag } = await client.createEntity(await toEntity(partition, row, value));
        return { partition, row, etag: String(etag), value };
      }),
    upsert: (partition, row, value) =>
      run(rowText(row), async (client) => {
        const { etag } = await client.upsertEntity(await toEntity(partition, row, value), 'Replace');
        return { partition, row, etag: String(etag), value };
      }),
    replace: (old, value) =>
      run(rowText(old.row), async (client) => {
        const entity = await toEntity(old.partition, old.row, value);
        const { etag } = await client.updateEntity(entity, 'Replace', { etag: old.etag });
        return { partition: old.partition, row: old.row, etag: String(etag), value };
      }),
    remove: (partition, row, etag) =>
      run(rowText(row), async (client) => {
        try {
          await client.deleteEntity(partition, row, { etag: etag ?? '*' });
          return true;
        } catch (error) {
          if (statusOf(error) === 404) return false;
          throw error;
        }
      }),
    async *list(asked = {}) {
      const filter = filterOf(asked);
      let left = asked.limit ?? Number.POSITIVE_INFINITY;
      if (left <= 0) return;
      try {
        const client = await clients.table(name);
        const found = client.listEntities(filter ? { queryOptions: { filter } } : {});
        for await (const page of found.byPage({ maxPageSize: Math.min(left, largestPage) })) {
          for (const entity of page) {
            yield await toRow(entity as Entity);
            left -= 1;
            if (left <= 0) return;
          }
        }
      } catch (error) {
        throw toStorageError(error, `The table ${name}`);
      }
    },
    async *keys(partition) {
      try {
        const client = await clients.table(name);
        const queryOptions = { filter: filterOf({ partition }), select: ['RowKey'] };
        for await (const { rowKey } of client.listEntities({ queryOptions })) {
          if (rowKey !== undefined) yield rowKey;
        }
      } catch (error) {
        throw toStorageError(error, `The table ${name}`);
      }
    },
    transact: (partition, changes) =>
      run(`A set of rows of ${name}`, async (client) => {
        if (changes.length === 0) return;
        const actions = await Promise.all(changes.map((change) => toAction(change, partition, toEntity)));
        await client.submitTransaction(actions);
      }),
  };
}

async function toAction<T>(
  change: Change<T>,
  partition: string,
  toEntity: (partition: string, row: string, value: T) => Promise<Entity>,
): Promise<TransactionAction> {
  if (change.kind === 'remove') return ['delete', { partitionKey: partition, rowKey: change.row }];
  const entity = await toEntity(partition, change.row, change.value);
  if (change.kind === 'insert') return ['create', entity];
  if (change.kind === 'upsert') return ['upsert', entity, 'Replace'];
  return ['update', entity, 'Replace', { etag: change.etag }];
}

/** The most that Table Storage gives at once. */
const largestPage = 1_000;

function filterOf(options: ListOptions): string {
  const parts: string[] = [];
  if (options.partition !== undefined) parts.push(odata`PartitionKey eq ${options.partition}`);
  if (options.from !== undefined) parts.push(odata`RowKey ge ${options.from}`);
  if (options.before !== undefined) parts.push(odata`RowKey lt ${options.before}`);
  return parts.join(' and ');
}
