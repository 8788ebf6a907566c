import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import { AppError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { ruleKinds } from '../rules/kinds.ts';
import { ruleDefinition, ruleName, type StoredRule } from '../rules/rule.ts';
import type { Rules } from '../rules/rules.ts';
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
import { isoTime, listOf, pageOf, pageQuery } from './list-page.ts';

/** The name is in the address; it may be repeated in the body. */
const ruleBody = ruleDefinition.partial({ name: true });
const ruleView = ruleDefinition.extend({
  drive: z.object({ id: z.string(), name: z.string() }),
  state: z.enum(['active', 'off', 'held']),
  held: z
    .object({ code: z.string(), message: z.string(), at: z.iso.datetime() })
    .optional()
    .describe('Why it stands still until it is saved again'),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});

const previewBody = z.strictObject({
  rule: ruleBody.optional().describe('A rule that is not saved yet; without it the saved one is tried'),
  limit: z.int().min(1).max(2_000).default(200).describe('How many files are looked at'),
});
const problemView = z.object({ code: z.string(), message: z.string() });
const previewView = z.object({
  drive: z.object({ id: z.string(), name: z.string() }),
  problems: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .describe('What would keep the rule from being saved'),
  files: z.array(
    z.object({
      item: z.object({ id: z.string(), name: z.string(), folder: z.string() }),
      matched: z.boolean(),
      trace: z.array(z.object({ condition: z.string(), holds: z.boolean() })),
      steps: z.array(z.string()).describe('What would be done, in words'),
      problem: problemView.optional(),
    }),
  ),
  matched: z.int(),
  complete: z.boolean(),
  overBulkLimit: z.boolean(),
});
const replayBody = z.strictObject({ hours: z.number().positive().max(24).default(24) });
const replayView = z.object({
  looked: z.int(),
  complete: z.boolean(),
  operations: z.array(z.string()).describe('Ids of the operations that are on their way'),
});

const kindView = z.object({
  name: z.string(),
  summary: z.string(),
  needs: z.array(z.string()).describe("Graph permissions of the rule's connection"),
  input: z.record(z.string(), z.unknown()).describe('JSON Schema'),
});

export const ruleOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/rule-kinds',
    summary: 'The conditions and actions that a rule may name',
    auth: 'person',
    response: z.object({ conditions: z.array(kindView), actions: z.array(kindView) }),
  },
  {
    method: 'GET',
    path: '/api/rules',
    summary: 'Rules: what is done with files as soon as they change',
    auth: 'administrator',
    query: pageQuery,
    response: listOf(ruleView),
  },
  {
    method: 'GET',
    path: '/api/rules/{name}',
    summary: 'One rule',
    auth: 'administrator',
    response: ruleView,
  },
  {
    method: 'PUT',
    path: '/api/rules/{name}',
    summary: 'Make or replace a rule (201 when it is new); it looks at nothing that was there before',
    auth: 'administrator',
    request: ruleBody,
    response: ruleView,
  },
  {
    method: 'DELETE',
    path: '/api/rules/{name}',
    summary: 'Remove a rule; what it did stays in the list of operations',
    auth: 'administrator',
    status: 204,
  },
  {
    method: 'POST',
    path: '/api/rules/{name}/preview',
    summary:
      'What the rule, or another one in the body, would do with the files in its folder now; changes nothing',
    auth: 'administrator',
    request: previewBody,
    response: previewView,
  },
  {
    method: 'POST',
    path: '/api/rules/{name}/replay',
    summary: 'Let the rule meet the files of its folder that came or changed in the last hours',
    auth: 'administrator',
    request: replayBody,
    response: replayView,
    status: 202,
  },
];

export interface RulesApi {
  readonly list: Handler;
  readonly get: Handler;
  readonly put: Handler;
  readonly remove: Handler;
  readonly preview: Handler;
  readonly replay: Handler;
  readonly kinds: Handler;
}

export function createRulesApi(deps: {
  readonly rules: Rules;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): RulesApi {
  const { rules, audit, authorize, publicUrl, ports } = deps;
  const granted = { outcome: 'granted', reason: 'ok' } as const;
  const listUrl = `${publicUrl}/api/rules`;

  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const page = readQuery(request, pageQuery);
      const found = pageOf(await rules.list(), page, ({ definition }) => definition.name, listUrl);
      return json(200, { ...found, value: found.value.map(toRuleView) });
    }, ports),

    get: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const found = await rules.get(nameOf(routeParameter(request, 'name')));
      if (!found) throw unknownRule();
      return json(200, toRuleView(found));
    }, ports),

    put: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const name = routeParameter(request, 'name');
      const body = await readJson(request, ruleBody);
      if (body.name !== undefined && body.name !== name) {
        throw new AppError('invalid_request', 'The name in the body is not the one in the address.');
      }
      const definition = parseWith(ruleDefinition, { ...body, name }, 'The rule');
      await audit.record({
        ...granted,
        action: 'rule.put',
        requestId,
        actor: auditPerson(person),
        target: name,
      });
      const { rule, created } = await rules.put(definition, person.objectId);
      return json(created ? 201 : 200, toRuleView(rule), created ? { location: `${listUrl}/${name}` } : {});
    }, ports),

    remove: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const name = nameOf(routeParameter(request, 'name'));
      if (!(await rules.get(name))) throw unknownRule();
      await audit.record({
        ...granted,
        action: 'rule.delete',
        requestId,
        actor: auditPerson(person),
        target: name,
      });
      await rules.remove(name);
      return noContent();
    }, ports),

    kinds: withApiErrors(async (request) => {
      await authorize(request, 'person');
      return json(200, ruleKinds());
    }, ports),

    preview: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const name = nameOf(routeParameter(request, 'name'));
      const body = await readJson(request, previewBody);
      const saved = body.rule ? undefined : await rules.get(name);
      if (!body.rule && !saved) throw unknownRule();
      const definition = saved?.definition ?? parseWith(ruleDefinition, { ...body.rule, name }, 'The rule');
      return json(200, await rules.preview(definition, body.limit));
    }, ports),

    replay: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const name = nameOf(routeParameter(request, 'name'));
      const { hours } = await readJson(request, replayBody);
      await audit.record({
        ...granted,
        action: 'rule.replay',
        requestId,
        actor: auditPerson(person),
        target: name,
      });
      return json(202, await rules.replay(name, ports.clock() - hours * 3_600_000));
    }, ports),
  };
}

export function toRuleView(rule: StoredRule): z.output<typeof ruleView> {
  const { definition, held } = rule;
  return {
    ...definition,
    drive: { id: rule.driveId, name: rule.driveName },
    state: held ? 'held' : definition.enabled ? 'active' : 'off',
    ...(held ? { held: { ...held, at: isoTime(held.at) } } : {}),
    version: rule.version,
    createdAt: isoTime(rule.createdAt),
    updatedAt: isoTime(rule.updatedAt),
    updatedBy: rule.updatedBy,
  };
}

/** A text that can't be a name names nothing; it must not reach the store as a key. */
function nameOf(text: string): string {
  if (!ruleName.safeParse(text).success) throw unknownRule();
  return text;
}

function unknownRule(): AppError {
  return new AppError('not_found', 'There is no such rule.');
}
