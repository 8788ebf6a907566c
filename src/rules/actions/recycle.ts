import { z } from 'zod';
import { defineAction } from './action.ts';

export const recycle = defineAction({
  name: 'recycle',
  summary:
    'Moves the file to the recycle bin, from where a person can bring it back. Must be the last action.',
  input: z.strictObject({}),
  wanted: z.object({}),
  needs: ['Files.ReadWrite.All'],
  takesAway: true,
  sentence: () => 'move to the recycle bin',
  target: () => 'the recycle bin',
  plan: () => ({}),
  expected: (item) => item,
  words: () => 'move to the recycle bin',
  find: async () => undefined,
  async apply(item, _wanted, writer) {
    await writer.remove(item.id, item.eTag);
    return { item: undefined };
  },
});
