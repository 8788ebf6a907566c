import type { z } from 'zod';
import type { ItemFacts } from '../item-facts.ts';
import type { Inverse } from '../journal/inverse.ts';
import type { ItemWriter } from '../operate/item-writer.ts';

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
  /** The item as it should be afterwards; the same object when there is nothing to do, or nothing of it changes. */
  expected(item: ItemFacts, wanted: Wanted): ItemFacts;
  /**
   * Set for work that shows elsewhere than in the file's name and place, and so is planned always: what of it was done
   * already, by a process that died or by somebody else. `began`: this operation has tried before.
   */
  readonly find?: (
    item: ItemFacts,
    wanted: Wanted,
    writer: ItemWriter,
    began: boolean,
  ) => Promise<Outcome | undefined>;
  /** Set for work that makes new files, which its own rule must not meet. */
  readonly makes?: {
    /** Template of the folder; undefined: beside the file. */
    folder(input: Input): string | undefined;
    /** Where all of them have it: `pdf`. */
    readonly extension?: string;
    file(item: ItemFacts, wanted: Wanted): { readonly folder: string; readonly name: string };
  };
  /** Set for work after which the file is gone, so that nothing can follow. */
  readonly takesAway?: boolean;
  /** "move to /Filed/2026" */
  words(wanted: Wanted): string;
  /** Does it, guarded by the item's eTag where it changes the item. */
  apply(item: ItemFacts, wanted: Wanted, writer: ItemWriter): Promise<Outcome>;
  /** What takes a change of name or place back; also after a restart, when nobody remembers the answer. */
  readonly inverse?: (before: ItemFacts, after: ItemFacts) => Inverse;
}

export interface Outcome {
  /** The item as it is now; undefined when it is gone because the action took it away. */
  readonly item: ItemFacts | undefined;
  /** What takes it back, where the action alone knows. */
  readonly inverse?: Inverse | undefined;
}

/** An action in the index: input and plan are `unknown` until its own schemas have read them. */
export interface AnyAction extends Omit<Action<unknown, unknown>, 'input' | 'wanted'> {
  readonly input: z.ZodType<unknown>;
}

export function defineAction<Input, Wanted>(action: Action<Input, Wanted>): AnyAction {
  const { input, wanted, find, makes, ...rest } = action;
  return {
    ...rest,
    input,
    sentence: (given) => action.sentence(input.parse(given)),
    target: (given) => action.target(input.parse(given)),
    plan: (item, given) => action.plan(item, input.parse(given)),
    expected: (item, plan) => action.expected(item, wanted.parse(plan)),
    words: (plan) => action.words(wanted.parse(plan)),
    apply: (item, plan, writer) => action.apply(item, wanted.parse(plan), writer),
    ...(find && { find: (item, plan, writer, began) => find(item, wanted.parse(plan), writer, began) }),
    ...(makes && {
      makes: {
        ...makes,
        folder: (given) => makes.folder(input.parse(given)),
        file: (item, plan) => makes.file(item, wanted.parse(plan)),
      },
    }),
  };
}
