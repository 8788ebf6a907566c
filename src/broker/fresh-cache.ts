import type { Clock } from '../ports.ts';

/** Remembers what was loaded for a few seconds, at most `capacity` entries; the oldest goes first. */
export interface FreshCache<T> {
  /**
   * The remembered value, or what `load` gives now. Concurrent calls for one key load once; `undefined` isn't kept. With a `stamp`,
   * what was loaded under the same one counts, however long ago.
   */
  get(key: string, load: () => Promise<T | undefined>, stamp?: string): Promise<T | undefined>;
  /** The next `get` loads again, also when a load is under way now. */
  forget(key: string): void;
}

export function createFreshCache<T>(options: {
  readonly clock: Clock;
  readonly freshForMs: number;
  readonly capacity: number;
}): FreshCache<T> {
  const known = new Map<string, { value: T; loadedAt: number; stamp: string | undefined }>();
  const loading = new Map<string, Promise<T | undefined>>();

  function keep(key: string, value: T, loadedAt: number, stamp: string | undefined) {
    known.delete(key);
    known.set(key, { value, loadedAt, stamp });
    const oldest = known.keys().next().value;
    if (known.size > options.capacity && oldest !== undefined) known.delete(oldest);
  }

  function isFresh(loadedAt: number): boolean {
    const age = options.clock() - loadedAt;
    return age >= 0 && age < options.freshForMs;
  }

  return {
    async get(key, load, stamp) {
      const held = known.get(key);
      if (held && (stamp === undefined ? isFresh(held.loadedAt) : held.stamp === stamp)) return held.value;

      const underWay = loading.get(key);
      if (underWay) return underWay;
      const startedAt = options.clock();
      const attempt = load();
      loading.set(key, attempt);
      try {
        const value = await attempt;
        if (loading.get(key) === attempt && value !== undefined) keep(key, value, startedAt, stamp);
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
