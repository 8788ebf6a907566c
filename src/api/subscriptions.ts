import { z } from 'zod';
import type { Ports } from '../ports.ts';
import type { Rules } from '../rules/rules.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, readQuery, withApiErrors } from './http.ts';
import { isoTime, listOf, pageOf, pageQuery } from './list-page.ts';

const problem = z.object({ code: z.string(), message: z.string(), at: z.iso.datetime() });

const subscriptionView = z.object({
  driveId: z.string(),
  id: z.string().optional().describe('As Microsoft Graph names it'),
  connection: z.string(),
  state: z
    .enum(['creating', 'active', 'polling'])
    .describe('polling: Microsoft tells nothing, so the drive is read from time to time'),
  expiresAt: z.iso.datetime().optional(),
  checkedAt: z.iso.datetime().optional(),
  readAt: z.iso.datetime().optional().describe("When the drive's feed was last read to its end"),
  tappedAt: z.iso.datetime().optional().describe('When Microsoft last told of a change'),
  problem: problem.optional(),
});

export const subscriptionOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/subscriptions',
    summary: 'The drives that rules watch, and how changes in them are noticed',
    auth: 'administrator',
    query: pageQuery,
    response: listOf(subscriptionView),
  },
];

export interface SubscriptionsApi {
  readonly list: Handler;
}

export function createSubscriptionsApi(deps: {
  readonly rules: Pick<Rules, 'subscriptions' | 'watches'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): SubscriptionsApi {
  const { rules, authorize, publicUrl, ports } = deps;

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const page = readQuery(request, pageQuery);
      const [subscriptions, watches] = await Promise.all([rules.subscriptions(), rules.watches()]);
      const found = pageOf(subscriptions, page, ({ driveId }) => driveId, `${publicUrl}/api/subscriptions`);
      const value = found.value.map((one): z.output<typeof subscriptionView> => {
        const mine = watches.filter(({ driveId }) => driveId === one.driveId);
        return {
          driveId: one.driveId,
          ...(one.id === undefined ? {} : { id: one.id }),
          connection: one.connection,
          state: one.state,
          ...time('expiresAt', one.expiresAt),
          ...time('checkedAt', one.checkedAt),
          ...time('readAt', latest(mine.map(({ readAt }) => readAt))),
          ...time('tappedAt', latest(mine.flatMap(({ tappedAt }) => tappedAt ?? []))),
          ...(one.problem ? { problem: { ...one.problem, at: isoTime(one.problem.at) } } : {}),
        };
      });
      return json(200, { ...found, value });
    }, ports),
  };
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

function time<K extends string>(key: K, at: number | undefined): { [name in K]?: string } {
  return at === undefined ? {} : ({ [key]: isoTime(at) } as { [name in K]?: string });
}
