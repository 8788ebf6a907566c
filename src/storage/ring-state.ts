import { z } from 'zod';

/**
 * Where a rotation stands. `prepare`: the next key is readable everywhere, but seals nothing yet. `active`: it seals what is written
 * from now on. `rewrap`: what is stored is sealed anew, page by page. `retire`: nothing is left to do but to look whether a row still
 * uses an old key; when none does, the old keys end. `steady`: no rotation is under way.
 */
export const ringPhases = ['steady', 'prepare', 'active', 'rewrap', 'retire'] as const;

export const ringStateSchema = z.object({
  phase: z.enum(ringPhases),
  /** When the phase began (ms). */
  since: z.number(),
  /** Version of the secret that seals new rows. */
  active: z.string(),
  activeSince: z.number(),
  /** The version that follows; in `prepare` only. */
  next: z.string().optional(),
  /** Versions that seal nothing new and may still be in rows. */
  old: z.array(z.string()),
  /** Versions that no row used when they ended; they open nothing any more. */
  retired: z.array(z.object({ id: z.string(), at: z.number(), disabled: z.boolean() })),
  /** Of the rewrap; `table` and `cursor` say where it goes on. */
  progress: z
    .object({
      table: z.number().int(),
      cursor: z.string().optional(),
      seen: z.number().int(),
      rewrapped: z.number().int(),
      unreadable: z.number().int(),
    })
    .optional(),
  /** When `retire` last found rows that use an old key, and how many. */
  left: z.object({ at: z.number(), rows: z.number().int() }).optional(),
});
export type RingState = Readonly<z.infer<typeof ringStateSchema>>;
