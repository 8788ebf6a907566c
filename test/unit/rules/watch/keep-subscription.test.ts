import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../../../../src/errors.ts';
import type { GraphCall, GraphFor } from '../../../../src/graph/graph-client.ts';
import { subscriptionLifeMs } from '../../../../src/graph/subscriptions.ts';
import { createKeepSubscription } from '../../../../src/rules/watch/keep-subscription.ts';
import { createSubscriptionStore, isProven } from '../../../../src/rules/watch/subscription-store.ts';
import { freshStorage } from '../../../support/storage.ts';
import { operationStage, ruleOf, storageOf } from '../stage.ts';

const connectionString = await freshStorage();
const start = Date.UTC(2026, 10, 24, 12);
const day = 24 * 3_600_000;
let made = 0;

interface Held {
  readonly id: string;
  readonly resource: string;
  readonly notificationUrl: string;
  readonly clientState: string;
  expirationDateTime: string;
}

/** The subscriptions of one app as Graph keeps them: one for each resource. */
function graphOfSubscriptions() {
  const held = new Map<string, Held>();
  const asked: string[] = [];
  const refused = new Map<string, AppError>();
  let showsSecret = true;

  function answer(call: GraphCall, connection: string): unknown {
    const method = call.method ?? 'GET';
    asked.push(`${method} ${call.path.replace(/[0-9a-f-]{36}$/, 'ID')}`);
    const error = refused.get(connection);
    if (error) throw error;
    const body = call.body as Omit<Held, 'id'>;
    if (method === 'POST') {
      const taken = [...held.values()].find(({ resource }) => resource === body.resource);
      if (taken) {
        const detail = `Graph answered 409: Subscription Id ${taken.id} already exists for the requested combination`;
        throw new AppError('conflict', 'There is one.', { detail });
      }
      const one = { ...body, id: randomUUID() };
      held.set(one.id, one);
      return one;
    }
    const one = held.get(call.path.split('/').at(-1) ?? '');
    if (!one) throw new AppError('not_found', 'It is gone.');
    if (method === 'DELETE') held.delete(one.id);
    if (method === 'PATCH') one.expirationDateTime = body.expirationDateTime;
    return showsSecret ? one : { ...one, clientState: null };
  }

  const graphFor: GraphFor = async (connection) => ({
    async call<T>(call: GraphCall<T>) {
      const body = answer(call as GraphCall, connection);
      return {
        status: 200,
        headers: new Headers(),
        body: call.schema ? call.schema.parse(body) : (body as T),
      };
    },
    download: () => Promise.reject(new Error('no contents here')),
    preauthenticated: () => Promise.reject(new Error('no contents here')),
  });
  return { graphFor, held, asked, refused, hideSecrets: () => (showsSecret = false) };
}

async function stageOf(connections: readonly string[] = ['contoso']) {
  made += 1;
  const driveId = `drive-${made}`;
  const time = { now: start };
  const storage = storageOf(connectionString, () => time.now);
  const { rules, ports } = operationStage(connectionString, time);
  const subscriptions = createSubscriptionStore(storage);
  const graph = graphOfSubscriptions();
  for (const connection of connections) {
    const definition = ruleOf({ name: `rule-${made}-${connection}`, connection });
    await rules.put(definition, { id: driveId, name: 'Documents' }, 'admin');
  }
  const at = (notificationUrl: string) =>
    createKeepSubscription({
      rules,
      subscriptions,
      graphFor: graph.graphFor,
      leases: storage.leases,
      ports,
      notificationUrl,
    });
  return {
    driveId,
    time,
    graph,
    rules,
    subscriptions,
    ports,
    at,
    keep: at('https://valet.example'),
    known: () => subscriptions.of(driveId),
    removeRules: () =>
      Promise.all(connections.map((connection) => rules.remove(`rule-${made}-${connection}`))),
  };
}

