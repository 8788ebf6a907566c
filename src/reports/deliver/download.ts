import { z } from 'zod';
import { defineDelivery } from './delivery.ts';

export const download = defineDelivery({
  kind: 'download',
  summary: 'Sends nothing: the files wait in the console until they are removed.',
  input: z.strictObject({ kind: z.literal('download') }),
  needs: [],
  per: 'run',
  words: () => 'the console',
  deliver: (_deps, _input, { url }) => Promise.resolve({ where: 'the console', webUrl: url }),
});
