import type { Clock } from '../ports.ts';

/** Remembers what was loaded for a few seconds, at most `capacity` entries; the oldest goes first. */
export interface FreshCache<T> {
  /** The remembered value, or what `load` gives now. Concurrent calls for one key load once; `undefined` isn't kept. */
  get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  /** The next `get` loads again, also when a load is under way now. */
  forget(key: string): void;
}

export function createFreshCache<T>(options: {
  readonly clock: Clock;
  readonly freshForMs: number;
  readonly capacity: number;
}): FreshCache<T> {
  const known = new Map<string, { value: T; loadedAt: number }>();
  const loading = new Map<string, Promise<T | undefined>>();

  function keep(key: string, value: T, loadedAt: number) {
    known.delete(key);
    known.set(key, { value, loadedAt });
    const oldest = known.keys().next().value;
    if (known.size > options.capacity && oldest !== undefined) known.delete(oldest);
  }

  return {
    async get(key, load) {
      const held = known.get(key);
      const age = held ? options.clock() - held.loadedAt : -1;
      if (held && age >= 0 && age < options.freshForMs) return held.value;

      const underWay = loading.get(key);
      if (underWay) return underWay;
      const startedAt = options.clock();
      const attempt = load();
      loading.set(key, attempt);
      try {
        const value = await attempt;
        if (loading.get(key) === attempt && value !== undefined) keep(key, value, startedAt);
        return value;
      } finally {
        if (loading.get(key) === attempt) loading.delete(key);
      }
    },
    forget(key) {
      known.delete(key);
      loading.delete(key);
    },
  };
}
