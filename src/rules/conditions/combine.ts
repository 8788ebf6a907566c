import { z } from 'zod';
import { type Entry, entryOf, openEntry } from '../entry.ts';
import type { ItemFacts } from '../item-facts.ts';
import { type AnyCondition, defineCondition } from './condition.ts';

/** `any` and `not`, over the kinds that `known` gives: those that know no others, so that a rule stays easy to read. */
export function combinationsOf(known: readonly AnyCondition[]): AnyCondition[] {
  const entry = entryOf(() => known);

  function open(one: Entry): readonly [AnyCondition, unknown] {
    const [name, input] = openEntry(one);
    const condition = known.find((each) => each.name === name);
    if (!condition) throw new Error(`there is no condition ${name}`);
    return [condition, input];
  }
  const sentence = (one: Entry) => {
    const [condition, input] = open(one);
    return condition.sentence(input);
  };
  const holds = (item: ItemFacts, one: Entry) => {
    const [condition, input] = open(one);
    return condition.holds(item, input);
  };

  return [
    defineCondition({
      name: 'any',
      summary: 'At least one of these conditions holds.',
      input: z.array(entry).min(2).max(10),
      needs: [],
      readsFolder: true,
      sentence: (entries) => `(${entries.map(sentence).join(', or ')})`,
      holds: (item, entries) => entries.some((one) => holds(item, one)),
    }),
    defineCondition({
      name: 'not',
      summary: 'This condition does not hold.',
      input: entry,
      needs: [],
      readsFolder: true,
      sentence: (one) => `it is not so that ${sentence(one)}`,
      holds: (item, one) => !holds(item, one),
    }),
  ];
}
