import type { DeltaCursor } from './delta-cursor.ts';
import type { Drive } from './drive.ts';
import type { ItemRecord } from './item-record.ts';

/** One row of the feed; a deleted item has `deletedAt`. */
export interface DeltaRow {
  readonly record: ItemRecord;
  readonly sharing: boolean;
}

export interface DeltaPage {
  readonly rows: readonly DeltaRow[];
  readonly cursor: DeltaCursor;
  /** Another page follows. */
  readonly more: boolean;
}

/** Places looked at for one page when most are skipped; the page may come out empty. */
const MOST_LOOKED_AT = 20_000;

/** The next `limit` rows of a drive's feed. */
export function deltaPage(
  drive: Drive,
  cursor: DeltaCursor,
  limit: number,
  now: number,
  ancestors: boolean,
): DeltaPage {
  return cursor.mode === 'all'
    ? enumerate(drive, cursor, limit)
    : follow(drive, cursor.after, limit, now, ancestors);
}

function enumerate(drive: Drive, cursor: DeltaCursor & { mode: 'all' }, limit: number): DeltaPage {
  const { items } = drive;
  const rows: DeltaRow[] = [];
  const { places } = items;
  let { position } = cursor;
  const stop = position + MOST_LOOKED_AT;
  // The root is an added item; put it first all the same, as parents come before their children.
  if (position === 0 && cursor.since === 0) rows.push({ record: drive.root(), sharing: false });
  for (; position < places && position < stop && rows.length < limit; position++) {
    const record = items.at(position);
    if (record && record.id !== drive.rootId && record.modified >= cursor.since)
      rows.push({ record, sharing: false });
  }
  if (position < places) return { rows, cursor: { ...cursor, position }, more: true };
  // Changes since a time include deletions, which only the log knows: go on there.
  return { rows, cursor: { mode: 'changes', after: cursor.head }, more: cursor.since > 0 };
}

function follow(drive: Drive, after: number, limit: number, now: number, ancestors: boolean): DeltaPage {
  const page = drive.log.after(after, limit, now);
  const rows: DeltaRow[] = [];
  const seen = new Set(page.changes.map((change) => change.id));
  for (const { id, sharing } of page.changes) {
    const record = drive.items.any(id);
    // An item that was added and dropped again (an upload that never finished) leaves no row.
    if (!record) continue;
    if (ancestors) {
      for (const above of drive.ancestors(record).reverse()) {
        const folder = seen.has(above) ? undefined : drive.items.live(above);
        if (folder) rows.push({ record: folder, sharing: false });
        seen.add(above);
      }
    }
    rows.push({ record: withBurial(drive, record), sharing });
  }
  return { rows, cursor: { mode: 'changes', after: page.cursor }, more: page.more };
}

/** What lies in a deleted folder is deleted too, though its own record doesn't say so. */
function withBurial(drive: Drive, record: ItemRecord): ItemRecord {
  if (record.deletedAt !== undefined || drive.items.live(record.id)) return record;
  return { ...record, deletedAt: record.modified };
}
