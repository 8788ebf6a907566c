/** The clock of the whole tenant; control may skew it. */
export interface TenantClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  offsetSeconds: number;
}

export function createTenantClock(): TenantClock {
  const clock = {
    offsetSeconds: 0,
    now: () => Date.now() + clock.offsetSeconds * 1000,
  };
  return clock;
}
