import { HttpRequest } from '@azure/functions';
import type { Authorize } from '../../../src/api/authorize.ts';
import type { Handler } from '../../../src/api/http.ts';
import { createOperationsApi } from '../../../src/api/operations.ts';
import { createPoisonApi } from '../../../src/api/poison.ts';
import { createRulesApi } from '../../../src/api/rules.ts';
import { createSubscriptionsApi } from '../../../src/api/subscriptions.ts';
import type { NewAuditEvent } from '../../../src/broker/audit-event.ts';
import { AppError } from '../../../src/errors.ts';
import { createRules } from '../../../src/rules/rules.ts';
import type { PoisonedQueue } from '../../../src/storage/poison.ts';
import { freshStorage } from '../../support/storage.ts';
import { scriptedFeed } from '../rules/feed.ts';
import { portsAt, storageOf } from '../rules/stage.ts';

const publicUrl = 'https://valet.example';
const start = Date.UTC(2026, 10, 24, 12);

/** Who asks says so in a header: sessions have their own tests. */
const authorize: Authorize = async (request, need) => {
  const who = request.headers.get('x-who');
  if (who === null) throw new AppError('unauthorized', 'Sign in first.');
  if (need === 'administrator' && who !== 'admin') throw new AppError('forbidden', 'No.');
  return {
    objectId: who,
    tenantId: 'tenant',
    homeAccountId: 'home',
    name: who,
    username: who,
    administrator: who === 'admin',
    connectionId: 'con',
    csrf: 'x',
  };
};

async function stage() {
  const time = { now: start };
  const ports = portsAt(time);
  const storage = storageOf(await freshStorage(), ports.clock);
  const feed = scriptedFeed(({ path, body }) =>
    path === '/subscriptions'
      ? {
          body: {
            id: 'sub-1',
            expirationDateTime: (body as { expirationDateTime: string }).expirationDateTime,
          },
        }
      : path.includes('/children')
        ? { body: { value: [] } }
        : undefined,
  );
  const rules = createRules({
    storage,
    graphFor: feed.graphFor,
    ports,
    config: { notificationUrl: publicUrl, entra: { clientId: 'app' } },
  });
  const events: NewAuditEvent[] = [];
  const audit = { record: async (event: NewAuditEvent) => void events.push(event) };
  const retried: [PoisonedQueue, readonly string[] | undefined][] = [];
  const deps = { rules, audit, authorize, publicUrl, ports };
  return {
    rules,
    feed,
    time,
    events,
    retried,
    api: createRulesApi(deps),
    operations: createOperationsApi(deps),
    subscriptions: createSubscriptionsApi(deps),
    poison: createPoisonApi({
      ...deps,
      poison: {
        list: async () => [{ queue: 'drains', id: 'm1', text: 'broken {', failedAt: start }],
        retry: async (queue, ids) => {
          retried.push([queue, ids]);
          return ids?.length ?? 7;
        },
      },
    }),
  };
}

interface Ask {
  readonly method?: string;
  readonly params?: Record<string, string>;
  readonly query?: string;
  readonly body?: unknown;
  readonly who?: string | undefined;
}

