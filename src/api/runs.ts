import { AppError } from '../errors.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, routeParameter, withApiErrors } from './http.ts';
import { runView, toRunView } from './run-view.ts';

export const runOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/runs/{id}',
    summary: 'One run and how far it is',
    auth: 'administrator',
    response: runView,
  },
];

export interface RunsApi {
  readonly get: Handler;
}

export function createRunsApi(deps: {
  readonly jobs: Pick<Jobs, 'runs'>;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): RunsApi {
  const { jobs, authorize, ports } = deps;

  return {
    get: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const found = await jobs.runs.get(routeParameter(request, 'id'));
      if (!found) throw new AppError('not_found', 'There is no such run.');
      return json(200, toRunView(found));
    }, ports),
  };
}
