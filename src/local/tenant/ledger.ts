/**
 * Named counters that /control/calls shows. Names in use: `resourceUnits`, `throttled`, `notificationsSent`,
 * `notificationsAnswered`, `notificationsFailed`; others may be added freely.
 */
export interface Ledger {
  add(name: string, by?: number): void;
  counts(): Readonly<Record<string, number>>;
  clear(): void;
}

export function createLedger(): Ledger {
  const counters = new Map<string, number>();
  return {
    add: (name, by = 1) => void counters.set(name, (counters.get(name) ?? 0) + by),
    counts: () => Object.fromEntries(counters),
    clear: () => counters.clear(),
  };
}