async function ask(
  handler: Handler,
  { method = 'GET', params = {}, query = '', body, who = 'admin' }: Ask = {},
) {
  const answer = await handler(
    new HttpRequest({
      method,
      url: `${publicUrl}/api/x${query}`,
      params,
      headers: { ...(who === '' ? {} : { 'x-who': who }), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
    }),
  );
  const text = answer.body as string | undefined;
  return {
    status: answer.status,
    headers: new Headers(answer.headers),
    body: text ? JSON.parse(text) : undefined,
  };
}

const rule = {
  connection: 'contoso',
  target: { kind: 'drive', driveId: 'drive-1' },
  when: { event: 'created', folder: '/Inbox', name: '*.docx' },
  actions: [{ move: { to: '/Filed/{yyyy}' } }],
};
const put = { method: 'PUT', params: { name: 'file-documents' }, body: rule };

describe('the rules of the API', () => {
  it('are made, read, listed and removed by an administrator, each change in the audit', async () => {
    const { api, events } = await stage();
    const made = await ask(api.put, put);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`${publicUrl}/api/rules/file-documents`);
    expect(made.body).toMatchObject({ ...rule, name: 'file-documents', state: 'active', bulkLimit: 200 });
    expect((await ask(api.put, put)).status).toBe(200);
    expect((await ask(api.get, put)).body).toEqual(made.body);
    expect((await ask(api.list)).body.value).toEqual([made.body]);
    expect((await ask(api.remove, { ...put, method: 'DELETE' })).status).toBe(204);
    expect((await ask(api.get, put)).status).toBe(404);
    expect(events.map(({ action, target }) => [action, target])).toEqual([
      ['rule.put', 'file-documents'],
      ['rule.put', 'file-documents'],
      ['rule.delete', 'file-documents'],
    ]);
  });

  it('can be put again as they were read', async () => {
    const { api } = await stage();
    const { body } = await ask(api.put, put);
    const { drive, state, version, createdAt, updatedAt, updatedBy, ...definition } = body;
    const again = await ask(api.put, { ...put, body: definition });
    expect(again).toMatchObject({ status: 200, body: { version } });
    expect([drive.id, state, createdAt === updatedAt, updatedBy]).toEqual([
      'drive-1',
      'active',
      true,
      'admin',
    ]);
  });

  it.each([
    ['a field that does not exist', { ...rule, colour: 'red' }],
    ['no action', { ...rule, actions: [] }],
    ['another name than the address', { ...rule, name: 'other' }],
    ['a loop', { ...rule, actions: [{ move: { to: '/Inbox' } }] }],
  ])('are refused with %s', async (_, body) => {
    const { api, rules } = await stage();
    const { status, body: answer } = await ask(api.put, { ...put, body });
    expect([status, answer.error.code]).toEqual([400, 'invalid_request']);
    expect(await rules.list()).toEqual([]);
  });

  it('are refused under a name that is none', async () => {
    const { api } = await stage();
    expect((await ask(api.put, { ...put, params: { name: 'a/b' } })).status).toBe(400);
    expect((await ask(api.get, { params: { name: "x' or '1" } })).status).toBe(404);
  });

  it('are tried without being saved', async () => {
    const { api, rules } = await stage();
    const preview = await ask(api.preview, { ...put, method: 'POST', body: { rule } });
    expect(preview).toMatchObject({ status: 200, body: { files: [], matched: 0, problems: [] } });
    expect(await rules.list()).toEqual([]);
    expect((await ask(api.preview, { ...put, method: 'POST', body: {} })).status).toBe(404);
  });

  it('may name kinds that anybody who is signed in can read about', async () => {
    const { api } = await stage();
    expect((await ask(api.kinds, { who: '' })).status).toBe(401);
    const { body } = await ask(api.kinds, { who: 'somebody' });
    const copy = body.actions.find((one: { name: string }) => one.name === 'copy');
    expect(copy).toMatchObject({ needs: ['Files.ReadWrite.All'], input: { required: ['to'] } });
    expect(body.conditions.map((one: { name: string }) => one.name)).toEqual(
      expect.arrayContaining(['name', 'size', 'any', 'not']),
    );
  });

  it('are replayed over at most a day', async () => {
    const { api, events } = await stage();
    await ask(api.put, put);
    const replay = await ask(api.replay, { ...put, method: 'POST', body: { hours: 2 } });
    expect(replay).toMatchObject({ status: 202, body: { looked: 0, operations: [] } });
    expect((await ask(api.replay, { ...put, method: 'POST', body: { hours: 25 } })).status).toBe(400);
    expect(events.at(-1)?.action).toBe('rule.replay');
  });
});

