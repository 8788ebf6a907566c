import type { Clock } from '../ports.ts';

/** Counts requests per key in fixed windows, in this process, for at most `capacity` keys at a time. */
export interface RateLimit {
  /**
   * Undefined when the request is within the limit, else the whole seconds until the next window, and whether it is the
   * first beyond the limit in this one. `requests` replaces the limit for this key.
   */
  take(key: string, requests?: number): { readonly waitSeconds: number; readonly first: boolean } | undefined;
}

export function createRateLimit(options: {
  readonly clock: Clock;
  readonly requests: number;
  readonly windowSeconds: number;
  readonly capacity?: number;
}): RateLimit {
  const windowMs = options.windowSeconds * 1000;
  const counts = new Map<string, number>();
  let window = -1;

  return {
    take(key, requests = options.requests) {
      const now = options.clock();
      const current = Math.floor(now / windowMs);
      if (current !== window) {
        window = current;
        counts.clear();
      }
      const used = (counts.get(key) ?? 0) + 1;
      const oldest = counts.keys().next().value;
      if (!counts.has(key) && counts.size >= (options.capacity ?? 10_000) && oldest !== undefined) {
        counts.delete(oldest);
      }
      counts.set(key, used);
      if (used <= requests) return undefined;
      const waitSeconds = Math.max(1, Math.ceil(((current + 1) * windowMs - now) / 1000));
      return { waitSeconds, first: used === requests + 1 };
    },
  };
}
