import type { z } from 'zod';
import type { ItemFacts } from '../item-facts.ts';

/** One kind of test that a rule can name. Pure: it sees the facts and its input, nothing else. */
export interface Condition<Input> {
  readonly name: string;
  readonly summary: string;
  /** What may be written in a rule. Parsing what it gave once more changes nothing. */
  readonly input: z.ZodType<Input>;
  /** Graph permissions beyond reading the drive. */
  readonly needs: readonly string[];
  /** True when it looks at the folder, which costs a call to find out. */
  readonly readsFolder: boolean;
  /** Half a sentence: "its name is like *.docx". */
  sentence(input: Input): string;
  holds(item: ItemFacts, input: Input): boolean;
}

/** A condition in the index: its input is `unknown` until its own schema has read it. */
export interface AnyCondition extends Omit<Condition<unknown>, 'input'> {
  readonly input: z.ZodType<unknown>;
}

export function defineCondition<Input>(condition: Condition<Input>): AnyCondition {
  return {
    ...condition,
    sentence: (input) => condition.sentence(condition.input.parse(input)),
    holds: (item, input) => condition.holds(item, condition.input.parse(input)),
  };
}
