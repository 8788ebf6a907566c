import { z } from 'zod';
import { isAppError } from '../errors.ts';
import type { Row, Table } from '../storage/table.ts';
import type { Priority } from './graph-client.ts';

/** What all instances together may spend in one tenant: one row for each (tenant, app). */
export const budgetRow = z.object({
  /** Resource units a minute; the smallest that Microsoft grants until Graph names another. */
  limit: z.number(),
  /** [second since 1970, units leased in it], oldest first, of the last minute. */
  spent: z.array(z.tuple([z.number(), z.number()])),
  /** Milliseconds since 1970 until which nobody calls Graph. */
  pausedUntil: z.number(),
  /** Refusals in a row that named no time to wait. */
  strikes: z.number(),
});
export type BudgetRow = z.infer<typeof budgetRow>;

export const freshBudget: BudgetRow = { limit: 1250, spent: [], pausedUntil: 0, strikes: 0 };

/** A slice is used within this time, or not at all. */
export const sliceSeconds = 2;
/** A lease counts for a minute after its last use. */
const windowSeconds = 60 + sliceSeconds;
/** The part of the budget up to which each kind of work may go: the rest is kept for those who wait at a screen. */
const shares: Readonly<Record<Priority, number>> = { interactive: 1, rules: 0.98, reports: 0.96 };

export type Slice =
  | { readonly units: number; readonly row: BudgetRow }
  | { readonly waitMs: number; readonly why: 'paused' | 'spent' };

/** Decides one lease of `least` to `wanted` units. Pure: the caller saves the row. */
export function takeSlice(
  row: BudgetRow,
  now: number,
  least: number,
  wanted: number,
  priority: Priority,
): Slice {
  if (row.pausedUntil > now) return { waitMs: row.pausedUntil - now, why: 'paused' };
  const second = Math.floor(now / 1000);
  const spent = row.spent.filter(([at]) => at > second - windowSeconds);
  const ceiling = Math.floor(row.limit * shares[priority]);
  let free = ceiling - spent.reduce((sum, [, units]) => sum + units, 0);
  if (free < least) {
    for (const [at, units] of spent) {
      free += units;
      if (free >= least) return { waitMs: (at + windowSeconds) * 1000 - now, why: 'spent' };
    }
    return { waitMs: windowSeconds * 1000, why: 'spent' };
  }
  const units = Math.min(Math.max(least, wanted), free);
  const last = spent.at(-1);
  const next: [number, number][] =
    last?.[0] === second ? [...spent.slice(0, -1), [second, last[1] + units]] : [...spent, [second, units]];
  return { units, row: { ...row, spent: next } };
}

/**
 * Reads, decides, writes, and begins again when another instance was faster. `decide` gives undefined to leave the row as it is.
 * Returns false when others were faster every time.
 */
export async function changeBudget(
  table: Table<BudgetRow>,
  place: { readonly tenantId: string; readonly appId: string },
  decide: (row: BudgetRow) => BudgetRow | undefined,
): Promise<boolean> {
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const existing: Row<BudgetRow> | undefined = await table.get(place.tenantId, place.appId);
    const next = decide(existing?.value ?? freshBudget);
    if (next === undefined) return true;
    try {
      if (existing) await table.replace(existing, next);
      else await table.insert(place.tenantId, place.appId, next);
      return true;
    } catch (error) {
      if (!isAppError(error, 'precondition_failed') && !isAppError(error, 'conflict')) throw error;
    }
  }
  return false;
}
