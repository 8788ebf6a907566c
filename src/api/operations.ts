import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { type Operation, operationStates } from '../rules/journal/operation.ts';
import type { Rules } from '../rules/rules.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, readQuery, routeParameter, withApiErrors } from './http.ts';
import { isoTime, listOf, nextLink, pageQuery } from './list-page.ts';

const place = z.object({ name: z.string(), folder: z.string() });

const operationView = z.object({
  id: z.string(),
  rule: z.string(),
  ruleVersion: z.int(),
  connection: z.string(),
  state: z.enum(operationStates),
  item: z.object({ driveId: z.string(), id: z.string(), name: z.string(), folder: z.string() }),
  steps: z.array(
    z.object({
      action: z.string(),
      words: z.string(),
      state: z.enum(['planned', 'acting', 'done']),
      before: place.optional(),
      after: place.optional(),
    }),
  ),
  attempts: z.int(),
  nextTryAt: z.iso.datetime().optional(),
  problem: z.object({ code: z.string(), message: z.string() }).optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

const operationQuery = pageQuery.extend({
  rule: z.string().max(63).optional(),
  state: z.enum(operationStates).optional(),
});

export const operationOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/operations',
    summary: 'What the rules did with which files, newest first',
    auth: 'administrator',
    query: operationQuery,
    response: listOf(operationView),
  },
  {
    method: 'GET',
    path: '/api/operations/{id}',
    summary: 'One operation',
    auth: 'administrator',
    response: operationView,
  },
];

export interface OperationsApi {
  readonly list: Handler;
  readonly get: Handler;
}

export function createOperationsApi(deps: {
  readonly rules: Pick<Rules, 'operations' | 'operation'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): OperationsApi {
  const { rules, authorize, publicUrl, ports } = deps;

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const { limit, after, rule, state } = readQuery(request, operationQuery);
      const found = await rules.operations({ rule, state, after, limit: limit + 1 });
      const value = found.slice(0, limit);
      const last = value.at(-1);
      const more = found.length > limit && last !== undefined;
      return json(200, {
        value: value.map(toOperationView),
        ...(more
          ? { nextLink: nextLink(`${publicUrl}/api/operations`, limit, last.id, { rule, state }) }
          : {}),
      });
    }, ports),

    get: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const found = await rules.operation(routeParameter(request, 'id'));
      if (!found) throw new AppError('not_found', 'There is no such operation.');
      return json(200, toOperationView(found));
    }, ports),
  };
}

export function toOperationView(one: Operation): z.output<typeof operationView> {
  return {
    id: one.id,
    rule: one.rule,
    ruleVersion: one.ruleVersion,
    connection: one.connection,
    state: one.state,
    item: { driveId: one.driveId, id: one.itemId, name: one.name, folder: one.folder },
    steps: one.steps.map(({ action, words, state, before, after }) => ({
      action,
      words,
      state,
      ...(before ? { before: { name: before.name, folder: before.folder } } : {}),
      ...(after ? { after: { name: after.name, folder: after.folder } } : {}),
    })),
    attempts: one.attempts,
    ...(one.notBefore === undefined ? {} : { nextTryAt: isoTime(one.notBefore) }),
    ...(one.problem ? { problem: one.problem } : {}),
    createdAt: isoTime(one.createdAt),
    updatedAt: isoTime(one.updatedAt),
  };
}
