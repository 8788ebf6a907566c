import { z } from 'zod';
import { type Run, runStates, runSteps } from '../jobs/run.ts';
import { isoTime } from './list-page.ts';

/** A run as the API shows it. */
export const runView = z.object({
  id: z.string(),
  job: z.string(),
  state: z.enum(runStates),
  step: z.enum(runSteps),
  trigger: z.enum(['schedule', 'person']),
  report: z.string(),
  dueAt: z.iso.datetime().optional(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().optional(),
  finishedAt: z.iso.datetime().optional(),
  progress: z.object({
    items: z.number(),
    pages: z.number(),
    calls: z.number().describe('Calls of Microsoft Graph'),
  }),
  files: z.array(
    z.object({
      name: z.string(),
      contentType: z.string(),
      size: z.number().describe('Bytes'),
      rows: z.number(),
      webUrl: z.string().optional().describe('Where it was delivered'),
    }),
  ),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

export function toRunView(run: Run): z.output<typeof runView> {
  return {
    id: run.id,
    job: run.job,
    state: run.state,
    step: run.step,
    trigger: run.trigger,
    report: run.definition.report,
    createdAt: isoTime(run.createdAt),
    progress: run.progress,
    files: run.files.map(({ name, contentType, size, rows, webUrl }) => ({
      name,
      contentType,
      size,
      rows,
      ...(webUrl === undefined ? {} : { webUrl }),
    })),
    ...(run.dueAt === undefined ? {} : { dueAt: isoTime(run.dueAt) }),
    ...(run.startedAt === undefined ? {} : { startedAt: isoTime(run.startedAt) }),
    ...(run.finishedAt === undefined ? {} : { finishedAt: isoTime(run.finishedAt) }),
    ...(run.error === undefined ? {} : { error: run.error }),
  };
}
