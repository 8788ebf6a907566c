import { isAppError } from '../../errors.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { type ConnectionRow, connectionPartition, connectionRowSchema, rowKeys } from '../connection-rows.ts';
import type { Notice } from './notice.ts';

export interface OpenNotice {
  readonly notice: Notice;
  readonly row: Row<ConnectionRow>;
}

/**
 * What is still to be told. The rows lie in the partition of the connections, so that a change of health and its notice are one
 * write: neither is ever there without the other.
 */
export interface Outbox {
  open(): Promise<OpenNotice[]>;
  /** Keeps what became of a try. Undefined when somebody else changed or removed it. */
  keep(open: OpenNotice, notice: Notice): Promise<OpenNotice | undefined>;
  remove(open: OpenNotice): Promise<void>;
  /**
   * Adds notices together with the note that they were made, all or nothing; false when somebody else did since `old` was read. At
   * most 50 notices.
   */
  addNoted(
    name: string,
    old: Row<ConnectionRow> | undefined,
    note: Readonly<Record<string, number>>,
    notices: readonly Notice[],
  ): Promise<boolean>;
  noted(name: string): Promise<Row<ConnectionRow> | undefined>;
}

export function createOutbox(storage: Pick<Storage, 'table'>): Outbox {
  const table = storage.table({ name: 'connections', schema: connectionRowSchema });
  const partition = connectionPartition;

  return {
    async open() {
      const found: OpenNotice[] = [];
      for await (const row of table.list({ partition, ...rowKeys.allNotices })) {
        if (row.value.notice) found.push({ notice: row.value.notice, row });
      }
      return found.sort((a, b) => a.notice.at - b.notice.at);
    },

    async keep({ row }, notice) {
      try {
        return { notice, row: await table.replace(row, { id: notice.id, notice }) };
      } catch (error) {
        if (isOutrun(error)) return undefined;
        throw error;
      }
    },

    async remove({ row }) {
      await table.remove(partition, row.row);
    },

    noted: (name) => table.get(partition, rowKeys.note(name)),

    async addNoted(name, old, note, notices) {
      const row = rowKeys.note(name);
      const value = { id: name, note };
      try {
        await table.transact(partition, [
          old ? { kind: 'replace', row, value, etag: old.etag } : { kind: 'insert', row, value },
          ...notices.map((notice) => ({
            kind: 'insert' as const,
            row: rowKeys.notice(notice.id),
            value: { id: notice.id, notice },
          })),
        ]);
        return true;
      } catch (error) {
        if (isOutrun(error)) return false;
        throw error;
      }
    },
  };
}

function isOutrun(error: unknown): boolean {
  return (
    isAppError(error, 'precondition_failed') ||
    isAppError(error, 'conflict') ||
    isAppError(error, 'not_found')
  );
}
