import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditEventSchema, auditPerson } from '../broker/audit-event.ts';
import type { Broker } from '../broker/broker.ts';
import type { Connection } from '../broker/connection.ts';
import { namesConnection } from '../broker/judge.ts';
import type { Policy } from '../broker/policy.ts';
import type { Person } from '../broker/sessions.ts';
import { AppError } from '../errors.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Ports } from '../ports.ts';
import type { Rules } from '../rules/rules.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { connectionView, toConnectionView } from './connection-view.ts';
import { type Handler, json, readQuery, routeParameter, withApiErrors } from './http.ts';
import { isoTime } from './list-page.ts';

const time = z.iso.datetime();
const held = z.object({
  objectId: z.string(),
  exportedAt: time,
  connections: z.array(connectionView),
  tokens: z
    .array(
      z.object({
        connectionId: z.string(),
        refreshToken: z.boolean(),
        accessTokens: z.array(z.object({ scopes: z.array(z.string()), obtainedAt: time, expiresAt: time })),
      }),
    )
    .describe('That tokens are stored, and none of them'),
  sessions: z.array(z.object({ connectionId: z.string(), endsAt: time })),
  programs: z.array(z.object({ clientId: z.string(), createdAt: time, endsAt: time })),
  callers: z
    .array(z.object({ id: z.string(), name: z.string(), createdAt: time }))
    .describe('Made by the person, or with a key made by them'),
  consentLinks: z.array(z.object({ id: z.string(), alias: z.string(), createdAt: time })),
  policies: z.array(z.looseObject({ name: z.string() })).describe('That name the person or their connection'),
  jobs: z
    .array(z.object({ name: z.string(), definition: z.looseObject({}) }))
    .describe('Saved by the person, or acting as them'),
  rules: z.array(z.object({ name: z.string(), definition: z.looseObject({}) })),
  audit: z.object({
    complete: z.boolean().describe('false: only the newest are here'),
    events: z.array(auditEventSchema.extend({ time: z.string() })),
  }),
});

const eraseQuery = z.object({
  username: z
    .string()
    .min(3)
    .max(256)
    .optional()
    .describe('A user name of the person whose connection is gone already (administrators)'),
});
const erased = z.object({
  connections: z.int(),
  sessions: z.int(),
  programs: z.int(),
  names: z
    .enum(['replaced', 'being_replaced'])
    .describe('In the audit and in what the person made; a long record is finished by the hourly sweep'),
  left: z.object({
    callers: z.array(z.string()).describe('Ids: the person may know keys of these; make new ones'),
    policies: z.array(z.string()).describe('Named the person or their connection: they grant nothing now'),
    jobs: z.array(z.string()),
    rules: z.array(z.string()),
  }),
});

export const peopleOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/people/{id}/export',
    summary:
      'All that is held about a person (object id, or me), without tokens and keys: themselves or an administrator',
    auth: 'person',
    response: held,
  },
  {
    method: 'DELETE',
    path: '/api/people/{id}',
    summary:
      'Erase a person (object id, or me): connections, tokens, sessions, programs; a random pseudonym takes their place in the record',
    auth: 'person',
    query: eraseQuery,
    response: erased,
  },
];

export interface PeopleApi {
  readonly export: Handler;
  readonly erase: Handler;
}

