import { jest } from '@jest/globals';
import type { Connection } from '../../src/broker/connection.ts';
import type { Fetch } from '../../src/ports.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { type BrokerProcess, startBrokerProcess } from '../support/broker-processes.ts';
import { createGate } from '../support/gate.ts';
import { createStorageProxy } from '../support/storage-proxy.ts';
import { type TokenStore, tokenStore } from '../support/token-store.ts';
import { waitFor } from '../support/wait-for.ts';

/** Longer than a lease lasts. */
const later = 31_000;

// Processes are started, and an outage is waited for: on a busy machine that takes its time.
jest.setTimeout(120_000);

describe('one refresh for each account, over all instances', () => {
  let stage: ApiStage;
  let store: TokenStore;
  let emma: Connection;
  let script: { id: string; key: string };
  beforeAll(async () => {
    stage = await createApiStage();
    store = tokenStore(stage);
    emma = await stage.connect('emma.larsen');
    script = await stage.caller();
    await stage.put('script', {
      caller: { kind: 'api_key', id: script.id },
      grant: { connection: emma.alias, delivery: ['token'], scopes: ['.default'] },
    });
  });
  afterAll(() => stage.stop());
  beforeEach(async () => {
    await stage.heal();
    emma = (await stage.broker.connections.get(emma.id)) ?? emma;
    if (emma.health !== 'active') emma = await stage.connect('emma.larsen');
    await store.expire(emma);
    stage.lines.length = 0;
  });

  const ask = (url: string) =>
    fetch(`${url}/oauth2/token`, {
      method: 'POST',
      headers: {
        ...basic(script.id, script.key),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', audience: emma.alias }),
    });
  const healthOf = async () => (await stage.broker.connections.get(emma.id))?.health;
  const ahead = (ms: number) => ({ clock: () => Date.now() + ms });
  /** The identity platform, with something done before or after each refresh. */
  const platform =
    (around: { before?: () => Promise<void>; after?: () => Promise<void> }): Fetch =>
    async (input, init) => {
      const isRefresh = String(init?.body ?? '').includes('grant_type=refresh_token');
      if (isRefresh) await around.before?.();
      const answer = await fetch(input, init);
      if (isRefresh) await around.after?.();
      return answer;
    };
  const get = (given: Parameters<ApiStage['instance']>[0]) =>
    stage.instance(given).broker.getToken({ connectionId: emma.id });

  it('[34] 50 concurrent requests over 4 processes for one expired account cost exactly one refresh', async () => {
    const hosts = await Promise.all(Array.from({ length: 4 }, () => startBrokerProcess(stage)));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const reply = await ask(hosts[index % 4]?.url ?? '');
        return { status: reply.status, body: (await reply.json()) as { access_token: string } };
      }),
    );
    await Promise.all(hosts.map(({ child }) => child.stop('SIGKILL')));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(1);
    expect(await store.refreshes()).toBe(1);
  });

  /** A process that dies when Microsoft has answered and nothing is stored. */
  async function killBetween(): Promise<BrokerProcess> {
    const host = await startBrokerProcess(stage, { HOLD_ANSWERS: '1' });
    const lost = ask(host.url).catch(() => undefined);
    await waitFor(() => host.lines.some((line) => line.startsWith('refreshed')), { timeout: 60_000 });
    await host.child.stop('SIGKILL');
    await lost;
    return host;
  }

  it('[35] a process that is killed between Microsoft’s answer and the write costs nothing', async () => {
    const before = await store.refreshToken(emma);
    expect((await killBetween()).lines).toContain('refreshed 200');
    expect(await store.refreshToken(emma)).toBe(before);
    // Its lease is still there, and ends by itself.
    expect(await stage.storage.leases.take(`token~${emma.id}~user`, 12)).toBeUndefined();
    stage.serve(stage.instance(ahead(30_000)));
    const next = await ask(stage.site.url);
    stage.serve(stage.app);
    expect(next.status).toBe(200);
    expect(await store.refreshToken(emma)).not.toBe(before);
    expect(await healthOf()).toBe('active');
  });

  it('[35] where a refresh token works once, the person is asked for and told where to go', async () => {
    await stage.identity({ strictRotation: true });
    await killBetween();
    stage.serve(stage.instance(ahead(30_000)));
    const next = await ask(stage.site.url);
    stage.serve(stage.app);
    expect(next.status).toBe(401);
    expect(await next.json()).toMatchObject({
      code: 'reauth_required',
      reauth_url: expect.stringContaining(`${stage.site.url}/auth/sign-in`),
    });
    expect(await healthOf()).toBe('needs_sign_in');
  });

  it('[36] a holder that was paused past its lease does not overwrite what came after it', async () => {
    const gate = createGate();
    const paused = get({ fetch: platform({ after: gate.pass }) });
    await gate.reached;
    await get(ahead(later));
    const newest = await store.refreshToken(emma);
    const { fence } = await store.row(emma);
    gate.open();
    // Its own token is as good as any.
    expect(await paused).toMatchObject({ source: 'entra', objectId: emma.objectId });
    expect(await store.refreshToken(emma)).toBe(newest);
    expect((await store.row(emma)).fence).toBe(fence);
    expect(stage.lines).toContainEqual(expect.objectContaining({ event: 'token_write_outrun' }));
  });

  it('[36] a paused holder with the only good refresh token stores it, though another was refused meanwhile', async () => {
    await stage.identity({ strictRotation: true });
    const gate = createGate();
    const paused = get({ fetch: platform({ after: gate.pass }) });
    await gate.reached;
    await expect(get(ahead(later))).rejects.toMatchObject({ code: 'reauth_required' });
    expect(await healthOf()).toBe('needs_sign_in');
    gate.open();
    await paused;
    expect(await healthOf()).toBe('active');
    await stage.instance().broker.getToken({ connectionId: emma.id, forceRefresh: true });
  });

  it('[36] [41] a holder that sends a refresh token too late takes what the other has stored, and spends no second one', async () => {
    await stage.identity({ strictRotation: true });
    const gate = createGate();
    const paused = get({ fetch: platform({ before: gate.pass }) });
    await gate.reached;
    const other = await get(ahead(later));
    const newest = await store.refreshToken(emma);
    gate.open();
    expect(await paused).toMatchObject({ source: 'store', accessToken: other.accessToken });
    expect(await store.refreshToken(emma)).toBe(newest);
    expect(await healthOf()).toBe('active');
    expect(await store.refreshes()).toBe(2);
    await stage.instance().broker.getToken({ connectionId: emma.id, forceRefresh: true });
  });

  it('goes on when the leases were lost and their numbers begin anew', async () => {
    const row = await store.row(emma);
    await store.write(emma, { ...row, fence: row.fence + 1_000 });
    const before = await store.refreshToken(emma);
    await get({});
    expect(await store.refreshToken(emma)).not.toBe(before);
  });

  it('[37] while the store does not answer, or takes no write, no refresh token is spent', async () => {
    const proxy = await createStorageProxy(stage.settings.DataStorage ?? '');
    const config = {
      storage: { kind: 'connectionString', connectionString: proxy.connection },
    } as const;
    const { broker } = stage.instance({}, config);
    await broker.getToken({ connectionId: emma.id });
    await store.expire(emma);
    const before = await store.refreshes();
    for (const fate of ['refuse', 503] as const) {
      proxy.decide(() => fate);
      await expect(broker.getToken({ connectionId: emma.id, forceRefresh: true })).rejects.toMatchObject({
        code: 'storage_unavailable',
        retryAfter: expect.any(Number),
      });
      proxy.decide(({ method }) => (method === 'GET' ? 'pass' : fate));
      await expect(broker.getToken({ connectionId: emma.id, forceRefresh: true })).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
    }
    expect(await store.refreshes()).toBe(before);
    proxy.decide();
    await broker.getToken({ connectionId: emma.id, forceRefresh: true });
    expect(await store.refreshes()).toBe(before + 1);
    await proxy.stop();
  });

  it('keeps what Microsoft gave while the store is away, and stores it as soon as it can', async () => {
    await stage.identity({ strictRotation: true });
    const before = await store.refreshToken(emma);
    const proxy = await createStorageProxy(stage.settings.DataStorage ?? '');
    const goDown = async () => proxy.decide(() => 'refuse');
    const { broker } = stage.instance(
      { fetch: platform({ after: goDown }) },
      { storage: { kind: 'connectionString', connectionString: proxy.connection } },
    );
    expect(await broker.getToken({ connectionId: emma.id })).toMatchObject({ source: 'entra' });
    expect(await store.refreshToken(emma)).toBe(before);
    // Meanwhile another instance sends the one that is spent.
    await expect(get(ahead(later))).rejects.toMatchObject({ code: 'reauth_required' });
    proxy.decide();
    await waitFor(async () => (await store.refreshToken(emma)) !== before, { timeout: 30_000 });
    await waitFor(async () => (await healthOf()) === 'active', { timeout: 30_000 });
    await stage.instance(ahead(later)).broker.getToken({ connectionId: emma.id, forceRefresh: true });
    await proxy.stop();
  });

  it('is not disturbed by a write whose answer was lost', async () => {
    await stage.identity({ strictRotation: true });
    const proxy = await createStorageProxy(stage.settings.DataStorage ?? '');
    let lost = 0;
    proxy.decide(({ method, path }) => {
      if (method === 'GET' || !path.startsWith('tokens') || lost > 0) return 'pass';
      lost += 1;
      return 'lost';
    });
    const { broker } = stage.instance(
      {},
      { storage: { kind: 'connectionString', connectionString: proxy.connection } },
    );
    await broker.getToken({ connectionId: emma.id });
    expect(lost).toBe(1);
    await stage.instance().broker.getToken({ connectionId: emma.id, forceRefresh: true });
    expect(await healthOf()).toBe('active');
    await proxy.stop();
  });
});
