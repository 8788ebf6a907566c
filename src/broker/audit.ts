import { AppError } from '../errors.ts';
import { newId, type Ports } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { AuditEvent, NewAuditEvent } from './audit-event.ts';
import { type AuditGroup, auditGroupSchema, type Decided, packEvents, unpackEvents } from './audit-group.ts';
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
const groupLimits = { values: 1_000, weight: 400_000 };
/** Characters that an event adds to a row beside its kind. */
const placeCharacters = 60;

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
    schema: auditGroupSchema,
    expiresAt: (group) => Math.ceil((newestTime(group) + keptForMs) / 1000),
  });

  async function store(events: readonly Decided[]): Promise<void> {
    const byDay = Map.groupBy(events, ({ time }) => dayOf(time));
    for (const [day, ofDay] of byDay) {
      const group = packEvents(ofDay);
      // Upsert: a write that the SDK repeats after a lost answer must not look like a failure.
      await table.upsert(day, rowKey(newestTime(group), newId('aud', random)), group);
    }
  }
  /** Each day costs a question, so that those before the first are not asked for. */
  async function firstDay(): Promise<number> {
    for await (const { partition } of table.list({ limit: 1 })) return Date.parse(partition);
    return clock();
  }

  const write = createGroupWriter({
    write: store,
    weigh: ({ text }: Decided) => text.length + placeCharacters,
    limits: groupLimits,
    clock,
  });

  return {
    record: ({ requestId, ...kind }) => write({ time: clock(), requestId, kind, text: JSON.stringify(kind) }),

    async list({ limit, after, since: asked = clock() - listedForMs, outcome }) {
      const long = asked < clock() - listedForMs;
      const since = long ? Math.max(asked, await firstDay()) : asked;
      const cursor = after === undefined ? undefined : readCursor(after);
      const events: AuditEvent[] = [];
      const start = cursor ? timeOf(cursor.row) : clock() + skewMs;
      for (let day = startOfDay(start); day + dayMs > since; day -= dayMs) {
        for await (const { row, value } of table.list({
          partition: dayOf(day),
          ...(cursor ? { from: cursor.row } : {}),
        })) {
          if (newestTime(value) < since) break;
          const skip = row === cursor?.row ? cursor.seen : 0;
          for (const [index, event] of unpackEvents(value, idOf(row)).toReversed().entries()) {
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

function newestTime({ events }: AuditGroup): number {
  const last = events.at(-1);
  if (!last) throw new Error('a group without events');
  return last[1];
}

const lastTime = 9_999_999_999_999;

function rowKey(time: number, id: string): string {
  return `${String(lastTime - time).padStart(13, '0')}_${id}`;
}

/** The id in a row key. */
function idOf(row: string): string {
  return row.slice(14);
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
