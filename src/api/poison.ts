import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Ports } from '../ports.ts';
import { type Poison, poisonedQueues } from '../storage/poison.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, parseWith, readJson, routeParameter, withApiErrors } from './http.ts';
import { isoTime, listOf } from './list-page.ts';

const queueName = z.enum(poisonedQueues);
const poisonView = z.object({
  queue: queueName,
  id: z.string(),
  message: z.unknown().describe('As it was sent'),
  failedAt: z.iso.datetime(),
});
const retryBody = z.strictObject({
  ids: z.array(z.string().max(100)).min(1).max(100).optional().describe('All of the queue, without it'),
});
const retryView = z.object({ retried: z.int() });

export const poisonOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/poison',
    summary: 'Messages that failed five times and were set aside, at most 32 of each queue',
    auth: 'administrator',
    response: listOf(poisonView),
  },
  {
    method: 'POST',
    path: '/api/poison/{queue}/retry',
    summary: 'Send messages that were set aside to their queue again',
    auth: 'administrator',
    request: retryBody,
    response: retryView,
  },
];

export interface PoisonApi {
  readonly list: Handler;
  readonly retry: Handler;
}

export function createPoisonApi(deps: {
  readonly poison: Poison;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): PoisonApi {
  const { poison, audit, authorize, ports } = deps;

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const value = (await poison.list()).map(({ queue, id, text, failedAt }) => ({
        queue,
        id,
        message: readable(text),
        failedAt: isoTime(failedAt),
      }));
      return json(200, { value });
    }, ports),

    retry: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const queue = parseWith(queueName, routeParameter(request, 'queue'), 'The queue');
      const { ids } = await readJson(request, retryBody);
      await audit.record({
        outcome: 'granted',
        reason: 'ok',
        action: 'poison.retry',
        requestId,
        actor: auditPerson(person),
        target: queue,
      });
      return json(200, { retried: await poison.retry(queue, ids) });
    }, ports),
  };
}

/** The JSON that it is, or the text as it stands: what is set aside may be broken. */
function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
