import type { AnyAction } from './actions/action.ts';
import { actionNamed } from './actions/index.ts';
import { type Entry, openEntry } from './entry.ts';
import type { ItemFacts } from './item-facts.ts';

export interface PlannedStep {
  /** Name of the action. */
  readonly action: string;
  /** What the action wants of this item, in its own shape. */
  readonly wanted: unknown;
  /** "move to /Filed/2026" */
  readonly words: string;
}

export interface Plan {
  /** Without the changes that would change nothing: an empty list means that all is as the rule wants it. */
  readonly steps: readonly PlannedStep[];
  /** The item as it should be in the end. */
  readonly result: ItemFacts;
}

/** What a rule's actions would do to an item, each seeing what the one before it leaves. Pure. */
export function planSteps(entries: readonly Entry[], item: ItemFacts): Plan {
  const steps: PlannedStep[] = [];
  let result = item;
  for (const entry of entries) {
    const [name, input] = openEntry(entry);
    const action = requireAction(name);
    const wanted = action.plan(result, input);
    const expected = action.expected(result, wanted);
    if (expected === result && !action.find) continue;
    steps.push({ action: name, wanted, words: action.words(wanted) });
    result = expected;
  }
  return { steps, result };
}

export function requireAction(name: string): AnyAction {
  const action = actionNamed(name);
  if (!action) throw new Error(`there is no action ${name}`);
  return action;
}
