import { z } from 'zod';
import { type Delivery, deliveryStates } from '../jobs/deliveries/delivery-row.ts';
import { type Part, part, type Run, runResult, runStates, runSteps } from '../jobs/run.ts';
import { deliveryKind } from '../reports/deliver/index.ts';
import { formats } from '../reports/render/renderer.ts';
import { isoTime } from './list-page.ts';

const time = z.iso.datetime();

/** A run as the API shows it. */
export const runView = z.object({
  id: z.string(),
  job: z.string(),
  state: z.enum(runStates),
  step: z.enum(runSteps),
  trigger: z.enum(['schedule', 'person']),
  report: z.string(),
  retryOf: z.string().optional().describe('Id of the run that it does again'),
  waitsFor: z.string().optional().describe('Id of the run whose end it waits for'),
  dueAt: time.optional(),
  createdAt: time,
  startedAt: time.optional(),
  finishedAt: time.optional(),
  progress: z.object({
    items: z.number(),
    pages: z.number(),
    calls: z.number().describe('Calls of Microsoft Graph'),
    units: z.number().describe('Resource units that they cost'),
    drives: z.object({ found: z.number(), read: z.number() }).optional(),
    secondsLeft: z.number().optional().describe('While it reads: about so long from now'),
  }),
  files: z.array(
    z.object({
      name: z.string(),
      format: z.enum(formats),
      contentType: z.string(),
      size: z.number().describe('Bytes'),
      rows: z.number(),
      href: z.string().describe('Where it is downloaded; gone when its time is over'),
    }),
  ),
  result: runResult.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

export const deliveryView = z.object({
  number: z.number(),
  kind: z.string(),
  to: z.string(),
  state: z.enum(deliveryStates),
  attempts: z.number().describe('Tries that failed in a row'),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  nextTryAt: time.optional(),
  finishedAt: time.optional(),
  arrived: z.array(z.object({ name: z.string(), where: z.string(), webUrl: z.string().optional() })),
});

/** A run with what became of its drives and deliveries. */
export const wholeRunView = runView.extend({
  deliveries: z.array(deliveryView),
  drives: z.array(
    z.object({
      driveId: z.string(),
      name: z.string(),
      outcome: part.shape.outcome,
      reason: z.string().optional(),
      items: z.number(),
      pages: z.number(),
    }),
  ),
});

const most = 1_000;

export function toRunView(run: Run, left: Partial<z.output<typeof runView>['progress']> = {}) {
  const { id, dueAt, startedAt, finishedAt } = run;
  return {
    id,
    job: run.job,
    state: run.state,
    step: run.step,
    trigger: run.trigger,
    report: run.definition.report,
    createdAt: isoTime(run.createdAt),
    progress: { ...run.progress, ...left },
    files: run.files.map(({ blob: _, ...file }) => ({ ...file, href: fileHref(id, file.name) })),
    ...(run.retryOf === undefined ? {} : { retryOf: run.retryOf }),
    ...(run.waitsFor === undefined ? {} : { waitsFor: run.waitsFor }),
    ...(dueAt === undefined ? {} : { dueAt: isoTime(dueAt) }),
    ...(startedAt === undefined ? {} : { startedAt: isoTime(startedAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: isoTime(finishedAt) }),
    ...(run.result === undefined ? {} : { result: run.result }),
    ...(run.error === undefined ? {} : { error: run.error }),
  } satisfies z.output<typeof runView>;
}

export function toWholeRunView(
  run: Run,
  drives: readonly Part[],
  deliveries: readonly Delivery[],
  secondsLeft?: number,
): z.output<typeof wholeRunView> {
  const read = drives.filter(({ outcome }) => outcome !== 'open').length;
  const left = secondsLeft === undefined ? {} : { secondsLeft };
  return {
    ...toRunView(run, { drives: { found: run.drives ?? drives.length, read }, ...left }),
    deliveries: deliveries.map(toDeliveryView),
    drives: drives.slice(0, most).map(({ driveId, name, outcome, reason, progress }) => ({
      driveId,
      name,
      outcome,
      ...(reason === undefined ? {} : { reason }),
      items: progress.items,
      pages: progress.pages,
    })),
  };
}

export function toDeliveryView(delivery: Delivery): z.output<typeof deliveryView> {
  const { number, definition, state, attempts, error, nextTryAt, finishedAt, arrived } = delivery;
  return {
    number,
    kind: definition.kind,
    to: deliveryKind(definition).words(definition),
    state,
    attempts,
    arrived,
    ...(error === undefined ? {} : { error }),
    ...(nextTryAt === undefined ? {} : { nextTryAt: isoTime(nextTryAt) }),
    ...(finishedAt === undefined ? {} : { finishedAt: isoTime(finishedAt) }),
  };
}

export function fileHref(run: string, name: string): string {
  return `/api/runs/${encodeURIComponent(run)}/files/${encodeURIComponent(name)}`;
}
