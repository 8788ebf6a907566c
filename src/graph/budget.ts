import { z } from 'zod';
import { isAppError } from '../errors.ts';
import type { Row, Table } from '../storage/table.ts';
import type { Priority } from './graph-client.ts';
import type { Price } from './price.ts';

/** [second since 1970 by which it is used, how much], oldest first. */
const spent = z.array(z.tuple([z.number(), z.number()]));
type Spent = z.infer<typeof spent>;

/** What all instances together may spend in one tenant: one row for each (tenant, app). */
export const budgetRow = z.object({
  /** Resource units a minute; the smallest that Microsoft grants until Graph names another. */
  limit: z.number(),
  /** Resource units of the last minute. */
  spent,
  /** Calls that share something, of the last five minutes. */
  sharing: spent.default([]),
  /** Milliseconds since 1970 until which nobody calls Graph. */
  pausedUntil: z.number(),
  /** Refusals in a row that named no time to wait. */
  strikes: z.number(),
  /** When somebody at a screen last asked (ms): the others then leave them more room. */
  personAt: z.number().default(0),
  /** [hour since 1970, units, refusals for load] of the last day. */
  hours: z.array(z.tuple([z.number(), z.number(), z.number()])).default([]),
});
export type BudgetRow = z.infer<typeof budgetRow>;

export const freshBudget: BudgetRow = {
  limit: 1250,
  spent: [],
  sharing: [],
  pausedUntil: 0,
  strikes: 0,
  personAt: 0,
  hours: [],
};

/** A slice is used within this time, or not at all. */
export const sliceSeconds = 2;
/** What was used counts for so long. */
const windowSeconds = 60;
/** The part of the budget up to which each kind of work may go: the rest is kept for those who wait at a screen. */
const shares: Readonly<Record<Priority, number>> = { interactive: 1, rules: 0.98, reports: 0.96 };
/** The same while somebody is at a screen: a fifth is theirs. */
const sharesBesidePeople: typeof shares = { interactive: 1, rules: 0.9, reports: 0.8 };
const personStaysMs = 5 * 60_000;

/** Calls that share something which Microsoft allows an app in a tenant. */
const sharingLimit = 300;
const sharingSeconds = 300;
const hoursKept = 25;

export type Slice =
  | { readonly units: number; readonly row: BudgetRow }
  | { readonly waitMs: number; readonly why: 'paused' | 'spent' | 'sharing' };

/**
 * Decides one lease of `least.units` to `wanted` units, and of exactly `least.sharing` calls that share. Pure: the caller saves the row.
 * What is dearer than the whole budget is let through when nothing else was spent.
 */
export function takeSlice(
  row: BudgetRow,
  now: number,
  least: Price,
  wanted: number,
  priority: Priority,
): Slice {
  if (row.pausedUntil > now) return { waitMs: row.pausedUntil - now, why: 'paused' };
  const beside = priority !== 'interactive' && row.personAt > now - personStaysMs;
  const share = (beside ? sharesBesidePeople : shares)[priority];
  const second = Math.ceil(now / 1000);
  const minute = takeFrom(row.spent, now, {
    seconds: windowSeconds,
    ceiling: Math.floor(row.limit * share),
    end: second + sliceSeconds,
    least: least.units,
    most: Math.max(least.units, wanted),
  });
  if ('waitMs' in minute) return { ...minute, why: 'spent' };
  const sharing = takeFrom(row.sharing, now, {
    seconds: sharingSeconds,
    ceiling: Math.floor(sharingLimit * share),
    end: second,
    least: least.sharing,
    most: least.sharing,
  });
  if ('waitMs' in sharing) return { ...sharing, why: 'sharing' };
  const personAt = priority === 'interactive' ? now : row.personAt;
  const hours = addToHour(row, now, minute.taken, 0);
  return {
    units: minute.taken,
    row: { ...row, spent: minute.spent, sharing: sharing.spent, personAt, hours },
  };
}

interface Taking {
  /** How long what was used counts. */
  readonly seconds: number;
  readonly ceiling: number;
  /** Second by which it will be used. */
  readonly end: number;
  readonly least: number;
  readonly most: number;
}

/** Takes `least` to `most` out of what is left of a sliding window, or says how long until there is enough. */
function takeFrom(
  before: Spent,
  now: number,
  { seconds, ceiling, end, least: asked, most }: Taking,
): { readonly taken: number; readonly spent: Spent } | { readonly waitMs: number } {
  const recent = before.filter(([at]) => (at + seconds) * 1000 > now);
  if (most === 0) return { taken: 0, spent: recent };
  const least = Math.min(asked, ceiling);
  let free = ceiling - recent.reduce((sum, [, amount]) => sum + amount, 0);
  if (free < least) {
    for (const [at, amount] of recent) {
      free += amount;
      if (free >= least) return { waitMs: (at + seconds) * 1000 - now };
    }
    return { waitMs: seconds * 1000 };
  }
  const taken = Math.min(Math.max(least, most), free);
  return { taken, spent: add(recent, end, taken) };
}

function add(spent: Spent, second: number, amount: number): Spent {
  const sums = new Map(spent);
  sums.set(second, (sums.get(second) ?? 0) + amount);
  return [...sums].filter(([, sum]) => sum > 0).sort(([one], [other]) => one - other);
}

/** A lease: when it was taken (ms), and its units. */
export interface Lease {
  readonly at: number;
  readonly units: number;
}

/** The row when it is known what became of a lease: what was not used goes back, and what was used early counts from now on only. */
export function settle(row: BudgetRow, { at, units }: Lease, used: number, now: number): BudgetRow {
  const end = Math.ceil(at / 1000) + sliceSeconds;
  const without = add(row.spent, end, -Math.min(units, row.spent.find(([one]) => one === end)?.[1] ?? 0));
  return {
    ...row,
    spent: used > 0 ? add(without, Math.min(end, Math.ceil(now / 1000)), used) : without,
    hours: row.hours.map(([hour, amount, refused]) => [
      hour,
      hour === hourOf(at) ? Math.max(0, amount - units + used) : amount,
      refused,
    ]),
  };
}

/** Less is left than this row knows of: the difference counts until Graph's own minute is over. Undefined when all is well. */
export function reconcile(
  row: BudgetRow,
  now: number,
  told: { readonly remaining: number; readonly resetSeconds: number },
): BudgetRow | undefined {
  const recent = row.spent.filter(([at]) => (at + windowSeconds) * 1000 > now);
  const free = row.limit - recent.reduce((sum, [, units]) => sum + units, 0);
  const unknown = free - told.remaining;
  if (unknown <= 0) return undefined;
  const reset = Math.min(Math.max(Math.ceil(told.resetSeconds), 1), windowSeconds);
  return { ...row, spent: add(recent, Math.ceil(now / 1000) + reset - windowSeconds, unknown) };
}

/** The units and refusals of this hour with some more. */
export function addToHour(row: BudgetRow, now: number, units: number, refused: number): BudgetRow['hours'] {
  const hour = hourOf(now);
  const kept = row.hours.filter(([at]) => at > hour - hoursKept);
  const last = kept.at(-1);
  if (last?.[0] !== hour) return [...kept, [hour, units, refused]];
  return [...kept.slice(0, -1), [hour, last[1] + units, last[2] + refused]];
}

function hourOf(ms: number): number {
  return Math.floor(ms / 3_600_000);
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
