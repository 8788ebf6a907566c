import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import { AppError } from '../errors.ts';
import { type Job, jobDefinition, jobName } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { runKeys } from '../jobs/run.ts';
import { nextDue } from '../jobs/schedule.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import {
  type Handler,
  json,
  noContent,
  parseWith,
  readJson,
  readQuery,
  routeParameter,
  withApiErrors,
} from './http.ts';
import { isoTime, listOf, nextLink, pageOf, pageQuery } from './list-page.ts';
import { runView, toRunView } from './run-view.ts';

const jobView = z.object({
  name: z.string(),
  ...jobDefinition.shape,
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  owner: z.string().describe('Object id of the person who saved it'),
  nextDueAt: z.iso.datetime().optional(),
});

const administrator = { auth: 'administrator' } as const;

export const jobOperations: readonly ApiOperation[] = [
  {
    ...administrator,
    method: 'GET',
    path: '/api/jobs',
    summary: 'Scheduled reports',
    query: pageQuery,
    response: listOf(jobView),
  },
  { ...administrator, method: 'GET', path: '/api/jobs/{name}', summary: 'One job', response: jobView },
  {
    ...administrator,
    method: 'PUT',
    path: '/api/jobs/{name}',
    summary: 'Make or change a job',
    request: jobDefinition,
    response: jobView,
  },
  {
    ...administrator,
    method: 'DELETE',
    path: '/api/jobs/{name}',
    summary: 'Remove a job; its past runs stay',
    status: 204,
  },
  {
    ...administrator,
    method: 'GET',
    path: '/api/jobs/{name}/runs',
    summary: 'Its runs, newest first',
    query: pageQuery,
    response: listOf(runView),
  },
  {
    ...administrator,
    method: 'POST',
    path: '/api/jobs/{name}/runs',
    summary: 'Run it now',
    response: runView,
    status: 202,
  },
];

export interface JobsApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly put: Handler;
  readonly remove: Handler;
  readonly runs: Handler;
  readonly start: Handler;
}

export function createJobsApi(deps: {
  readonly jobs: Jobs;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random' | 'clock'>;
}): JobsApi {
  const { jobs, audit, authorize, publicUrl, ports } = deps;
  const granted = { outcome: 'granted', reason: 'ok' } as const;
  const url = `${publicUrl}/api/jobs`;

  async function known(name: string): Promise<Job> {
    const job = await jobs.get(name);
    if (!job) throw new AppError('not_found', 'There is no such job.');
    return job;
  }

  const toView = (job: Job): z.output<typeof jobView> => {
    const due = job.definition.enabled ? nextDue(job.definition.schedule, ports.clock()) : undefined;
    return {
      name: job.name,
      ...job.definition,
      createdAt: isoTime(job.createdAt),
      changedAt: isoTime(job.changedAt),
      owner: job.owner,
      ...(due === undefined ? {} : { nextDueAt: isoTime(due) }),
    };
  };

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const found = pageOf(await jobs.list(), readQuery(request, pageQuery), ({ name }) => name, url);
      return json(200, { ...found, value: found.value.map(toView) });
    }, ports),

    get: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      return json(200, toView(await known(routeParameter(request, 'name'))));
    }, ports),

    put: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const name = parseWith(jobName, routeParameter(request, 'name'), 'The name of the job');
      const definition = await readJson(request, jobDefinition);
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'job.put', requestId, actor, target: name });
      const { job, created } = await jobs.put(name, definition, person.objectId);
      return json(created ? 201 : 200, toView(job), created ? { location: `${url}/${name}` } : {});
    }, ports),

    remove: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const { name } = await known(routeParameter(request, 'name'));
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'job.delete', requestId, actor, target: name });
      await jobs.remove(name);
      return noContent();
    }, ports),

    runs: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const name = parseWith(jobName, routeParameter(request, 'name'), 'The name of the job');
      const { limit, after } = readQuery(request, pageQuery);
      const from = after === undefined ? undefined : runKeys(`${name}.${after}`)?.row;
      if (after !== undefined && from === undefined) {
        throw new AppError('invalid_request', 'The parameter after must be taken from a nextLink.');
      }
      // `~` comes after every character of a key: the page begins behind the row that ended the one before.
      const page = { limit: limit + 1, ...(from === undefined ? {} : { from: `${from}~` }) };
      const found = await jobs.runs.list(name, page);
      const value = found.slice(0, limit);
      const last = value.at(-1);
      const row = found.length > limit && last ? runKeys(last.id)?.row : undefined;
      return json(200, {
        value: value.map(toRunView),
        ...(row === undefined ? {} : { nextLink: nextLink(`${url}/${name}/runs`, limit, row) }),
      });
    }, ports),

    start: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const { name } = await known(routeParameter(request, 'name'));
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'job.run', requestId, actor, target: name });
      const run = await jobs.start(name, person.objectId);
      return json(202, toRunView(run), { location: `${publicUrl}/api/runs/${run.id}` });
    }, ports),
  };
}
