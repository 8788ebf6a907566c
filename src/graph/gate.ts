import { AppError } from '../errors.ts';
import type { Clock, Random } from '../ports.ts';
import { createInTurn, type InTurn } from '../storage/in-turn.ts';
import type { Storage } from '../storage/storage.ts';
import {
  addToHour,
  type BudgetRow,
  budgetRow,
  changeBudget,
  freshBudget,
  type Lease,
  reconcile,
  settle,
  sliceSeconds,
  takeSlice,
} from './budget.ts';
import type { Priority } from './graph-client.ts';
import type { Meter } from './meter.ts';
import type { Price } from './price.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** Whose budget a call is charged to. */
export interface Payer {
  readonly tenantId: string;
  readonly appId: string;
  readonly priority: Priority;
  /** Told what each call costs. */
  readonly meter?: Meter | undefined;
}

/** Waits `ms` milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

export interface Gate {
  /**
   * Lets a call of this price through, waiting at most `patienceMs`; gives the milliseconds waited. Throws `throttled` with
   * `retryAfter` when it would take longer: then the work is put off by a message, since no function sleeps long.
   */
  enter(payer: Payer, price: Price, patienceMs: number): Promise<number>;
  /** After a refusal for load: nobody calls this tenant until the time that Graph asked for, with some jitter, is over. */
  pause(payer: Payer, headers: Headers): Promise<void>;
  /** Learns the limit from the RateLimit headers of any answer, and pauses before it is overrun. */
  observe(payer: Payer, headers: Headers): Promise<void>;
  /** What was spent in each tenant in the last 24 hours. */
  spending(tenantId: string): Promise<Spending[]>;
}

/** Of one app in one tenant, by all instances. */
export interface Spending {
  readonly tenantId: string;
  readonly appId: string;
  /** Resource units leased in the last 24 hours, and those that Microsoft allows in that time. */
  readonly units: number;
  readonly unitsAllowed: number;
  /** Refusals for load in the last 24 hours. */
  readonly throttled: number;
  /** Milliseconds since 1970; undefined when there is no pause. */
  readonly pausedUntil: number | undefined;
}

export interface GateOptions {
  readonly storage: Pick<Storage, 'table'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly sleep: Sleep;
}

/** What this process knows of one payer. */
interface Purse {
  units: number;
  until: number;
  /** The last lease, which what is left belongs to. */
  leased: Lease;
  wanted: number;
  readonly inTurn: InTurn;
}

interface Wait {
  readonly waitMs: number;
  readonly why: 'paused' | 'spent' | 'sharing' | '';
}

const noLease: Lease = { at: 0, units: 0 };
const noneBefore = { lease: noLease, used: 0, live: false };
const noWait: Wait = { waitMs: 0, why: '' };
const firstSlice = 8;
const largestSlice = 64;
const longestPauseSeconds = 120;
/** What Graph tells of the rest of its minute is written down so often at most. */
const reconcileMs = 1000;
/** Microsoft allows 1.2 million units a day where it allows 1,250 a minute. */
const minutesOfADay = 960;

