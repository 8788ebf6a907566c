import { z } from 'zod';
import type { CallerIdentity } from '../broker/caller-identity.ts';
import type { Connections } from '../broker/connections.ts';
import { type Explained, explain } from '../broker/explain.ts';
import { graphResource } from '../broker/issued-token.ts';
import type { OidcCallers } from '../broker/oidc-callers.ts';
import { isPersonName } from '../broker/on-behalf-of/user-token.ts';
import type { Policies } from '../broker/policies.ts';
import { deliveries, policyHash } from '../broker/policy.ts';
import { parseScopes, scopesBeyond } from '../broker/scopes.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { readGraphPath } from './graph-path.ts';
import { type Handler, json, readJson, withApiErrors } from './http.ts';

const text = z.string().min(1).max(512);
const callerInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('api_key'), id: text }),
  z.strictObject({
    kind: z.literal('oidc'),
    issuer: text,
    subject: text,
    claims: z.record(z.string(), z.unknown()).default({}),
  }),
  z.strictObject({
    kind: z.literal('session'),
    objectId: z.guid().describe('A person of this installation’s tenant, unless tenantId is given'),
    tenantId: z.guid().optional(),
  }),
  z.strictObject({
    kind: z.literal('token'),
    token: z.string().max(12_000).describe('A token of an issuer; it is verified and not kept'),
  }),
]);
const question = z.strictObject({
  caller: callerInput,
  audience: text.describe(
    'Alias or id of a connection, or user/{object id} for a caller that brings a person’s token',
  ),
  delivery: z.enum(deliveries).default('token'),
  resource: text.default(graphResource),
  scope: z.string().max(4_000).default(''),
  minTtl: z.int().min(0).max(86_400).default(0),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  path: z.string().max(2_000).optional().describe('Below /graph/v1.0, with delivery proxy'),
});

const failureView = z.object({
  field: z.string(),
  wanted: z.unknown(),
  given: z.unknown(),
});
const answer = z.object({
  outcome: z.enum(['granted', 'refused']),
  reason: z.string().describe('ok, or why not, as the audit names it'),
  policy: z.string().optional().describe('The policy that decides'),
  scopes: z.array(z.string()).optional(),
  excess: z
    .array(z.string())
    .optional()
    .describe(
      'What the connection holds beyond the policy: Microsoft may put it into every token, which is refused then',
    ),
  policies: z.array(
    z.object({
      name: z.string(),
      hash: z.string(),
      mode: z.string(),
      grants: z.boolean(),
      failures: z.array(failureView),
    }),
  ),
});

export const policyExplainOperations: readonly ApiOperation[] = [
  {
    method: 'POST',
    path: '/api/policies/explain',
    summary: 'Which policy would decide, and which member of each does not fit; nothing is given or recorded',
    auth: 'administrator',
    request: question,
    response: answer,
  },
];

/** `POST /api/policies/explain` */
export function createPolicyExplain(deps: {
  readonly policies: Pick<Policies, 'inForce'>;
  readonly connections: Pick<Connections, 'get'>;
  readonly oidcCallers: Pick<OidcCallers, 'verify'>;
  /** The installation's own. */
  readonly tenantId: string;
  readonly authorize: Authorize;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): Handler {
  const { ports } = deps;

  async function identify(
    caller: z.output<typeof callerInput>,
  ): Promise<CallerIdentity | { readonly refusal: string }> {
    if (caller.kind === 'api_key') return { ...caller, name: caller.id };
    if (caller.kind === 'oidc') return caller;
    if (caller.kind === 'session') {
      const { kind, objectId, tenantId = deps.tenantId } = caller;
      return { kind, tenantId, objectId, name: objectId };
    }
    const result = await deps.oidcCallers.verify(caller.token);
    return result.ok ? result.identity : { refusal: `subject_token_${result.reason}` };
  }

  return withApiErrors(async (request) => {
    await deps.authorize(request, 'administrator');
    const asked = await readJson(request, question);
    const caller = await identify(asked.caller);
    if ('refusal' in caller) {
      return json(200, { outcome: 'refused', reason: caller.refusal, policies: [] });
    }
    const [connection, policies] = await Promise.all([
      isPersonName(asked.audience)
        ? { id: asked.audience, alias: asked.audience }
        : deps.connections.get(asked.audience),
      deps.policies.inForce(),
    ]);
    const call =
      asked.method && asked.path !== undefined
        ? { method: asked.method, ...readGraphPath(asked.path) }
        : undefined;
    const explained = explain(
      {
        caller,
        connection,
        delivery: asked.delivery,
        resource: asked.resource,
        scopes: parseScopes(asked.scope),
        minTtlSeconds: asked.minTtl,
        request: call,
        now: ports.clock(),
      },
      policies,
    );
    const { decision } = explained;
    const held = connection && 'scopes' in connection && asked.delivery !== 'proxy' ? connection.scopes : [];
    const excess = decision.outcome === 'granted' ? scopesBeyond(held, decision.policy.grant.scopes) : [];
    return json(200, {
      outcome: decision.outcome,
      reason: decision.outcome === 'granted' ? 'ok' : decision.reason,
      ...(decision.policy ? { policy: decision.policy.name } : {}),
      ...(decision.outcome === 'granted' ? { scopes: [...decision.scopes] } : {}),
      ...(excess.length > 0 ? { excess } : {}),
      policies: explained.policies.slice(0, 100).map(toView),
    } satisfies z.input<typeof answer>);
  }, ports);
}

function toView({ policy, failures }: Explained) {
  return {
    name: policy.name,
    hash: policyHash(policy),
    mode: policy.mode,
    grants: failures.length === 0,
    failures: failures.map(({ field, wanted, given }) => ({ field, wanted, given: given ?? null })),
  };
}
