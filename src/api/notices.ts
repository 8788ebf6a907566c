import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import { type Notice, noticeChannels, noticeKinds } from '../broker/notices/notice.ts';
import type { Notices } from '../broker/notices/notices.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, withApiErrors } from './http.ts';
import { isoTime, listOf } from './list-page.ts';

const channelName = z.enum(noticeChannels);
const noticeView = z.object({
  id: z.string().describe('The `webhook-id` that receivers see'),
  kind: z.enum(noticeKinds),
  at: z.iso.datetime(),
  connection: z.object({ id: z.string(), alias: z.string() }).optional(),
  deliveredBy: z.array(channelName),
  failures: z.int(),
  nextAt: z.iso.datetime().optional(),
  givenUp: z.object({ at: z.iso.datetime(), message: z.string() }).optional(),
});
const trialView = z.object({
  results: z
    .array(z.object({ channel: channelName, ok: z.boolean(), problem: z.string().optional() }))
    .describe('One for each channel that the settings name'),
});

export const noticeOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/notices',
    summary: 'Notices that some receiver has not taken yet, and those that were given up',
    auth: 'administrator',
    response: listOf(noticeView),
  },
  {
    method: 'POST',
    path: '/api/notices/test',
    summary: 'Send a test notice now by each channel, by mail to yourself, and say what became of it',
    auth: 'administrator',
    response: trialView,
  },
];

export interface NoticesApi {
  readonly list: Handler;
  readonly test: Handler;
}

export function createNoticesApi(deps: {
  readonly notices: Pick<Notices, 'open' | 'test'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): NoticesApi {
  const { notices, audit, authorize, ports } = deps;
  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      return json(200, { value: (await notices.open()).map(toView) });
    }, ports),

    test: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      await audit.record({
        outcome: 'granted',
        reason: 'ok',
        action: 'notice.test',
        requestId,
        actor: auditPerson(person),
      });
      return json(200, { results: await notices.test(person.username) });
    }, ports),
  };
}

function toView(notice: Notice): z.output<typeof noticeView> {
  const { id, kind, at, connection, done, failures, nextAt, givenUp } = notice;
  return {
    id,
    kind,
    at: isoTime(at),
    ...(connection ? { connection: { id: connection.id, alias: connection.alias } } : {}),
    deliveredBy: [...done],
    failures,
    ...(givenUp
      ? { givenUp: { at: isoTime(givenUp.at), message: givenUp.message } }
      : { nextAt: isoTime(nextAt) }),
  };
}
