/** What is remembered of one item and one rule. */
export interface Firings {
  /** One entry for each state of the item that the rule fired for, newest last. */
  readonly fired: readonly { readonly state: string; readonly at: number }[];
  /** The version of the rule for which the item is in quarantine. */
  readonly quarantined?: number | undefined;
}

export type FiringDecision =
  | { readonly kind: 'fire'; readonly next: Firings }
  /** The same state again: a page that is read twice. */
  | { readonly kind: 'again' }
  | { readonly kind: 'quarantine'; readonly next: Firings }
  | { readonly kind: 'ignore' };

const windowMs = 10 * 60_000;
const most = 3;
const kept = 20;

/**
 * Whether a rule may fire for this state of an item: a fourth time within ten minutes puts the item into quarantine for
 * that rule, until the rule is saved again. `state` names the item's state (its eTag, hashed).
 */
export function decideFiring(
  known: Firings | undefined,
  state: string,
  ruleVersion: number,
  now: number,
): FiringDecision {
  const fired = known?.fired ?? [];
  if (known?.quarantined !== undefined && known.quarantined >= ruleVersion) return { kind: 'ignore' };
  if (fired.some((one) => one.state === state)) return { kind: 'again' };
  const recent = fired.filter(({ at }) => now - at < windowMs);
  const next = [...fired, { state, at: now }].slice(-kept);
  if (recent.length >= most) return { kind: 'quarantine', next: { fired: next, quarantined: ruleVersion } };
  return { kind: 'fire', next: { fired: next } };
}
