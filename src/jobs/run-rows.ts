import { isAppError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { type Part, part, type Run, run, runKeys } from './run.ts';

/** The rows of runs and of their drives. Both live in table `runs`, in partitions of their own. */
export interface RunRows {
  get(id: string): Promise<Row<Run> | undefined>;
  /** False when a run of this id is there already. */
  insert(value: Run): Promise<boolean>;
  /** Undefined when somebody else changed the row since it was read: then this worker is a late one, and stops. */
  save(old: Row<Run>, value: Run): Promise<Row<Run> | undefined>;
  /** Of one job, newest first. */
  list(job: string, page?: { limit?: number; from?: string }): Promise<Run[]>;

  part(runId: string, number: number): Promise<Row<Part> | undefined>;
  savePart(old: Row<Part>, value: Part): Promise<Row<Part> | undefined>;
  /** Makes the rows of the drives that are not there yet; false when somebody else does so. */
  plan(runId: string, parts: readonly Part[]): Promise<boolean>;
  parts(runId: string): Promise<Row<Part>[]>;
}

const daySeconds = 24 * 60 * 60;
const keptForSeconds = 90 * daySeconds;
const batch = 100;
/** Its deliveries have rows in the same partition. */
const driveRows = { from: 'drive-', before: 'drive.' };

export function createRunRows(storage: Pick<Storage, 'table'>): RunRows {
  const runs = storage.table<Run>({
    name: 'runs',
    schema: run,
    // As long as its files at least.
    expiresAt: ({ createdAt, definition }) =>
      Math.ceil(createdAt / 1000) + Math.max(keptForSeconds, definition.keepDays * daySeconds),
  });
  const parts = storage.table<Part>({
    name: 'runs',
    schema: part,
    expiresAt: (value) => Math.ceil(value.heartbeatAt / 1000) + keptForSeconds,
  });

  return {
    async get(id) {
      const keys = runKeys(id);
      return keys && runs.get(keys.job, keys.row);
    },

    async insert(value) {
      const keys = runKeys(value.id);
      if (!keys) throw new Error(`no id of a run: ${value.id}`);
      return (await unlessLost(() => runs.insert(keys.job, keys.row, value))) !== undefined;
    },

    save: (old, value) => unlessLost(() => runs.replace(old, value)),

    async list(job, { limit = 20, from } = {}) {
      const found: Run[] = [];
      const asked = { partition: job, limit, ...(from === undefined ? {} : { from }) };
      for await (const row of runs.list(asked)) found.push(row.value);
      return found;
    },

    part: (runId, number) => parts.get(runId, partKey(number)),
    savePart: (old, value) => unlessLost(() => parts.replace(old, value)),

    async plan(runId, wanted) {
      const there = new Set<string>();
      for await (const row of parts.list({ partition: runId, ...driveRows })) there.add(row.row);
      const missing = wanted.filter((value) => !there.has(partKey(value.number)));
      for (let start = 0; start < missing.length; start += batch) {
        const some = missing.slice(start, start + batch);
        const changes = some.map((value) => ({ kind: 'insert', row: partKey(value.number), value }) as const);
        const done = await unlessLost(async () => {
          await parts.transact(runId, changes);
          return true;
        });
        if (!done) return false;
      }
      return true;
    },

    async parts(runId) {
      const found: Row<Part>[] = [];
      for await (const row of parts.list({ partition: runId, ...driveRows })) found.push(row);
      return found;
    },
  };
}

function partKey(number: number): string {
  return `drive-${String(number).padStart(6, '0')}`;
}

async function unlessLost<R>(work: () => Promise<R>): Promise<R | undefined> {
  try {
    return await work();
  } catch (error) {
    const lost = ['conflict', 'precondition_failed', 'not_found'] as const;
    if (lost.some((code) => isAppError(error, code))) return undefined;
    throw error;
  }
}
