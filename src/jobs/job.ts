import { z } from 'zod';
import { nameProblem } from '../graph/folders.ts';
import { schedule } from './schedule.ts';

export const jobName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1 to 63 lower-case letters, digits and inner hyphens',
  );

/** `/Reports/Daily`: each name is checked, a slash at the end is dropped. */
export const folderPath = z
  .string()
  .max(400)
  .transform((text, context) => {
    const names = text.split('/').filter((name) => name !== '');
    for (const name of names) {
      const problem = nameProblem(name);
      if (problem !== undefined)
        context.addIssue({ code: 'custom', message: `the name "${name}" ${problem}` });
    }
    return `/${names.join('/')}`;
  });

/** What is read. */
export const jobTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drive'), driveId: z.string().min(1).max(200) }),
]);
export type JobTarget = z.output<typeof jobTarget>;

/** Into a folder of a drive, by the job's own connection. */
export const delivery = z.strictObject({ driveId: z.string().min(1).max(200), folder: folderPath });
export type Delivery = z.output<typeof delivery>;

/** A job as a person writes it. */
export const jobDefinition = z.strictObject({
  schedule,
  report: z.enum(['file-inventory']),
  target: jobTarget,
  /** Id or alias of the connection that it acts as. */
  connection: z.string().min(1).max(200),
  delivery,
  enabled: z.boolean().default(true),
});
export type JobDefinition = Readonly<z.output<typeof jobDefinition>>;

/** Table `jobs`, partition `job`. */
export const job = z.object({
  name: z.string(),
  definition: jobDefinition,
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  changedAt: z.number(),
  /** Object id of the person who saved it. */
  owner: z.string(),
});
export type Job = Readonly<z.infer<typeof job>>;

/** Table `jobs`, partition `state`: how far the schedule was followed. */
export const jobState = z.object({
  /** Every due time up to here has its outcome. */
  decidedUntil: z.number(),
  /** Id of the newest run, finished or not. */
  lastRun: z.string().optional(),
});
export type JobState = Readonly<z.infer<typeof jobState>>;
