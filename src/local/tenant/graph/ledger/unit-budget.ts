export interface Charge {
  readonly allowed: boolean;
  /** Seconds until the window starts over. */
  readonly reset: number;
  readonly limit: number;
  readonly remaining: number;
  /** From 80 % of the budget on clients are told how much is left. */
  readonly tell: boolean;
}

export interface BudgetAccount {
  readonly appId: string;
  readonly tenantId: string;
  readonly spent: number;
  readonly calls: number;
  readonly throttled: number;
}

/** Counts resource units per app and tenant in windows of a minute; refused calls are charged too. */
export interface UnitBudget {
  charge(appId: string, tenantId: string, units: number): Charge;
  /** Units per minute; undefined takes the limit away. Also forgets the running windows. */
  limit(perMinute: number | undefined): void;
  accounts(): BudgetAccount[];
  clear(): void;
}

const WINDOW_MS = 60_000;

interface Account {
  readonly appId: string;
  readonly tenantId: string;
  spent: number;
  calls: number;
  throttled: number;
  windowStart: number;
  inWindow: number;
}

export function createUnitBudget(parts: { clock: () => number; perMinute?: number }): UnitBudget {
  let perMinute = parts.perMinute;
  const accounts = new Map<string, Account>();

  function accountOf(appId: string, tenantId: string): Account {
    const key = `${appId} ${tenantId}`;
    const found = accounts.get(key);
    if (found) return found;
    const fresh = {
      appId,
      tenantId,
      spent: 0,
      calls: 0,
      throttled: 0,
      windowStart: parts.clock(),
      inWindow: 0,
    };
    accounts.set(key, fresh);
    return fresh;
  }

  return {
    charge(appId, tenantId, units) {
      const account = accountOf(appId, tenantId);
      const now = parts.clock();
      if (now - account.windowStart >= WINDOW_MS || now < account.windowStart) {
        account.windowStart = now;
        account.inWindow = 0;
      }
      account.spent += units;
      account.calls += 1;
      account.inWindow += units;
      const limit = perMinute ?? Number.POSITIVE_INFINITY;
      const allowed = account.inWindow <= limit;
      if (!allowed) account.throttled += 1;
      return {
        allowed,
        limit,
        remaining: Math.max(0, limit - account.inWindow),
        reset: Math.max(1, Math.ceil((account.windowStart + WINDOW_MS - now) / 1000)),
        tell: account.inWindow >= limit * 0.8,
      };
    },
    limit(next) {
      perMinute = next;
      for (const account of accounts.values()) account.windowStart = Number.NEGATIVE_INFINITY;
    },
    accounts: () =>
      [...accounts.values()].map(({ appId, tenantId, spent, calls, throttled }) => ({
        appId,
        tenantId,
        spent,
        calls,
        throttled,
      })),
    clear: () => accounts.clear(),
  };
}
