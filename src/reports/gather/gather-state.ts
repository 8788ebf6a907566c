import { z } from 'zod';

/** What is gathered beside the inventories, in this order. */
export const gatherSteps = [
  'people',
  'groups',
  'deleted_groups',
  'apps',
  'quota',
  'permissions_list',
  'permissions',
  'versions_list',
  'versions',
  'done',
] as const;
export type GatherStep = (typeof gatherSteps)[number];

/**
 * How far the gathering of a run is: at most 30 KiB of JSON, whatever there is to gather. Files that no state names are
 * nobody's, so a unit that was killed, or that came late, leaves nothing behind that counts.
 */
export const gatherState = z.object({
  step: z.enum(gatherSteps),
  /** Day on which it began, `2026-07-31`: files are kept by it, and removed after their time. */
  day: z.string(),
  /** Of the step: where the directory's list goes on. */
  link: z.string().optional(),
  /** Of the step: items, or drives, that are done. */
  done: z.number().int(),
  /** Of the step: how many there are, once that is known. */
  total: z.number().int().optional(),
  /** Size of the next batch. */
  batch: z.number().int(),
  /** The units that saved files: those of others count for nothing. */
  units: z.array(z.string()),
  /** Items that could not be read, by view and reason. */
  missed: z.record(z.string(), z.number().int()),
});
export type GatherState = Readonly<z.infer<typeof gatherState>>;
