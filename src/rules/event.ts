import type { FileFacts } from './item-facts.ts';
import type { StoredRule } from './rule.ts';

const day = 24 * 60 * 60_000;

/**
 * How long after its creation a file may still become "new" for a rule: a download is created as `x.tmp` and gets its real
 * name later. Less than what firings are remembered for, so that no file is new twice.
 */
export const newFor = 7 * day;

/** Clocks of Graph's servers and of this app are not the same. */
const slack = 10 * 60_000;
/** The same for the moment at which a rule was saved; Graph's times have no fractions of a second either. */
const armSlack = 60_000;

export interface FeedTime {
  /** Graph's time at which the drive's feed was last read to its end. */
  readonly asOf: number;
  readonly now: number;
}

/**
 * Whether a changed file is what `when.event` speaks of. `firedBefore`: this rule fired for this file already. Files that
 * were there before the rule was saved are never meant.
 */
export function eventHolds(rule: StoredRule, file: FileFacts, firedBefore: boolean, time: FeedTime): boolean {
  const armedAt = rule.armedAt - armSlack;
  if (rule.definition.when.event === 'created') {
    const oldest = Math.min(time.now - newFor, time.asOf - slack);
    return !firedBefore && file.createdAt >= Math.max(armedAt, oldest);
  }
  // The feed may still hold what happened before the rule was saved. Once it was read past that time, all of it counts:
  // a move, for one, does not touch the time of the last change.
  return time.asOf >= rule.armedAt || file.modifiedAt >= armedAt;
}
