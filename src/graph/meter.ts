/** What the calls of one client have cost, tries that failed included: Microsoft charges these too. */
export interface Meter {
  readonly calls: number;
  /** Resource units. */
  readonly units: number;
  /** Refusals for load. */
  readonly throttled: number;
  add(cost: { readonly units?: number; readonly throttled?: number }): void;
}

export function createMeter(): Meter {
  let calls = 0;
  let units = 0;
  let throttled = 0;
  return {
    get calls() {
      return calls;
    },
    get units() {
      return units;
    },
    get throttled() {
      return throttled;
    },
    add(cost) {
      if (cost.units !== undefined) calls += 1;
      units += cost.units ?? 0;
      throttled += cost.throttled ?? 0;
    },
  };
}
