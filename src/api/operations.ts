import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { type Operation, operationStates } from '../rules/journal/operation.ts';
import { isUndoable } from '../rules/operate/undo.ts';
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
  undoable: z.boolean(),
  undone: z.object({ by: z.string(), at: z.iso.datetime() }).optional(),
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
  {
    method: 'POST',
    path: '/api/operations/{id}/undo',
    summary: 'Take back what an operation did; 409 says what somebody changed since',
    auth: 'administrator',
    response: operationView,
  },
];

export interface OperationsApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly undo: Handler;
}

export function createOperationsApi(deps: {
  readonly rules: Pick<Rules, 'operations' | 'operation' | 'undo'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): OperationsApi {
  const { rules, audit, authorize, publicUrl, ports } = deps;

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

    undo: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const id = routeParameter(request, 'id');
      if (!(await rules.operation(id))) throw new AppError('not_found', 'There is no such operation.');
      await audit.record({
        outcome: 'granted',
        reason: 'ok',
        action: 'operation.undo',
        requestId,
        actor: auditPerson(person),
        target: id,
      });
      return json(200, toOperationView(await rules.undo(id, person.objectId)));
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
    undoable: isUndoable(one),
    ...(one.state === 'undone' && one.undo ? { undone: { by: one.undo.by, at: isoTime(one.undo.at) } } : {}),
    createdAt: isoTime(one.createdAt),
    updatedAt: isoTime(one.updatedAt),
  };
}
