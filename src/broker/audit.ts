import { z } from 'zod';
import { AppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { type AuditEvent, auditEventSchema, type NewAuditEvent } from './audit-event.ts';
import { createGroupWriter } from './group-writer.ts';

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
  /**
   * Newest first; events that several instances stored within the same moment stand by instance. Throws `invalid_request`
   * for an `after` that no page gave.
   */
  list(query: AuditQuery): Promise<{ events: AuditEvent[]; next?: string }>;
}

const dayMs = 24 * 60 * 60_000;
const keptForMs = 400 * dayMs;
const listedForMs = 30 * dayMs;
/** Clocks of instances differ a little. */
const skewMs = 10 * 60_000;
/** A row takes 480,000 characters. */
const groupLimits = { values: 500, characters: 400_000 };

const group = z.object({
  /** Oldest first, all of one day. */
  events: z.array(auditEventSchema).min(1),
});
type Group = z.infer<typeof group>;

/**
 * Table `audit`: a partition for each day (UTC), rows in descending time. A row holds what one instance decided while its last
 * write was on the way: a token waits for one small write, however many are asked for at once.
 */
export function createAudit(deps: {
  readonly storage: Pick<Storage, 'table'>;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
}): Audit {
  const { clock, random } = deps.ports;
  const table = deps.storage.table({
    name: 'audit',
    schema: group,
    expiresAt: (value) => Math.ceil((newest(value).time + keptForMs) / 1000),
  });

  async function store(events: readonly AuditEvent[]): Promise<void> {
    const byDay = Map.groupBy(events, ({ time }) => dayOf(time));
    for (const [day, ofDay] of byDay) {
      const value: Group = { events: ofDay };
      // Upsert: a write that the SDK repeats after a lost answer must not look like a failure.
      await table.upsert(day, rowOf(newest(value)), value);
    }
  }
  const write = createGroupWriter(store, groupLimits);

  return {
    record: (event) => write({ ...event, id: newId('aud', random), time: clock() }),

    async list({ limit, after, since = clock() - listedForMs, outcome }) {
      const cursor = after === undefined ? undefined : readCursor(after);
      const events: AuditEvent[] = [];
      const start = cursor ? timeOf(cursor.row) : clock() + skewMs;
      for (let day = startOfDay(start); day + dayMs > since; day -= dayMs) {
        for await (const { row, value } of table.list({
          partition: dayOf(day),
          ...(cursor ? { from: cursor.row } : {}),
        })) {
          if (newest(value).time < since) break;
          const skip = row === cursor?.row ? cursor.seen : 0;
          for (const [index, event] of value.events.toReversed().entries()) {
            if (index < skip || event.time < since || (outcome && event.outcome !== outcome)) continue;
            if (events.length === limit) return { events, next: `${row}~${index}` };
            events.push(event);
          }
        }
      }
      return { events };
    },
  };
}

function newest({ events }: Group): AuditEvent {
  const last = events.at(-1);
  if (!last) throw new Error('a group without events');
  return last;
}

const lastTime = 9_999_999_999_999;

function rowOf({ time, id }: AuditEvent): string {
  return `${String(lastTime - time).padStart(13, '0')}_${id}`;
}

/** The time in a row key. */
function timeOf(row: string): number {
  return lastTime - Number(row.slice(0, 13));
}

/** Where a page ended: in this row, after so many of its events. */
function readCursor(text: string): { row: string; seen: number } {
  const parts = /^(\d{13}_aud_[a-z2-7]{20})~(\d{1,3})$/.exec(text);
  if (!parts?.[1]) throw new AppError('invalid_request', 'after must be what nextLink of a page names.');
  return { row: parts[1], seen: Number(parts[2]) };
}

function startOfDay(time: number): number {
  return Math.floor(time / dayMs) * dayMs;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
