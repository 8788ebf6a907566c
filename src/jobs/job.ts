import { z } from 'zod';
import { deliveryDefinition } from '../reports/deliver/index.ts';
import { jobTarget } from '../reports/gather/target.ts';
import { formats } from '../reports/render/renderer.ts';
import { migrateDefinition } from './migrate-definition.ts';
import { schedule } from './schedule.ts';

export const jobName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits and inner hyphens',
  );

export const overlapPolicies = ['skip', 'queue', 'cancel'] as const;

/** A job as a person writes it. What its report makes of the parameters is checked beside it, see check-definition. */
export const jobDefinition = z.strictObject({
  report: z.string().min(1).max(60).describe('name in the catalogue, see /api/reports'),
  parameters: z.record(z.string(), z.unknown()).default({}).describe('what the report is asked'),
  target: jobTarget,
  connection: z.string().min(1).max(200).describe('id or alias of the connection that it acts as'),
  schedule,
  outputs: z
    .array(z.enum(formats))
    .min(1, 'must name at least one form')
    .max(formats.length)
    .refine((given) => new Set(given).size === given.length, 'names a form twice')
    .default(['csv']),
  deliveries: z.array(deliveryDefinition).max(10).default([]),
  overlap: z
    .enum(overlapPolicies)
    .default('skip')
    .describe('when it is due while a run of it is on its way: skip, queue one, or cancel the old one'),
  keepDays: z.int().min(1).max(400).default(90).describe('days that its files are kept here'),
  enabled: z.boolean().default(true),
});
export type JobDefinition = Readonly<z.output<typeof jobDefinition>>;

/** As it lies in a row, also one that an earlier version wrote. */
export const storedDefinition = z.preprocess(migrateDefinition, jobDefinition);

/** Table `jobs`, partition `job`. */
export const job = z.object({
  name: z.string(),
  definition: storedDefinition,
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  changedAt: z.number(),
  /** Object id of the person who made it. */
  owner: z.string(),
  /** Set when it was removed: the row answers questions about the past until it is made again. */
  removedAt: z.number().optional(),
});
export type Job = Readonly<z.infer<typeof job>>;

/** Table `jobs`, partition `state`: how far the schedule was followed. */
export const jobState = z.object({
  /** Every due time up to here has its outcome. */
  decidedUntil: z.number(),
  /** Since when the present due times hold; before that others did. */
  scheduleSince: z.number().optional(),
  /** Id of the newest run, finished or not. */
  lastRun: z.string().optional(),
  /** The run that somebody is about to begin, and since when (ms): until it is the last one nobody begins another. */
  claim: z.object({ run: z.string(), at: z.number() }).optional(),
  /** Id of the run that waits for that one to end. */
  queued: z.string().optional(),
  /** Id of the newest run whose report was made. */
  lastReport: z.string().optional(),
});
export type JobState = Readonly<z.infer<typeof jobState>>;
