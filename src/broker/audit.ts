import { newId, type Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { type AuditEvent, auditEventSchema, type NewAuditEvent } from './audit-event.ts';
import { createBatchWriter } from './batch-writer.ts';

export type { AuditAction, AuditEvent, NewAuditEvent } from './audit-event.ts';

export interface AuditQuery {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Not older than this (ms); the last 30 days unless given. */
  readonly since?: number | undefined;
  readonly outcome?: AuditEvent['outcome'] | undefined;
}

/** The record of decisions. */
export interface Audit {
  /** Resolves when the event is stored. When it can't be, it throws, and what it speaks of must not happen. */
  record(event: NewAuditEvent): Promise<void>;
  /** Newest first. */
  list(query: AuditQuery): Promise<{ events: AuditEvent[]; next?: string }>;
}

const dayMs = 24 * 60 * 60_000;
const keptForMs = 400 * dayMs;
const listedForMs = 30 * dayMs;
/** Clocks of instances differ a little. */
const skewMs = 10 * 60_000;

/** Table `audit`: a partition for each day (UTC), rows in descending time. */
export function createAudit(deps: {
  readonly storage: Pick<Storage, 'table'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): Audit {
  const { clock, random } = deps.ports;
  const table = deps.storage.table({
    name: 'audit',
    schema: auditEventSchema,
    expiresAt: (event) => Math.ceil((event.time + keptForMs) / 1000),
  });
  // Upsert: a write that the SDK repeats after a lost answer must not look like a failure.
  const write = createBatchWriter<AuditEvent>((partition, rows) =>
    table.transact(
      partition,
      rows.map(({ row, value }) => ({ kind: 'upsert', row, value })),
    ),
  );

  return {
    async record(event) {
      const value = auditEventSchema.parse({ ...event, id: newId('aud', random), time: clock() });
      await write({ partition: dayOf(value.time), row: rowOf(value.time, value.id), value });
    },

    async list({ limit, after, since = clock() - listedForMs, outcome }) {
      const events: AuditEvent[] = [];
      const newest = after === undefined ? clock() + skewMs : timeOf(after);
      for (let day = startOfDay(newest); day + dayMs > since; day -= dayMs) {
        const rows = table.list({ partition: dayOf(day), ...(after === undefined ? {} : { from: after }) });
        for await (const { row, value } of rows) {
          if (value.time < since) break;
          if (row === after || (outcome && value.outcome !== outcome)) continue;
          const last = events.at(-1);
          if (events.length === limit && last) return { events, next: rowOf(last.time, last.id) };
          events.push(value);
        }
      }
      return { events };
    },
  };
}

const lastTime = 9_999_999_999_999;

function rowOf(time: number, id: string): string {
  return `${String(lastTime - time).padStart(13, '0')}_${id}`;
}

/** The time in a row key. */
function timeOf(row: string): number {
  return lastTime - Number(row.slice(0, 13));
}

/** True for the text of a row key, as `after` must be. */
export function isAuditCursor(text: string): boolean {
  return /^\d{13}_aud_[a-z2-7]{20}$/.test(text);
}

function startOfDay(time: number): number {
  return Math.floor(time / dayMs) * dayMs;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
