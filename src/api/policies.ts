import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { Callers } from '../broker/callers.ts';
import type { OidcCallers } from '../broker/oidc-callers.ts';
import type { Policies } from '../broker/policies.ts';
import { type Policy, policyHash, policyProblems, policySchema } from '../broker/policy.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import {
  type Handler,
  json,
  noContent,
  parseWith,
  readJson,
  readQuery,
  routeParameter,
  withApiErrors,
} from './http.ts';
import { listOf, pageOf, pageQuery } from './list-page.ts';

/** The name is in the address; it may be repeated in the body. */
export const policyBody = policySchema.partial({ name: true });
const policyView = policySchema.extend({
  hash: z.string().describe('SHA-256 of the policy, as audit events name it'),
});

export const policyOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/policies',
    summary: 'Policies: which caller may get which scopes from which connection',
    auth: 'administrator',
    query: pageQuery,
    response: listOf(policyView),
  },
  {
    method: 'GET',
    path: '/api/policies.schema.json',
    summary: 'The JSON Schema of a policy, for editors and pipelines',
    auth: 'none',
    response: z.looseObject({}),
  },
  {
    method: 'GET',
    path: '/api/policies/{name}',
    summary: 'One policy',
    auth: 'administrator',
    response: policyView,
  },
  {
    method: 'PUT',
    path: '/api/policies/{name}',
    summary: 'Make or replace a policy (201 when it is new)',
    auth: 'administrator',
    request: policyBody,
    response: policyView,
  },
  {
    method: 'DELETE',
    path: '/api/policies/{name}',
    summary: 'Remove a policy; what no policy grants is denied',
    auth: 'administrator',
    status: 204,
  },
];

export interface PoliciesApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly put: Handler;
  readonly remove: Handler;
  readonly schema: Handler;
}

export function createPoliciesApi(deps: {
  readonly policies: Policies;
  readonly callers: Pick<Callers, 'get'>;
  readonly oidcCallers: Pick<OidcCallers, 'knows'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): PoliciesApi {
  const { policies, audit, authorize, publicUrl, ports } = deps;
  const granted = { outcome: 'granted', reason: 'ok' } as const;
  const listUrl = `${publicUrl}/api/policies`;

  /** A policy for nobody would only look like a grant. */
  async function requireKnownCaller({ caller }: Policy): Promise<void> {
    if (caller.kind === 'oidc' && !deps.oidcCallers.knows(caller.issuer)) {
      throw new AppError(
        'invalid_request',
        'The issuer is not trusted by this installation: add it to GRAPH_VALET_TRUSTED_ISSUERS first.',
      );
    }
    if (caller.kind === 'api_key' && !(await deps.callers.get(caller.id))) {
      throw new AppError('invalid_request', 'There is no caller with that id.');
    }
  }

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const page = readQuery(request, pageQuery);
      const found = pageOf(await policies.list(), page, (each) => each.name, listUrl);
      return json(200, { ...found, value: found.value.map(toView) });
    }, ports),

    get: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const found = await policies.get(routeParameter(request, 'name'));
      if (!found) throw unknownPolicy();
      return json(200, toView(found));
    }, ports),

    put: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const name = routeParameter(request, 'name');
      const body = await readJson(request, policyBody);
      if (body.name !== undefined && body.name !== name) {
        throw new AppError('invalid_request', 'The name in the body is not the one in the address.');
      }
      const policy = parseWith(policySchema, { ...body, name }, 'The policy');
      requireSound(policy, ports.clock());
      await requireKnownCaller(policy);
      await audit.record({
        ...granted,
        action: 'policy.put',
        requestId,
        actor: auditPerson(person),
        target: name,
        policy: { name, hash: policyHash(policy) },
      });
      const { created } = await policies.put(policy);
      return json(created ? 201 : 200, toView(policy), created ? { location: `${listUrl}/${name}` } : {});
    }, ports),

    remove: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const name = routeParameter(request, 'name');
      const found = await policies.get(name);
      if (!found) throw unknownPolicy();
      await audit.record({
        ...granted,
        action: 'policy.delete',
        requestId,
        actor: auditPerson(person),
        target: name,
        policy: { name, hash: policyHash(found) },
      });
      await policies.remove(name);
      return noContent();
    }, ports),

    schema: withApiErrors(
      async () => ({
        ...json(200, z.toJSONSchema(policyBody, { io: 'input' }), { 'cache-control': 'public, max-age=300' }),
      }),
      ports,
    ),
  };
}

function requireSound(policy: Policy, now: number): void {
  const problems = policyProblems(policy, now);
  if (problems.length === 0) return;
  throw new AppError('invalid_request', `The policy can't be kept: ${problems.join('; ')}.`, {
    details: { problems: problems.map((message) => ({ path: message.split(':')[0], message })) },
  });
}

function toView(policy: Policy): z.output<typeof policyView> {
  return { ...policy, hash: policyHash(policy) };
}

function unknownPolicy(): AppError {
  return new AppError('not_found', 'There is no such policy.');
}
