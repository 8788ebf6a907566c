import type { Clock } from '../ports.ts';

/** Counts requests per key in fixed windows, in this process, for at most `capacity` keys at a time. */
export interface RateLimit {
  /** Undefined when the request is within the limit, else the whole seconds until the next window. */
  take(key: string): number | undefined;
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
    take(key) {
      const now = options.clock();
      const current = Math.floor(now / windowMs);
      if (current !== window) {
        window = current;
        counts.clear();
      }
      const used = (counts.get(key) ?? 0) + 1;
      if (used > options.requests) return Math.max(1, Math.ceil(((current + 1) * windowMs - now) / 1000));
      const oldest = counts.keys().next().value;
      if (!counts.has(key) && counts.size >= (options.capacity ?? 10_000) && oldest !== undefined) {
        counts.delete(oldest);
      }
      counts.set(key, used);
      return undefined;
    },
  };
}
