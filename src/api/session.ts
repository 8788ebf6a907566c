import { z } from 'zod';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, withApiErrors } from './http.ts';

const session = z.object({
  objectId: z.string(),
  tenantId: z.string(),
  name: z.string(),
  username: z.string(),
  administrator: z.boolean(),
  connectionId: z.string(),
  csrf: z.string().describe('Send it as x-csrf-token with every request that changes something.'),
});

export const sessionOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/session',
    summary: 'Who is signed in, and the token that requests of this session must carry',
    auth: 'person',
    response: session,
  },
];

export function createSessionApi(deps: {
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): { readonly get: Handler } {
  return {
    get: withApiErrors(async (request) => {
      const { objectId, tenantId, name, username, administrator, connectionId, csrf } = await deps.authorize(
        request,
        'person',
      );
      return json(200, { objectId, tenantId, name, username, administrator, connectionId, csrf });
    }, deps.ports),
  };
}