describe('the subscription to a drive', () => {
  it('is made with a secret of its own, of which only the hash is kept', async () => {
    const { keep, driveId, graph, known } = await stageOf();
    expect(await keep(driveId)).toBe('fresh');
    const [one] = graph.held.values();
    expect(one).toMatchObject({
      resource: `/drives/${driveId}/root`,
      notificationUrl: 'https://valet.example/notifications',
      lifecycleNotificationUrl: 'https://valet.example/notifications/lifecycle',
    });
    const row = await known();
    expect(row).toMatchObject({ state: 'active', id: one?.id, expiresAt: start + subscriptionLifeMs });
    expect(JSON.stringify(row)).not.toContain(one?.clientState);
    const proof = createHash('sha256')
      .update(one?.clientState ?? '')
      .digest('hex');
    expect(row && isProven(row, proof)).toBe(true);
    expect(row && isProven(row, '0'.repeat(64))).toBe(false);
  });

  it('is left alone while it is fresh, and renewed before half of its life is over', async () => {
    const { keep, driveId, graph, time, known } = await stageOf();
    await keep(driveId);
    time.now += 3_600_000;
    await keep(driveId);
    expect(graph.asked).toEqual(['POST /subscriptions']);
    time.now += 14 * day;
    expect(await keep(driveId)).toBe('kept');
    expect(graph.asked.at(-1)).toBe('PATCH /subscriptions/ID');
    expect((await known())?.expiresAt).toBe(time.now + subscriptionLifeMs);
  });

  it('is made again within six hours when Graph lost it without a word', async () => {
    const { keep, driveId, graph, time, known } = await stageOf();
    await keep(driveId);
    graph.held.clear();
    time.now += 6 * 3_600_000;
    expect(await keep(driveId)).toBe('fresh');
    expect((await known())?.id).toBe([...graph.held.keys()][0]);
  });

  it('is adopted after a kill between its making and its saving', async () => {
    const { keep, driveId, graph, subscriptions, known, ports, rules } = await stageOf();
    const save = subscriptions.save;
    const dying = createKeepSubscription({
      rules,
      ports,
      graphFor: graph.graphFor,
      leases: { take: async () => ({ fence: 1, renew: async () => true, release: async () => undefined }) },
      notificationUrl: 'https://valet.example',
      subscriptions: {
        ...subscriptions,
        save: (next) => (next.state === 'creating' ? save(next) : Promise.reject(new Error('killed'))),
      },
    });
    await expect(dying(driveId)).rejects.toThrow('killed');
    const [lost] = graph.held.values();
    expect((await known())?.state).toBe('creating');
    await keep(driveId);
    expect([...graph.held.keys()]).toEqual([lost?.id]);
    const row = await known();
    const proof = createHash('sha256')
      .update(lost?.clientState ?? '')
      .digest('hex');
    expect(row && isProven(row, proof)).toBe(true);
  });

  it.each([true, false])(
    'is made anew when Graph has one whose secret nobody knows (shown: %s)',
    async (shown) => {
      const { keep, driveId, graph, subscriptions, known } = await stageOf();
      await keep(driveId);
      const [stranger] = graph.held.keys();
      await subscriptions.remove(driveId);
      if (!shown) graph.hideSecrets();
      expect(await keep(driveId)).toBe('fresh');
      expect(graph.held.size).toBe(1);
      expect(graph.held.has(stranger ?? '')).toBe(false);
      expect((await known())?.id).toBe([...graph.held.keys()][0]);
    },
  );

  it('is made anew when the app has another address', async () => {
    const { keep, at, driveId, graph } = await stageOf();
    await keep(driveId);
    expect(await at('https://moved.example')(driveId)).toBe('fresh');
    expect([...graph.held.values()].map(({ notificationUrl }) => notificationUrl)).toEqual([
      'https://moved.example/notifications',
    ]);
  });

  it('gives way to polling when Graph refuses it, says why, and is tried again', async () => {
    const { keep, driveId, graph, known } = await stageOf();
    graph.refused.set('contoso', new AppError('forbidden', 'No.'));
    expect(await keep(driveId)).toBe('none');
    expect(await known()).toMatchObject({ state: 'polling', problem: { code: 'forbidden' } });
    graph.refused.clear();
    expect(await keep(driveId)).toBe('fresh');
    expect(await known()).toMatchObject({ state: 'active' });
    expect((await known())?.problem).toBeUndefined();
  });

  it('is made as another connection when the first one may not', async () => {
    const { keep, driveId, graph, known } = await stageOf(['first', 'second']);
    graph.refused.set('first', new AppError('reauth_required', 'Sign in.'));
    expect(await keep(driveId)).toBe('fresh');
    expect((await known())?.connection).toBe('second');
  });

  it('ends when no rule needs it', async () => {
    const { keep, driveId, graph, known, removeRules } = await stageOf();
    await keep(driveId);
    await removeRules();
    expect(await keep(driveId)).toBe('none');
    expect(graph.held.size).toBe(0);
    expect(await known()).toBeUndefined();
  });

  it('is made once by ten that try at once', async () => {
    const { keep, driveId, graph } = await stageOf();
    const kept = await Promise.all(Array.from({ length: 10 }, () => keep(driveId)));
    expect(kept.filter((one) => one === 'fresh')).toHaveLength(1);
    expect(graph.asked).toEqual(['POST /subscriptions']);
  });
});
