import { z } from 'zod';

/**
 * Given: the message asks whether the run stands still since that heartbeat, and is dropped when it doesn't. So a message that was
 * delivered twice can't become two chains.
 */
const silentSince = z.number().optional();

/** One unit of work on queue `runs`: the next step of a run, or the next stretch of one of its drives. */
export const runMessage = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('run'),
    run: z.string(),
    sequence: z.number().int(),
    silentSince,
  }),
  z.strictObject({
    kind: z.literal('drive'),
    run: z.string(),
    number: z.number().int(),
    sequence: z.number().int(),
    silentSince,
  }),
]);
export type RunMessage = z.infer<typeof runMessage>;
