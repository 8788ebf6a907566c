export interface BackOff {
  /** The next delay in milliseconds; each is twice the one before, up to the limit. */
  next(): number;
  reset(): void;
}

/** Delays of `first`, 2 x `first`, 4 x `first` ... and never more than `limit`. */
export function createBackOff(first: number, limit: number): BackOff {
  let delay = 0;
  return {
    next() {
      delay = Math.min(delay === 0 ? first : delay * 2, limit);
      return delay;
    },
    reset() {
      delay = 0;
    },
  };
}
