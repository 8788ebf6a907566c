import type { z } from 'zod';
import type { ItemFacts } from '../item-facts.ts';
import type { ItemChange, ItemWriter } from '../operate/item-writer.ts';

/** One kind of work on a file. All but `apply` is pure, so that a dry run and a restart can ask the same questions. */
export interface Action<Input, Wanted> {
  readonly name: string;
  readonly summary: string;
  readonly input: z.ZodType<Input>;
  /** What is kept in the journal about one item. */
  readonly wanted: z.ZodType<Wanted>;
  /** Graph permissions (application roles; the delegated scope has the same name). */
  readonly needs: readonly string[];
  /** "move to /Filed/{yyyy}" */
  sentence(input: Input): string;
  /** "/Filed/{yyyy}": what the sentence is about, without the verb. */
  target(input: Input): string;
  /** What is to become of this item. Throws AppError when that is impossible. */
  plan(item: ItemFacts, input: Input): Wanted;
  /** The item as it should be afterwards; equal to `item` when there is nothing to do. */
  expected(item: ItemFacts, wanted: Wanted): ItemFacts;
  /** "move to /Filed/2026" */
  words(wanted: Wanted): string;
  /** Does it, guarded by the item's eTag, and returns the item as Graph says that it is now. */
  apply(item: ItemFacts, wanted: Wanted, writer: ItemWriter): Promise<ItemFacts>;
  /** What takes it back. */
  inverse(before: ItemFacts, after: ItemFacts): ItemChange;
}

/** An action in the index: input and plan are `unknown` until its own schemas have read them. */
export interface AnyAction extends Omit<Action<unknown, unknown>, 'input' | 'wanted'> {
  readonly input: z.ZodType<unknown>;
}

export function defineAction<Input, Wanted>(action: Action<Input, Wanted>): AnyAction {
  const { input, wanted } = action;
  return {
    ...action,
    sentence: (given) => action.sentence(input.parse(given)),
    target: (given) => action.target(input.parse(given)),
    plan: (item, given) => action.plan(item, input.parse(given)),
    expected: (item, plan) => action.expected(item, wanted.parse(plan)),
    words: (plan) => action.words(wanted.parse(plan)),
    apply: (item, plan, writer) => action.apply(item, wanted.parse(plan), writer),
  };
}
