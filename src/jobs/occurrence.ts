import { z } from 'zod';

/** Why a due time came to no run of its own. */
export const occurrenceReasons = [
  'disabled',
  'still_running',
  'already_queued',
  'down',
  'connection_gone',
] as const;
export type OccurrenceReason = (typeof occurrenceReasons)[number];

/** What became of one due time: table `occurrences`, partition = name of the job, newest first. */
export const occurrence = z.object({
  job: z.string(),
  dueAt: z.number(),
  decidedAt: z.number(),
  /** `queued`: its run waits for another one. `skipped`: it was decided so. `missed`: nobody was there at that time. */
  outcome: z.enum(['started', 'queued', 'skipped', 'missed']),
  reason: z.enum(occurrenceReasons).optional(),
  /** Id of the run: of its own, or of the one in the way. */
  run: z.string().optional(),
});
export type Occurrence = Readonly<z.infer<typeof occurrence>>;

export const occurrenceKeptForMs = 400 * 24 * 60 * 60_000;