export function createGate({ storage, clock, random, sleep }: GateOptions): Gate {
  const table = storage.table<BudgetRow>({ name: 'budgets', schema: budgetRow });
  const purses = new Map<string, Purse>();
  const pauses = new Map<string, number>();
  const limits = new Map<string, number>();
  const reconciled = new Map<string, number>();
  const uniform = () => random(4).readUInt32BE() / 2 ** 32;
  /** Those who waited for the end of a pause don't all begin in the same moment. */
  const afterPause = () => uniform() * 250;
  const placeOf = (payer: Payer) => `${payer.tenantId}|${payer.appId}`;

  function purseOf(payer: Payer): Purse {
    const key = `${placeOf(payer)}|${payer.priority}`;
    const known = purses.get(key);
    if (known) return known;
    const made = { units: 0, until: 0, leased: noLease, wanted: firstSlice, inTurn: createInTurn() };
    purses.set(key, made);
    return made;
  }

  /** 0 when the call may go, else how long to wait before asking again. */
  async function spend(payer: Payer, purse: Purse, price: Price): Promise<Wait> {
    const now = clock();
    const paused = pauses.get(placeOf(payer)) ?? 0;
    if (paused > now) return { waitMs: paused - now + afterPause(), why: 'paused' };
    if (price.sharing > 0) return (await lease(payer, price, price.units)).refused ?? noWait;
    if (purse.until <= now || purse.units < price.units) {
      const refused = await refill(payer, purse, price.units);
      if (refused) return refused;
    }
    purse.units -= price.units;
    return noWait;
  }

  async function refill(payer: Payer, purse: Purse, units: number): Promise<Wait | undefined> {
    const now = clock();
    const live = purse.until > now;
    // Used up while it was good: ask for more at once; gone stale with units in it: for less.
    purse.wanted = live ? Math.min(purse.wanted * 2, largestSlice) : firstSlice;
    const { units: left, leased } = purse;
    const wanted = Math.max(units, purse.wanted);
    const least = { units, sharing: 0 };
    const before = { lease: leased, used: leased.units - left, live };
    const { saved, granted, refused, at } = await lease(payer, least, wanted, before);
    if (refused && live) return refused;
    if (saved) Object.assign(purse, { units: granted, leased: { at, units: granted } });
    if (refused) return refused;
    purse.until = at + sliceSeconds * 1000;
    return undefined;
  }

  /**
   * A part of the shared budget for this process alone, instead of the one before, of which so much was used. One that is live is
   * kept when there is no other.
   */
  async function lease(
    payer: Payer,
    least: Price,
    wanted: number,
    before: { readonly lease: Lease; readonly used: number; readonly live: boolean } = noneBefore,
  ): Promise<{ saved: boolean; granted: number; refused?: Wait | undefined; at: number }> {
    let at = clock();
    let granted = 0;
    let refused: Wait | undefined;
    const saved = await changeBudget(table, payer, (read) => {
      at = clock();
      const row = before.lease.units > 0 ? settle(read, before.lease, before.used, at) : read;
      const slice = takeSlice(row, at, least, wanted, payer.priority);
      refused = 'waitMs' in slice ? slice : undefined;
      granted = 'units' in slice ? slice.units : 0;
      if (refused?.why === 'paused') {
        pauses.set(placeOf(payer), row.pausedUntil);
        refused = { ...refused, waitMs: refused.waitMs + afterPause() };
      }
      if ('row' in slice) return slice.row;
      return before.live || before.lease.units === before.used ? undefined : row;
    });
    if (saved) return { saved, granted, refused, at };
    return { saved, at, granted: 0, refused: { waitMs: 50 + uniform() * 200, why: 'spent' } };
  }

  return {
    async enter(payer, price, patienceMs) {
      const purse = purseOf(payer);
      let waited = 0;
      for (;;) {
        const wait = await purse.inTurn(() => spend(payer, purse, price));
        if (wait.waitMs <= 0) return waited;
        if (waited + wait.waitMs > patienceMs) throw tooLong(wait);
        waited += wait.waitMs;
        await sleep(wait.waitMs);
      }
    },

    async pause(payer, headers) {
      await changeBudget(table, payer, (row) => {
        const now = clock();
        const asked = retryAfterSeconds(headers, now);
        const strikes = asked === undefined ? row.strikes + 1 : 0;
        const seconds =
          asked === undefined
            ? Math.max(1, Math.min(2 ** strikes, longestPauseSeconds) * uniform())
            : asked * (1 + uniform() / 4);
        const pausedUntil = Math.max(row.pausedUntil, now + Math.ceil(seconds * 1000));
        pauses.set(placeOf(payer), pausedUntil);
        return { ...row, pausedUntil, strikes, hours: addToHour(row, now, 0, 1) };
      });
    },

    async observe(payer, headers) {
      const limit = numberOf(headers, 'ratelimit-limit');
      const remaining = numberOf(headers, 'ratelimit-remaining');
      if (limit !== undefined && limit > 0 && limit !== (limits.get(placeOf(payer)) ?? freshBudget.limit)) {
        limits.set(placeOf(payer), limit);
        await changeBudget(table, payer, (row) => (row.limit === limit ? undefined : { ...row, limit }));
      }
      if (remaining === undefined) return;
      if (remaining < 5) return this.pause(payer, headers);
      const now = clock();
      if (now - (reconciled.get(placeOf(payer)) ?? 0) < reconcileMs) return;
      reconciled.set(placeOf(payer), now);
      const resetSeconds = numberOf(headers, 'ratelimit-reset') ?? 60;
      await changeBudget(table, payer, (row) => reconcile(row, now, { remaining, resetSeconds }));
    },

    async spending(tenantId) {
      const found: Spending[] = [];
      const now = clock();
      const since = Math.floor(now / 3_600_000) - 24;
      for await (const { row: appId, value } of table.list({ partition: tenantId })) {
        const day = value.hours.filter(([hour]) => hour > since);
        found.push({
          tenantId,
          appId,
          units: day.reduce((sum, [, units]) => sum + units, 0),
          unitsAllowed: value.limit * minutesOfADay,
          throttled: day.reduce((sum, [, , refused]) => sum + refused, 0),
          pausedUntil: value.pausedUntil > now ? value.pausedUntil : undefined,
        });
      }
      return found;
    },
  };
}

function numberOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  const value = Number(text);
  return text === null || text === '' || !Number.isFinite(value) ? undefined : value;
}

const reasons: Readonly<Record<Wait['why'], string>> = {
  paused: 'Microsoft Graph asked for a pause, which ends',
  sharing: 'Microsoft allows no more shares in five minutes. It goes on',
  spent: "This minute's share of calls to Microsoft Graph is used up. It goes on",
  '': 'It goes on',
};

function tooLong({ waitMs, why }: Wait): AppError {
  const seconds = Math.ceil(waitMs / 1000);
  return new AppError('throttled', `${reasons[why]} in ${seconds} s.`, {
    retryable: true,
    retryAfter: seconds,
  });
}
