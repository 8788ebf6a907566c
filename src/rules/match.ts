import type { AnyCondition } from './conditions/condition.ts';
import { conditionNamed } from './conditions/index.ts';
import { type Entry, openEntry } from './entry.ts';
import type { FileFacts, ItemFacts } from './item-facts.ts';
import type { RuleDefinition } from './rule.ts';

export interface Evaluation {
  readonly matched: boolean;
  /** Every condition in order, for "why did it (not) match". */
  readonly trace: readonly { readonly condition: string; readonly holds: boolean }[];
}

interface Test {
  readonly condition: AnyCondition;
  readonly input: unknown;
}

/** Every condition of a rule: what stands under `when`, then the list. */
function testsOf({ when, conditions }: Pick<RuleDefinition, 'when' | 'conditions'>): Test[] {
  const entries: Entry[] = [
    { folder: { path: when.folder, subfolders: when.subfolders } },
    ...(when.name === undefined ? [] : [{ name: when.name }]),
    ...conditions,
  ];
  return entries.map((entry) => {
    const [name, input] = openEntry(entry);
    const condition = conditionNamed(name);
    if (!condition) throw new Error(`there is no condition ${name}`);
    return { condition, input };
  });
}

/** Whether a rule's conditions hold for an item, and why. Pure; the event and the guards are looked at elsewhere. */
export function evaluate(rule: Pick<RuleDefinition, 'when' | 'conditions'>, item: ItemFacts): Evaluation {
  const trace = testsOf(rule).map(({ condition, input }) => ({
    condition: condition.sentence(input),
    holds: condition.holds(item, input),
  }));
  return { matched: trace.every(({ holds }) => holds), trace };
}

/** False when the item can't match whatever its folder is: saves the call that finds the folder. */
export function mayMatch(rule: Pick<RuleDefinition, 'when' | 'conditions'>, file: FileFacts): boolean {
  // Office keeps such a file beside each document that is open; it is not a document.
  if (file.name.startsWith('~$')) return false;
  const item = { ...file, folder: '/' };
  return testsOf(rule).every(({ condition, input }) => condition.readsFolder || condition.holds(item, input));
}
