import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { runStates } from '../jobs/run.ts';
import { whyReasons } from '../jobs/why-answer.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, readQuery, withApiErrors } from './http.ts';
import { isoTime } from './list-page.ts';

const query = z.object({
  job: z.string().min(1).max(63),
  at: z.iso.datetime({ offset: true }).describe('Any moment; the minute that it lies in is looked at'),
});

const time = z.iso.datetime();
const whyView = z.object({
  job: z.string(),
  at: time,
  reason: z.enum(whyReasons),
  message: z.string(),
  dueAt: time.optional(),
  run: z
    .object({ id: z.string(), state: z.enum(runStates), trigger: z.enum(['schedule', 'person']) })
    .optional(),
  previousDueAt: time.optional(),
  nextDueAt: time.optional(),
});

export const whyOperations: readonly ApiOperation[] = [
  {
    auth: 'person',
    method: 'GET',
    path: '/api/why',
    summary: 'Why a job did or did not run at a moment, from a closed list of reasons',
    query,
    response: whyView,
  },
];

/** `GET /api/why?job=…&at=…` */
export function createWhyApi(deps: {
  readonly jobs: Pick<Jobs, 'get' | 'removed' | 'why'>;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): Handler {
  const { jobs, authorize, ports } = deps;

  return withApiErrors(async (request) => {
    const person = await authorize(request, 'person');
    const asked = readQuery(request, query);
    const job = (await jobs.get(asked.job)) ?? (await jobs.removed(asked.job));
    if (!job || !(person.administrator || job.owner === person.objectId)) {
      throw new AppError('not_found', 'There is no such job, and none was removed in the last year.');
    }
    const { at, message, reason, run, dueAt, previousDueAt, nextDueAt } = await jobs.why(
      asked.job,
      Date.parse(asked.at),
    );
    return json(200, {
      job: asked.job,
      at: isoTime(at),
      reason,
      message,
      ...(run === undefined ? {} : { run: { id: run.id, state: run.state, trigger: run.trigger } }),
      ...times({ dueAt, previousDueAt, nextDueAt }),
    });
  }, ports);
}

function times(given: Readonly<Record<string, number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, at]) => (at === undefined ? [] : [[name, isoTime(at)]])),
  );
}
