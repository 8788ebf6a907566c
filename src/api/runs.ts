import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { runKeys, runStates } from '../jobs/run.ts';
import { secondsLeft } from '../jobs/time-left.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, parseWith, readQuery, routeParameter, withApiErrors } from './http.ts';
import { listOf, nextLink } from './list-page.ts';
import type { OwnJobs } from './own-jobs.ts';
import {
  deliveryView,
  runView,
  toDeliveryView,
  toRunView,
  toWholeRunView,
  wholeRunView,
} from './run-view.ts';

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z
    .string()
    .refine((id) => runKeys(id) !== undefined, 'must be taken from a nextLink')
    .optional(),
  job: z.string().max(63).optional(),
  state: z.enum(runStates).optional(),
});
const deliveryNumber = z.coerce.number().int().min(1).max(1_000);

const person = { auth: 'person' } as const;

export const runOperations: readonly ApiOperation[] = [
  {
    ...person,
    method: 'GET',
    path: '/api/runs',
    summary: 'Runs of all jobs, newest first',
    query: listQuery,
    response: listOf(runView),
  },
  {
    ...person,
    method: 'GET',
    path: '/api/runs/{id}',
    summary: 'One run: how far it is, what it found, its drives, files and deliveries',
    response: wholeRunView,
  },
  {
    ...person,
    method: 'POST',
    path: '/api/runs/{id}/cancel',
    summary: 'End it before its time; what it has read stays read',
    response: runView,
  },
  {
    ...person,
    method: 'POST',
    path: '/api/runs/{id}/retry',
    summary: 'Do a failed or cancelled run again, as its job is now',
    response: runView,
    status: 202,
  },
  {
    ...person,
    method: 'POST',
    path: '/api/runs/{id}/deliveries/{number}/retry',
    summary: 'Try a failed delivery again; the report is not made again',
    response: deliveryView,
    status: 202,
  },
];

export interface RunsApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly cancel: Handler;
  readonly retry: Handler;
  readonly retryDelivery: Handler;
}

export function createRunsApi(deps: {
  readonly jobs: Pick<Jobs, 'runs'>;
  readonly ownJobs: OwnJobs;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random' | 'clock'>;
}): RunsApi {
  const { jobs, ownJobs, audit, authorize, publicUrl, ports } = deps;
  const { runs } = jobs;
  const granted = { outcome: 'granted', reason: 'ok' } as const;

  return {
    list: withApiErrors(async (request) => {
      const who = await authorize(request, 'person');
      const { limit, after, job, state } = readQuery(request, listQuery);
      const names = (await ownJobs.list(who)).map(({ name }) => name);
      const asked = job === undefined ? names : names.filter((name) => name === job);
      const found = await runs.recent(asked, { limit: limit + 1, after, state });
      const value = found.slice(0, limit);
      const last = value.at(-1);
      return json(200, {
        value: value.map((run) => toRunView(run)),
        ...(found.length > limit && last
          ? { nextLink: nextLink(`${publicUrl}/api/runs`, limit, last.id, { job, state }) }
          : {}),
      });
    }, ports),

    get: withApiErrors(async (request) => {
      const who = await authorize(request, 'person');
      const run = await ownJobs.run(routeParameter(request, 'id'), who);
      const [drives, deliveries] = await Promise.all([runs.drives(run.id), runs.deliveries(run.id)]);
      return json(200, toWholeRunView(run, drives, deliveries, secondsLeft(run, drives, ports.clock())));
    }, ports),

    cancel: withApiErrors(async (request, { requestId }) => {
      const who = await authorize(request, 'person');
      const { id } = await ownJobs.run(routeParameter(request, 'id'), who);
      const actor = auditPerson(who);
      await audit.record({ ...granted, action: 'run.cancel', requestId, actor, target: id });
      return json(200, toRunView(await runs.cancel(id)));
    }, ports),

    retry: withApiErrors(async (request, { requestId }) => {
      const who = await authorize(request, 'person');
      const { id } = await ownJobs.run(routeParameter(request, 'id'), who);
      const actor = auditPerson(who);
      await audit.record({ ...granted, action: 'run.retry', requestId, actor, target: id });
      const run = await runs.retry(id, who.objectId);
      return json(202, toRunView(run), { location: `${publicUrl}/api/runs/${run.id}` });
    }, ports),

    retryDelivery: withApiErrors(async (request, { requestId }) => {
      const who = await authorize(request, 'person');
      const { id } = await ownJobs.run(routeParameter(request, 'id'), who);
      const number = parseWith(
        deliveryNumber,
        routeParameter(request, 'number'),
        'The number of the delivery',
      );
      const actor = auditPerson(who);
      await audit.record({ ...granted, action: 'run.retry', requestId, actor, target: `${id}/${number}` });
      return json(202, toDeliveryView(await runs.retryDelivery(id, number)));
    }, ports),
  };
}
