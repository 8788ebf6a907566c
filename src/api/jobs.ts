import type { HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Person } from '../broker/sessions.ts';
import { AppError } from '../errors.ts';
import { type Job, jobDefinition, jobName } from '../jobs/job.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { occurrence } from '../jobs/occurrence.ts';
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
import type { OwnJobs } from './own-jobs.ts';
import { runView, toRunView } from './run-view.ts';

const occurrencesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.iso.datetime().optional(),
});

const jobView = z.object({
  name: z.string(),
  ...jobDefinition.shape,
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  owner: z.string().describe('Object id of the person who saved it'),
  nextDueAt: z.iso.datetime().optional(),
});

const warnedJobView = jobView.extend({
  warnings: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .describe('What it works without, and tells less for it'),
});

const estimateView = z.object({
  units: z.number().describe('Resource units; Microsoft allows each app so many in a minute'),
  minutes: z.number().describe('Of the budget that Microsoft gives the app in that tenant'),
  calls: z.number(),
  drives: z.number().optional(),
  items: z.number().optional(),
  known: z.boolean().describe('false: the drives were not read yet, so that this is the least it can be'),
  text: z.string(),
});

const occurrenceView = z.object({
  dueAt: z.iso.datetime(),
  outcome: occurrence.shape.outcome,
  reason: occurrence.shape.reason,
  run: z.string().optional(),
});

const person = { auth: 'person' } as const;

export const jobOperations: readonly ApiOperation[] = [
  {
    ...person,
    method: 'GET',
    path: '/api/jobs',
    summary: 'Scheduled reports',
    query: pageQuery,
    response: listOf(jobView),
  },
  {
    ...person,
    method: 'GET',
    path: '/api/jobs/{name}',
    summary: 'One job, with what its next run will cost',
    response: warnedJobView.extend({ estimate: estimateView }),
  },
  {
    ...person,
    method: 'PUT',
    path: '/api/jobs/{name}',
    summary: 'Make or change a job',
    request: jobDefinition,
    response: warnedJobView,
  },
  {
    ...person,
    method: 'DELETE',
    path: '/api/jobs/{name}',
    summary: 'Remove a job and cancel its run; past runs stay',
    status: 204,
  },
  {
    ...person,
    method: 'GET',
    path: '/api/jobs/{name}/estimate',
    summary: 'What a run of it would cost now',
    response: estimateView,
  },
  {
    ...person,
    method: 'POST',
    path: '/api/job-estimates',
    summary: 'What a run of a definition would cost; refused as saving it would be',
    request: jobDefinition,
    response: estimateView,
  },
  {
    ...person,
    method: 'GET',
    path: '/api/jobs/{name}/occurrences',
    summary: 'What became of each of its due times, newest first',
    query: occurrencesQuery,
    response: listOf(occurrenceView),
  },
  {
    ...person,
    method: 'GET',
    path: '/api/jobs/{name}/runs',
    summary: 'Its runs, newest first',
    query: pageQuery,
    response: listOf(runView),
  },
  {
    ...person,
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
  readonly estimate: Handler;
  readonly estimateOf: Handler;
  readonly occurrences: Handler;
  readonly runs: Handler;
  readonly start: Handler;
}

export function createJobsApi(deps: {
  readonly jobs: Jobs;
  readonly ownJobs: OwnJobs;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random' | 'clock'>;
}): JobsApi {
  const { jobs, ownJobs, audit, authorize, publicUrl, ports } = deps;
  const granted = { outcome: 'granted', reason: 'ok' } as const;
  const url = `${publicUrl}/api/jobs`;

  async function asked(request: HttpRequest): Promise<{ person: Person; job: Job }> {
    const person = await authorize(request, 'person');
    return { person, job: await ownJobs.job(routeParameter(request, 'name'), person) };
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
      const person = await authorize(request, 'person');
      const own = await ownJobs.list(person);
      const found = pageOf(own, readQuery(request, pageQuery), ({ name }) => name, url);
      return json(200, { ...found, value: found.value.map(toView) });
    }, ports),

    get: withApiErrors(async (request) => {
      const { job } = await asked(request);
      const [warnings, estimate] = await Promise.all([jobs.warnings(job), jobs.estimate(job.name)]);
      return json(200, { ...toView(job), warnings, estimate });
    }, ports),

    put: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      const name = parseWith(jobName, routeParameter(request, 'name'), 'The name of the job');
      const there = await jobs.get(name);
      if (there && !person.administrator && there.owner !== person.objectId) {
        throw new AppError('conflict', 'This name is taken. Choose another one.');
      }
      const definition = await jobs.check(await readJson(request, z.unknown()), person);
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'job.put', requestId, actor, target: name });
      const { job, created } = await jobs.put(name, definition, person);
      const view = { ...toView(job), warnings: await jobs.warnings(job) };
      return json(created ? 201 : 200, view, created ? { location: `${url}/${name}` } : {});
    }, ports),

    remove: withApiErrors(async (request, { requestId }) => {
      const { person, job } = await asked(request);
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'job.delete', requestId, actor, target: job.name });
      await jobs.remove(job.name);
      return noContent();
    }, ports),

    estimate: withApiErrors(async (request) => {
      const { job } = await asked(request);
      return json(200, await jobs.estimate(job.name));
    }, ports),

    estimateOf: withApiErrors(async (request) => {
      const person = await authorize(request, 'person');
      return json(200, await jobs.estimateOf(await readJson(request, z.unknown()), person));
    }, ports),

    occurrences: withApiErrors(async (request) => {
      const { job } = await asked(request);
      const { limit, after } = readQuery(request, occurrencesQuery);
      const page = { limit: limit + 1, ...(after === undefined ? {} : { before: Date.parse(after) }) };
      const found = await jobs.occurrences(job.name, page);
      const value = found.slice(0, limit);
      const last = value.at(-1);
      return json(200, {
        value: value.map(({ dueAt, outcome, reason, run }) => ({
          dueAt: isoTime(dueAt),
          outcome,
          reason,
          run,
        })),
        ...(found.length > limit && last
          ? { nextLink: nextLink(`${url}/${job.name}/occurrences`, limit, isoTime(last.dueAt)) }
          : {}),
      });
    }, ports),

    runs: withApiErrors(async (request) => {
      const { job } = await asked(request);
      const { limit, after } = readQuery(request, pageQuery);
      const from = after === undefined ? undefined : runKeys(`${job.name}.${after}`)?.row;
      if (after !== undefined && from === undefined) {
        throw new AppError('invalid_request', 'The parameter after must be taken from a nextLink.');
      }
      // `~` comes after every character of a key: the page begins behind the row that ended the one before.
      const page = { limit: limit + 1, ...(from === undefined ? {} : { from: `${from}~` }) };
      const found = await jobs.runs.list(job.name, page);
      const value = found.slice(0, limit);
      const last = value.at(-1);
      const row = found.length > limit && last ? runKeys(last.id)?.row : undefined;
      return json(200, {
        value: value.map((run) => toRunView(run)),
        ...(row === undefined ? {} : { nextLink: nextLink(`${url}/${job.name}/runs`, limit, row) }),
      });
    }, ports),

    start: withApiErrors(async (request, { requestId }) => {
      const { person, job } = await asked(request);
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'job.run', requestId, actor, target: job.name });
      const run = await jobs.start(job.name, person.objectId);
      return json(202, toRunView(run), { location: `${publicUrl}/api/runs/${run.id}` });
    }, ports),
  };
}
