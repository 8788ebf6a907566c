import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../ports.ts';
import { odata, type StorageClients } from './clients.ts';
import type { Envelope } from './envelope.ts';
import { type Entity, readDocument, writeDocument } from './row-document.ts';
import { statusOf, toStorageError } from './storage-error.ts';

export interface RowPlace {
  readonly partition: string;
  readonly row: string;
}

export interface RewriteOptions {
  readonly table: string;
  /** Only this partition. */
  readonly partition?: string | undefined;
  /** The documents are encrypted (version 1 of their shape). */
  readonly sealed?: boolean | undefined;
  /** Rows behind this one. */
  readonly after?: RowPlace | undefined;
  /** What the JSON of a row becomes; undefined: it stays. */
  readonly change: (document: unknown) => unknown;
  /** Stops at this time (ms). */
  readonly until: number;
}

/**
 * Goes through the rows of a table and changes documents, whatever kinds of rows it holds; when they expire stays as it is.
 * Resolves to how many were changed, and to the place where time ran out.
 */
export type Rewrite = (
  options: RewriteOptions,
) => Promise<{ readonly changed: number; readonly stoppedAt?: RowPlace }>;

const attempts = 5;

export function createRewrite(deps: {
  readonly clients: StorageClients;
  readonly envelope: Envelope;
  readonly clock: Clock;
}): Rewrite {
  const { clients, envelope, clock } = deps;

  async function rewritten(entity: Entity, options: RewriteOptions): Promise<Entity | undefined> {
    const place = { table: options.table, partition: entity.partitionKey, row: entity.rowKey, schema: 1 };
    const document = readDocument(entity);
    const before = options.sealed ? await envelope.open(document, place) : document;
    const changed = options.change(JSON.parse(before));
    if (changed === undefined) return undefined;
    const after = JSON.stringify(changed);
    const kept = Object.entries(entity).filter(([name]) => !/^document\d*$/.test(name));
    return {
      ...Object.fromEntries(kept),
      partitionKey: entity.partitionKey,
      rowKey: entity.rowKey,
      ...writeDocument(options.sealed ? await envelope.seal(after, place) : after),
    };
  }

  /** True when it was changed; somebody else may change or remove it at the same moment. */
  async function rewriteRow(client: TableClient, first: Entity, options: RewriteOptions): Promise<boolean> {
    let entity = first;
    for (let attempt = 1; ; attempt += 1) {
      const next = await rewritten(entity, options);
      if (!next) return false;
      try {
        await client.updateEntity(next, 'Replace', { etag: String(entity.etag) });
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        if (statusOf(error) !== 412 || attempt === attempts) throw error;
      }
      try {
        entity = (await client.getEntity(entity.partitionKey, entity.rowKey)) as Entity;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
      }
    }
  }

  return async (options) => {
    let changed = 0;
    try {
      const client = await clients.table(options.table);
      const filter = filterOf(options);
      for await (const found of client.listEntities(filter ? { queryOptions: { filter } } : {})) {
        const entity = found as Entity;
        if (await rewriteRow(client, entity, options)) changed += 1;
        if (clock() >= options.until) {
          return { changed, stoppedAt: { partition: entity.partitionKey, row: entity.rowKey } };
        }
      }
      return { changed };
    } catch (error) {
      throw toStorageError(error, `The table ${options.table}`);
    }
  };
}

function filterOf({ partition, after }: RewriteOptions): string {
  const within = partition === undefined ? '' : odata`PartitionKey eq ${partition}`;
  const behind =
    after &&
    odata`(PartitionKey gt ${after.partition} or (PartitionKey eq ${after.partition} and RowKey gt ${after.row}))`;
  return [within, behind].filter(Boolean).join(' and ');
}
