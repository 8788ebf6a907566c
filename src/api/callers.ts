import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Caller, Callers, NewKey } from '../broker/callers.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, noContent, readJson, readQuery, routeParameter, withApiErrors } from './http.ts';
import { isoTime, listOf, pageOf, pageQuery } from './list-page.ts';

const expiresInDays = z.number().int().min(1).max(730).default(180);
const newCaller = z.strictObject({ name: z.string().trim().min(1).max(120), expiresInDays });
const newKey = z.strictObject({ expiresInDays });

const keyView = z.object({ id: z.string(), createdAt: z.iso.datetime(), expiresAt: z.iso.datetime() });
const callerView = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  keys: z.array(keyView),
});
const createdView = callerView.extend({
  key: z.object({
    id: z.string(),
    secret: z.string().describe('Shown this once: only its hash is kept.'),
    expiresAt: z.iso.datetime(),
  }),
});

export const callerOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/callers',
    summary: 'Callers with an API key',
    auth: 'administrator',
    query: pageQuery,
    response: listOf(callerView),
  },
  {
    method: 'POST',
    path: '/api/callers',
    summary: 'Make a caller and its first key',
    auth: 'administrator',
    request: newCaller,
    response: createdView,
    status: 201,
  },
  {
    method: 'GET',
    path: '/api/callers/{id}',
    summary: 'One caller',
    auth: 'administrator',
    response: callerView,
  },
  {
    method: 'DELETE',
    path: '/api/callers/{id}',
    summary: 'End a caller and its keys',
    auth: 'administrator',
    status: 204,
  },
  {
    method: 'POST',
    path: '/api/callers/{id}/keys',
    summary: 'Make a second key, to rotate without a gap; two can be live',
    auth: 'administrator',
    request: newKey,
    response: createdView,
    status: 201,
  },
  {
    method: 'DELETE',
    path: '/api/callers/{id}/keys/{keyId}',
    summary: 'Revoke a key',
    auth: 'administrator',
    status: 204,
  },
];

export interface CallersApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly create: Handler;
  readonly remove: Handler;
  readonly addKey: Handler;
  readonly removeKey: Handler;
}

export function createCallersApi(deps: {
  readonly callers: Callers;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): CallersApi {
  const { callers, audit, authorize, publicUrl, ports } = deps;
  const granted = { outcome: 'granted', reason: 'ok' } as const;

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const page = readQuery(request, pageQuery);
      const found = pageOf(
        await callers.list(),
        page,
        (each) => `${each.name}\n${each.id}`,
        listUrl(publicUrl),
      );
      return json(200, { ...found, value: found.value.map(toView) });
    }, ports),

    get: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const found = await callers.get(routeParameter(request, 'id'));
      if (!found) throw unknownCaller();
      return json(200, toView(found));
    }, ports),

    create: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const input = await readJson(request, newCaller);
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'caller.create', requestId, actor, target: input.name });
      const made = await callers.create({ ...input, createdBy: person.objectId });
      return created(made, publicUrl);
    }, ports),

    remove: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const id = routeParameter(request, 'id');
      if (!(await callers.get(id))) throw unknownCaller();
      await audit.record({
        ...granted,
        action: 'caller.delete',
        requestId,
        actor: auditPerson(person),
        target: id,
      });
      await callers.remove(id);
      return noContent();
    }, ports),

    addKey: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const id = routeParameter(request, 'id');
      const input = await readJson(request, newKey);
      if (!(await callers.get(id))) throw unknownCaller();
      await audit.record({
        ...granted,
        action: 'caller_key.create',
        requestId,
        actor: auditPerson(person),
        target: id,
      });
      return created(await callers.addKey(id, { ...input, createdBy: person.objectId }), publicUrl);
    }, ports),

    removeKey: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const id = routeParameter(request, 'id');
      const keyId = routeParameter(request, 'keyId');
      const found = await callers.get(id);
      if (!found?.keys.some((key) => key.id === keyId)) throw unknownCaller();
      await audit.record({
        ...granted,
        action: 'caller_key.delete',
        requestId,
        actor: auditPerson(person),
        target: `${id}/${keyId}`,
      });
      await callers.removeKey(id, keyId);
      return noContent();
    }, ports),
  };
}

function created(made: NewKey, publicUrl: string) {
  const key = { id: made.keyId, secret: made.key, expiresAt: isoTime(made.expiresAt) };
  const location = `${listUrl(publicUrl)}/${made.caller.id}`;
  return json(201, { ...toView(made.caller), key }, { location });
}

/** Without hashes: they are of no use to anybody who may ask. */
function toView(caller: Caller): z.output<typeof callerView> {
  return {
    id: caller.id,
    name: caller.name,
    createdAt: isoTime(caller.createdAt),
    createdBy: caller.createdBy,
    keys: caller.keys.map((key) => ({
      id: key.id,
      createdAt: isoTime(key.createdAt),
      expiresAt: isoTime(key.expiresAt),
    })),
  };
}

function listUrl(publicUrl: string): string {
  return `${publicUrl}/api/callers`;
}

function unknownCaller(): AppError {
  return new AppError('not_found', 'There is no such caller or key.');
}