const mostEvents = 10_000;
const guid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function createPeopleApi(deps: {
  readonly broker: Pick<Broker, 'people' | 'callers' | 'policies' | 'consentLinks' | 'connections'>;
  readonly jobs: Pick<Jobs, 'list'>;
  readonly rules: Pick<Rules, 'list'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'clock' | 'log' | 'random'>;
}): PeopleApi {
  const { broker, audit, authorize, publicUrl, ports } = deps;
  const { people } = broker;
  const granted = { outcome: 'granted', reason: 'ok' } as const;

  /** What a person made or is named in; of use to others, so that it stays when the person goes. */
  async function madeBy(objectId: string, own: readonly Connection[]) {
    const acts = ({ connection }: { readonly connection: string }) =>
      own.some(({ id, alias }) => connection === id || connection === alias);
    const [callers, policies, links, jobs, rules] = await Promise.all([
      broker.callers.list(),
      broker.policies.list(),
      broker.consentLinks.list(),
      deps.jobs.list(),
      deps.rules.list(),
    ]);
    return {
      callers: callers.filter(
        (each) => each.createdBy === objectId || each.keys.some((key) => key.createdBy === objectId),
      ),
      policies: policies.filter((each) => speaksOfPerson(each, objectId, own)),
      consentLinks: links.filter((each) => each.createdBy === objectId),
      jobs: jobs.filter((each) => each.owner === objectId || acts(each.definition)),
      rules: rules.filter((each) => each.updatedBy === objectId || acts(each.definition)),
    };
  }

  return {
    export: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      const objectId = whom(routeParameter(request, 'id'), person);
      const actor = auditPerson(person);
      await audit.record({ ...granted, action: 'person.export', requestId, actor, target: objectId });
      const kept = await people.held(objectId);
      const made = await madeBy(objectId, kept.connections);
      const { events, complete } = await people.events(objectId, mostEvents);
      const answer: z.input<typeof held> = {
        objectId,
        exportedAt: isoTime(ports.clock()),
        connections: kept.connections.map((each) => toConnectionView(each, publicUrl)),
        tokens: kept.tokens.map((each) => ({
          ...each,
          accessTokens: each.accessTokens.map(({ scopes, obtainedAt, expiresAt }) => ({
            scopes: [...scopes],
            obtainedAt: isoTime(obtainedAt),
            expiresAt: isoTime(expiresAt),
          })),
        })),
        sessions: kept.sessions.map(({ connectionId, endsAt }) => ({
          connectionId,
          endsAt: isoTime(endsAt),
        })),
        programs: kept.programs.map(({ clientId, createdAt, endsAt }) => ({
          clientId,
          createdAt: isoTime(createdAt),
          endsAt: isoTime(endsAt),
        })),
        callers: made.callers.map(({ id, name, createdAt }) => ({ id, name, createdAt: isoTime(createdAt) })),
        consentLinks: made.consentLinks.map(({ id, alias, createdAt }) => ({
          id,
          alias,
          createdAt: isoTime(createdAt),
        })),
        policies: made.policies,
        jobs: made.jobs.map(({ name, definition }) => ({ name, definition })),
        rules: made.rules.map(({ definition }) => ({ name: definition.name, definition })),
        audit: { complete, events: events.map((event) => ({ ...event, time: isoTime(event.time) })) },
      };
      return json(200, answer, { 'content-disposition': 'attachment; filename="graph-valet-person.json"' });
    }, ports),

    erase: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'person');
      const objectId = whom(routeParameter(request, 'id'), person);
      const { username } = readQuery(request, eraseQuery);
      if (username !== undefined && !person.administrator) {
        throw new AppError('forbidden', 'Only an administrator may name a user name to erase.');
      }
      const own = (await people.held(objectId)).connections;
      const made = await madeBy(objectId, own);
      const names = [...(username === undefined ? [] : [username])];
      if (objectId === person.objectId) names.push(person.username);
      const ended = await people.erase(objectId, names, (pseudonym) =>
        audit.record({
          ...granted,
          action: 'person.erase',
          requestId,
          // Of somebody who erases themselves the pseudonym is what stays.
          actor: objectId === person.objectId ? pseudonym : auditPerson(person),
          target: pseudonym.objectId,
        }),
      );
      const { connections, sessions, programs, namesGone } = ended;
      return json(200, {
        connections,
        sessions,
        programs,
        names: namesGone ? 'replaced' : 'being_replaced',
        left: {
          callers: made.callers.map(({ id }) => id),
          policies: made.policies.map(({ name }) => name),
          jobs: made.jobs.map(({ name }) => name),
          rules: made.rules.map(({ definition }) => definition.name),
        },
      } satisfies z.input<typeof erased>);
    }, ports),
  };
}

/** The object id that is meant. Throws `forbidden` for another person's, unless an administrator asks. */
function whom(id: string, person: Person): string {
  if (id === 'me') return person.objectId;
  // Microsoft writes object ids in lower case; people paste them as they find them.
  const objectId = guid.test(id) ? id.toLowerCase() : id;
  if (!/^[\w.-]{8,64}$/.test(objectId)) {
    throw new AppError('invalid_request', 'A person is named by their object id, or by me.');
  }
  if (person.administrator || objectId === person.objectId) return objectId;
  throw new AppError('forbidden', 'Only an administrator may do this for another person.');
}

/** By an exact name: a pattern that fits many speaks of nobody in particular. */
function speaksOfPerson({ caller, grant }: Policy, objectId: string, own: readonly Connection[]): boolean {
  const exact = [grant.connection].flat().filter((each) => !each.includes('*'));
  const named = caller.kind === 'session' && caller.people?.some((each) => each.toLowerCase() === objectId);
  return named === true || own.some((each) => namesConnection(exact, each));
}
