import { z } from 'zod';

/** One unit of work on queue `runs`: the next step of a run, or the next stretch of one of its drives. */
export const runMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), run: z.string(), sequence: z.number().int() }),
  z.strictObject({
    kind: z.literal('drive'),
    run: z.string(),
    number: z.number().int(),
    sequence: z.number().int(),
  }),
]);
export type RunMessage = z.infer<typeof runMessage>;
