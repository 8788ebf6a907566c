export interface Change {
  readonly sequence: number;
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  /** Before this time readers don't see it yet. */
  readonly visibleAt: number;
  /** A permission changed, nothing else. */
  readonly sharing: boolean;
}

export interface ChangePage {
  readonly changes: readonly Change[];
  /** Where the next page starts. */
  readonly cursor: number;
  readonly more: boolean;
}

/**
 * Which items changed, in order. An item stands in it once, at its latest change, so a reader that goes on
 * from any earlier cursor meets every change and each item in its latest state only.
 */
export interface ChangeLog {
  append(id: string, at: number, visibleAt: number, sharing?: boolean): void;
  /** The latest sequence visible at `now`. */
  head(now: number): number;
  after(cursor: number, limit: number, now: number): ChangePage;
  /** The cursor from which all changes later than `time` follow. */
  cursorAt(time: number): number;
  save(): readonly Change[];
  load(changes: readonly Change[]): void;
}

export function createChangeLog(): ChangeLog {
  let entries: Change[] = [];
  let latest = new Map<string, number>();
  let sequence = 0;

  const isLatest = (change: Change): boolean => latest.get(change.id) === change.sequence;

  function indexAfter(fits: (change: Change) => boolean): number {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const change = entries[middle];
      if (change && fits(change)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function compact(): void {
    if (entries.length < 1000 || entries.length < latest.size * 2) return;
    entries = entries.filter(isLatest);
  }

  return {
    append(id, at, visibleAt, sharing = false) {
      sequence += 1;
      // Readers go in order, so nothing may become visible before what happened earlier.
      const notBefore = Math.max(visibleAt, entries.at(-1)?.visibleAt ?? 0);
      entries.push({ sequence, id, at, visibleAt: notBefore, sharing });
      latest.set(id, sequence);
      compact();
    },
    head(now) {
      return entries[indexAfter((change) => change.visibleAt <= now) - 1]?.sequence ?? 0;
    },
    after(cursor, limit, now) {
      const changes: Change[] = [];
      let reached = cursor;
      for (let index = indexAfter((change) => change.sequence <= cursor); index < entries.length; index++) {
        const change = entries[index];
        if (!change || change.visibleAt > now) break;
        if (changes.length === limit && isLatest(change)) return { changes, cursor: reached, more: true };
        reached = change.sequence;
        if (isLatest(change)) changes.push(change);
      }
      return { changes, cursor: reached, more: false };
    },
    cursorAt(time) {
      return entries[indexAfter((change) => change.at <= time) - 1]?.sequence ?? 0;
    },
    save: () => entries.filter(isLatest),
    load(changes) {
      entries = [...changes];
      latest = new Map(entries.map((change) => [change.id, change.sequence]));
      sequence = entries.at(-1)?.sequence ?? 0;
    },
  };
}
