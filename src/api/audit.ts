import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditEventSchema } from '../broker/audit-event.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, readQuery, withApiErrors } from './http.ts';
import { isoTime, listOf, nextLink } from './list-page.ts';

const query = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.string().max(400).optional(),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Not older than this; the last 30 days unless given'),
  outcome: z.enum(['granted', 'refused', 'failed']).optional(),
});

export const auditOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/audit',
    summary: 'Decisions, newest first: tokens given and refused, and what administrators changed',
    auth: 'administrator',
    query,
    response: listOf(auditEventSchema.extend({ time: z.string() })),
  },
];

export function createAuditApi(deps: {
  readonly audit: Pick<Audit, 'list'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): { readonly list: Handler } {
  return {
    list: withApiErrors(async (request) => {
      await deps.authorize(request, 'administrator');
      const { since, ...asked } = readQuery(request, query);
      const { events, next } = await deps.audit.list({
        ...asked,
        since: since === undefined ? undefined : Date.parse(since),
      });
      const filters = { since, outcome: asked.outcome };
      return json(200, {
        value: events.map((event) => ({ ...event, time: isoTime(event.time) })),
        ...(next === undefined
          ? {}
          : { nextLink: nextLink(`${deps.publicUrl}/api/audit`, asked.limit, next, filters) }),
      });
    }, deps.ports),
  };
}