describe('what the rules did', () => {
  async function worked() {
    const one = await stage();
    await ask(one.api.put, put);
    for (const id of ['a', 'b', 'c']) {
      one.time.now += 1_000;
      one.feed.changed({ id, name: `${id}.docx`, created: one.time.now });
      await one.rules.drain({ kind: 'drain', driveId: 'drive-1', connection: 'contoso' });
    }
    return one;
  }

  it('is listed newest first, in pages, by rule and state', async () => {
    const { operations } = await worked();
    const first = await ask(operations.list, { query: '?rule=file-documents&state=planned&limit=2' });
    expect(first.body.value.map((one: { item: { name: string } }) => one.item.name)).toEqual([
      'c.docx',
      'b.docx',
    ]);
    const { searchParams } = new URL(first.body.nextLink);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      rule: 'file-documents',
      state: 'planned',
      limit: '2',
    });
    const second = await ask(operations.list, { query: `?${searchParams}` });
    expect(second.body.value.map((one: { item: { name: string } }) => one.item.name)).toEqual(['a.docx']);
    expect(second.body.nextLink).toBeUndefined();
    expect((await ask(operations.list, { query: '?rule=other' })).body.value).toEqual([]);
    expect((await ask(operations.list, { query: '?state=dreamt' })).status).toBe(400);
  });

  it('is read one by one, and an undo of what was not done is a conflict', async () => {
    const { operations, events } = await worked();
    const { body } = await ask(operations.list);
    const params = { id: body.value[0].id };
    expect((await ask(operations.get, { params })).body).toMatchObject({ state: 'planned', undoable: false });
    expect((await ask(operations.undo, { method: 'POST', params })).body.error.code).toBe('conflict');
    expect(events.at(-1)).toMatchObject({ action: 'operation.undo', target: params.id });
    expect((await ask(operations.get, { params: { id: 'op_x' } })).status).toBe(404);
    expect((await ask(operations.undo, { method: 'POST', params: { id: 'op_x' } })).status).toBe(404);
  });

  it('shows how each drive is watched', async () => {
    const { subscriptions, rules } = await worked();
    await rules.drain({ kind: 'subscribe', driveId: 'drive-1' });
    const { body } = await ask(subscriptions.list);
    expect(body.value).toMatchObject([{ driveId: 'drive-1', state: 'active', id: 'sub-1' }]);
    expect(JSON.stringify(body)).not.toContain('proof');
  });
});

describe('messages that were set aside', () => {
  it('are shown, broken ones too, and tried again', async () => {
    const { poison, retried, events } = await stage();
    expect((await ask(poison.list)).body.value).toEqual([
      { queue: 'drains', id: 'm1', message: 'broken {', failedAt: new Date(start).toISOString() },
    ]);
    const params = { queue: 'drains' };
    expect((await ask(poison.retry, { method: 'POST', params, body: { ids: ['m1'] } })).body).toEqual({
      retried: 1,
    });
    expect((await ask(poison.retry, { method: 'POST', params, body: {} })).body).toEqual({ retried: 7 });
    expect(retried).toEqual([
      ['drains', ['m1']],
      ['drains', undefined],
    ]);
    expect(events.map(({ action }) => action)).toEqual(['poison.retry', 'poison.retry']);
    expect((await ask(poison.retry, { method: 'POST', params: { queue: 'secrets' }, body: {} })).status).toBe(
      400,
    );
  });
});

describe('who is no administrator', () => {
  it.each([
    ['', 401],
    ['somebody', 403],
  ])('gets nothing from any of these (%s: %i)', async (who, status) => {
    const { api, operations, subscriptions, poison, events } = await stage();
    const { kinds: _open, ...closed } = api;
    const handlers = [closed, operations, subscriptions, poison].flatMap((each): Handler[] =>
      Object.values(each),
    );
    const params = { name: 'file-documents', id: 'op_x', queue: 'drains' };
    for (const handler of handlers) {
      expect((await ask(handler, { method: 'POST', params, body: rule, who })).status).toBe(status);
    }
    expect(handlers).toHaveLength(12);
    expect(events).toEqual([]);
  });
});
