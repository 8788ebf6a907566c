import { z } from 'zod';
import type { IssueToken } from '../broker/issue-token.ts';
import { parseScopes } from '../broker/scopes.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { claimsParameter } from './claims-parameter.ts';
import { type Handler, json, readOptionalJson, routeParameter, withApiErrors } from './http.ts';
import { toTokenBody } from './oauth-token-form.ts';

const ask = z.strictObject({
  scope: z
    .string()
    .max(4_000)
    .default('')
    .describe('Permissions, separated by spaces; default: what the policy grants'),
  resource: z.string().max(200).optional().describe('Identifier of the API; Microsoft Graph unless given'),
  min_ttl: z.int().min(0).max(86_400).optional().describe('Seconds that the token must still live'),
  claims: claimsParameter.optional(),
});

export const ownTokenOperation: ApiOperation = {
  method: 'POST',
  path: '/api/connections/{id}/token',
  summary:
    'A token of one’s own connection, for a person whom a policy with caller kind session names; for a program of theirs where it says so',
  auth: 'person',
  request: ask,
  response: z.object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    scope: z.string(),
  }),
};

/** `POST /api/connections/{id}/token`. A program that the person let in is served only where a policy says so: else it gets no token of Microsoft. */
export function createOwnToken(deps: {
  readonly issueToken: IssueToken;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): Handler {
  const { issueToken, authorize, ports } = deps;
  return withApiErrors(async (request, { requestId }) => {
    const { tenantId, objectId, name } = await authorize(request, 'person');
    const program = request.headers.get('authorization') !== null;
    const { scope, resource, min_ttl, claims } = await readOptionalJson(request, ask);
    const token = await issueToken({
      requestId,
      caller: { kind: 'session', tenantId, objectId, name, program },
      audience: routeParameter(request, 'id'),
      delivery: 'token',
      scopes: parseScopes(scope),
      resource,
      minTtlSeconds: min_ttl,
      claims,
    });
    return json(200, toTokenBody(token, ports.clock()), { pragma: 'no-cache' });
  }, ports);
}
