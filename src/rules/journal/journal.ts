import { z } from 'zod';
import { AppError, isAppError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { dedupeKey, digest, isOpen, type Operation, type OperationState, operation } from './operation.ts';

/** What a rule wants done, before it has an id. */
export type NewOperation = Omit<Operation, 'id' | 'state' | 'attempts' | 'createdAt' | 'updatedAt'> & {
  readonly state?: OperationState;
};

export interface OperationFilter {
  readonly rule?: string | undefined;
  readonly state?: OperationState | undefined;
  readonly limit?: number | undefined;
  /** Id of the last operation of the page before. */
  readonly after?: string | undefined;
}

/** A read operation and what is needed to write it back. */
export interface Held {
  readonly operation: Operation;
  readonly row: Row<JournalRow>;
}

export interface Journal {
  /** Writes it down once: for a state of a file that was met before, what was written then. */
  plan(wanted: NewOperation): Promise<{ operation: Operation; isNew: boolean }>;
  get(id: string): Promise<Held | undefined>;
  /** Throws `precondition_failed` when somebody else wrote in the meantime. */
  save(held: Held, next: Operation): Promise<Held>;
  /** Newest first. */
  list(filter?: OperationFilter): AsyncIterable<Operation>;
  /** Open operations that nobody touched for `ms`. */
  stale(ms: number): AsyncIterable<Operation>;
}

const partition = 'operations';
/** Operations of a rule that are fetched at once. */
const atOnce = 16;
const keptSeconds = 90 * 24 * 60 * 60;

// One partition with four kinds of rows, so that they change together: the operation (`o-`, newest first), the key that
// makes it unique (`k-`), a reference by rule (`r-`), and a mark for as long as it is open (`w-`). The last two spare a
// search through everything.
const journalRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('operation'), operation }),
  z.object({ kind: z.literal('key'), id: z.string(), at: z.number() }),
  z.object({ kind: z.literal('rule'), id: z.string(), at: z.number() }),
  z.object({ kind: z.literal('open'), id: z.string(), at: z.number() }),
]);
type JournalRow = z.infer<typeof journalRow>;

export function createJournal(storage: Pick<Storage, 'table'>, clock: Clock): Journal {
  const table = storage.table<JournalRow>({
    name: 'operations',
    schema: journalRow,
    expiresAt: (row) => {
      if (row.kind === 'open') return undefined;
      const at = row.kind === 'operation' ? row.operation.createdAt : row.at;
      return Math.floor(at / 1000) + keptSeconds;
    },
  });

  async function get(id: string): Promise<Held | undefined> {
    if (!/^op_[0-9a-z]{9}-[0-9a-f]{32}$/.test(id)) return undefined;
    const row = await table.get(partition, `o-${id.slice(3)}`);
    return row?.value.kind === 'operation' ? { operation: row.value.operation, row } : undefined;
  }

  async function planned(key: string): Promise<Operation | undefined> {
    const row = await table.get(partition, `k-${key}`);
    const id = row?.value.kind === 'key' ? row.value.id : undefined;
    return id === undefined ? undefined : (await get(id))?.operation;
  }

  async function* all(after: string | undefined): AsyncIterable<Operation> {
    const from = after === undefined ? 'o-' : `o-${after.slice(3)}~`;
    for await (const { value } of table.list({ partition, from, before: 'o.' })) {
      if (value.kind === 'operation') yield value.operation;
    }
  }

  async function* ofRule(rule: string, after: string | undefined): AsyncIterable<Operation> {
    const from = after === undefined ? ruleRow(rule, 'op_') : `${ruleRow(rule, after)}~`;
    let ids: string[] = [];
    for await (const { value } of table.list({
      partition,
      from,
      before: `${ruleRow(rule, 'op_').slice(0, -1)}.`,
    })) {
      if (value.kind === 'rule') ids.push(value.id);
      if (ids.length < atOnce) continue;
      yield* await read(ids);
      ids = [];
    }
    yield* await read(ids);
  }

  async function read(ids: readonly string[]): Promise<Operation[]> {
    const found = await Promise.all(ids.map(get));
    return found.flatMap((held) => held?.operation ?? []);
  }

  return {
    get,

    async plan(wanted) {
      const now = clock();
      const key = dedupeKey(wanted);
      const id = `op_${newestFirst(now)}-${key}`;
      const made: Operation = {
        ...wanted,
        id,
        state: wanted.state ?? 'planned',
        attempts: 0,
        createdAt: now,
        updatedAt: now,
      };
      try {
        await table.transact(partition, [
          { kind: 'insert', row: `k-${key}`, value: { kind: 'key', id, at: now } },
          { kind: 'insert', row: `o-${id.slice(3)}`, value: { kind: 'operation', operation: made } },
          { kind: 'insert', row: ruleRow(made.rule, id), value: { kind: 'rule', id, at: now } },
          ...(isOpen(made)
            ? [{ kind: 'insert' as const, row: `w-${id.slice(3)}`, value: openMark(id, now) }]
            : []),
        ]);
        return { operation: made, isNew: true };
      } catch (error) {
        if (!isAppError(error, 'conflict')) throw error;
        const existing = await planned(key);
        if (!existing) throw error;
        return { operation: existing, isNew: false };
      }
    },

    async save(held, changed) {
      const { operation: old, row } = held;
      const next = { ...changed, updatedAt: clock() };
      const value: JournalRow = { kind: 'operation', operation: next };
      const mark = `w-${old.id.slice(3)}`;
      if (isOpen(next)) {
        await table.transact(partition, [
          { kind: 'replace', row: row.row, value, etag: row.etag },
          { kind: 'upsert', row: mark, value: openMark(old.id, next.updatedAt) },
        ]);
      } else if (isOpen(old)) {
        await table.transact(partition, [
          { kind: 'replace', row: row.row, value, etag: row.etag },
          { kind: 'remove', row: mark },
        ]);
      } else {
        await table.replace(row, value);
      }
      const saved = await get(old.id);
      if (!saved) throw new AppError('not_found', 'The operation was removed.');
      return saved;
    },

    async *list(filter = {}) {
      let left = filter.limit ?? 100;
      for await (const one of filter.rule === undefined
        ? all(filter.after)
        : ofRule(filter.rule, filter.after)) {
        if (left <= 0) return;
        if (filter.state !== undefined && one.state !== filter.state) continue;
        left -= 1;
        yield one;
      }
    },

    async *stale(ms) {
      for await (const { value } of table.list({ partition, from: 'w-', before: 'w.' })) {
        if (value.kind !== 'open' || value.at > clock() - ms) continue;
        const held = await get(value.id);
        if (held && isOpen(held.operation)) yield held.operation;
      }
    },
  };
}

/** Below a rule's prefix the newest come first, as they do among all. */
function ruleRow(rule: string, id: string): string {
  return `r-${digest([rule])}-${id.slice(3)}`;
}

function openMark(id: string, at: number): JournalRow {
  return { kind: 'open', id, at };
}

/** Nine characters that sort later times first. */
function newestFirst(time: number): string {
  return (36 ** 9 - 1 - time).toString(36).padStart(9, '0');
}
