import { AppError } from '../errors.ts';
import type { Clock, Random } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import { type BudgetRow, budgetRow, changeBudget, freshBudget, sliceSeconds, takeSlice } from './budget.ts';
import type { Priority } from './graph-client.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** Whose budget a call is charged to. */
export interface Payer {
  readonly tenantId: string;
  readonly appId: string;
  readonly priority: Priority;
}

/** Waits `ms` milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

export interface Gate {
  /**
   * Lets a call of `units` through, waiting at most `patienceMs`; gives the milliseconds waited. Throws `throttled` with
   * `retryAfter` when it would take longer: then the work is put off by a message, since no function sleeps long.
   */
  enter(payer: Payer, units: number, patienceMs: number): Promise<number>;
  /** After a refusal for load: nobody calls this tenant until the time that Graph asked for, with some jitter, is over. */
  pause(payer: Payer, headers: Headers): Promise<void>;
  /** Learns the limit from the RateLimit headers of any answer, and pauses before it is overrun. */
  observe(payer: Payer, headers: Headers): Promise<void>;
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
  wanted: number;
  tail: Promise<unknown>;
}

const firstSlice = 8;
const largestSlice = 64;
const longestPauseSeconds = 120;

export function createGate({ storage, clock, random, sleep }: GateOptions): Gate {
  const table = storage.table<BudgetRow>({ name: 'budgets', schema: budgetRow });
  const purses = new Map<string, Purse>();
  const pauses = new Map<string, number>();
  const limits = new Map<string, number>();
  const uniform = () => random(4).readUInt32BE() / 2 ** 32;
  const placeOf = (payer: Payer) => `${payer.tenantId}|${payer.appId}`;

  function purseOf(payer: Payer): Purse {
    const key = `${placeOf(payer)}|${payer.priority}`;
    const known = purses.get(key);
    if (known) return known;
    const made = { units: 0, until: 0, wanted: firstSlice, tail: Promise.resolve() };
    purses.set(key, made);
    return made;
  }

  /** 0 when the units are ours, else how long to wait before asking again. */
  async function spend(payer: Payer, purse: Purse, units: number): Promise<{ waitMs: number; why: string }> {
    const now = clock();
    const paused = pauses.get(placeOf(payer)) ?? 0;
    if (paused > now) return { waitMs: paused - now, why: 'paused' };
    if (purse.until <= now || purse.units < units) {
      const refused = await refill(payer, purse, units);
      if (refused) return refused;
    }
    purse.units -= units;
    return { waitMs: 0, why: '' };
  }

  async function refill(
    payer: Payer,
    purse: Purse,
    units: number,
  ): Promise<{ waitMs: number; why: string } | undefined> {
    const now = clock();
    const live = purse.until > now;
    // Used up while it was good: ask for more at once; gone stale with units in it: for less.
    purse.wanted = live ? Math.min(purse.wanted * 2, largestSlice) : firstSlice;
    let granted = 0;
    let refused: { waitMs: number; why: string } | undefined;
    const saved = await changeBudget(table, payer, (row) => {
      const slice = takeSlice(row, now, units, purse.wanted, payer.priority);
      refused = 'waitMs' in slice ? slice : undefined;
      granted = 'units' in slice ? slice.units : 0;
      if (refused?.why === 'paused') pauses.set(placeOf(payer), row.pausedUntil);
      return 'row' in slice ? slice.row : undefined;
    });
    if (!saved) return { waitMs: 50 + uniform() * 200, why: 'spent' };
    if (refused) return refused;
    purse.units = (live ? purse.units : 0) + granted;
    purse.until = now + sliceSeconds * 1000;
    return undefined;
  }

  return {
    async enter(payer, units, patienceMs) {
      const purse = purseOf(payer);
      let waited = 0;
      for (;;) {
        const turn = purse.tail.then(() => spend(payer, purse, units));
        purse.tail = turn.catch(() => undefined);
        const { waitMs, why } = await turn;
        if (waitMs <= 0) return waited;
        if (waited + waitMs > patienceMs) throw tooLong(waitMs, why);
        waited += waitMs;
        await sleep(waitMs);
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
        return { ...row, pausedUntil, strikes };
      });
    },

    async observe(payer, headers) {
      const limit = numberOf(headers, 'ratelimit-limit');
      const remaining = numberOf(headers, 'ratelimit-remaining');
      if (limit !== undefined && limit > 0 && limit !== (limits.get(placeOf(payer)) ?? freshBudget.limit)) {
        limits.set(placeOf(payer), limit);
        await changeBudget(table, payer, (row) => (row.limit === limit ? undefined : { ...row, limit }));
      }
      if (remaining !== undefined && remaining < 5) await this.pause(payer, headers);
    },
  };
}

function numberOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  const value = Number(text);
  return text === null || text === '' || !Number.isFinite(value) ? undefined : value;
}

function tooLong(waitMs: number, why: string): AppError {
  const seconds = Math.ceil(waitMs / 1000);
  return new AppError(
    'throttled',
    why === 'paused'
      ? `Microsoft Graph asked for a pause, which ends in ${seconds} s.`
      : `This minute's share of calls to Microsoft Graph is used up. It goes on in ${seconds} s.`,
    { retryable: true, retryAfter: seconds },
  );
}
