import { jest } from '@jest/globals';
import type { RunningApp } from '../../src/app.ts';
import type { Connection } from '../../src/broker/connection.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { createStorageProxy, type StorageProxy } from '../support/storage-proxy.ts';
import { type TokenStore, tokenStore } from '../support/token-store.ts';

const minute = 60_000;

// The SDKs try again, and one of these waits ten seconds for a service that never answers.
jest.setTimeout(90_000);

describe('when what the broker stands on is away', () => {
  let stage: ApiStage;
  let store: TokenStore;
  let proxy: StorageProxy;
  let emma: Connection;
  let script: { id: string; key: string };
  beforeAll(async () => {
    stage = await createApiStage();
    store = tokenStore(stage);
    proxy = await createStorageProxy(stage.settings.DataStorage ?? '');
    emma = await stage.connect('emma.larsen');
    script = await stage.caller();
    await stage.put('script', {
      caller: { kind: 'api_key', id: script.id },
      grant: { connection: emma.alias, delivery: ['token'], scopes: ['.default'] },
    });
  });
  afterAll(async () => {
    await proxy.stop();
    await stage.stop();
  });
  beforeEach(async () => {
    proxy.decide();
    await stage.heal();
    await store.expire(emma);
  });
  afterEach(() => stage.serve(stage.app));

  const ask = (form: Record<string, string> = {}) =>
    stage.token(
      { grant_type: 'client_credentials', audience: emma.alias, ...form },
      basic(script.id, script.key),
    );
  const told = async (form: Record<string, string> = {}) => {
    const { status, body, headers } = await ask(form);
    return { status, code: body.code ?? 'ok', wait: Number(headers.get('retry-after') ?? 0) };
  };
  /** An instance whose tables lie behind the proxy, warm, answers callers from now on. */
  async function serveBehindProxy(): Promise<RunningApp> {
    const app = stage.instance(
      {},
      { storage: { kind: 'connectionString', connectionString: proxy.connection } },
    );
    stage.serve(app);
    expect(await told()).toMatchObject({ status: 200 });
    return app;
  }
  const vaultFails = async (strike: object) => {
    // biome-ignore lint/suspicious/noThenProperty: a rule is never awaited, and its `then` is no function
    await stage.fault({ listener: 'vault', then: strike });
  };
  const ready = async (app: RunningApp) =>
    (await app.broker.ready()).filter(({ ok }) => !ok).map(({ name }) => name);

  it.each([['refuse'], [500], [503], [429]] as const)(
    'tables that answer %s: 503 with a time to wait, no refresh token spent, and all is well afterwards',
    async (fate) => {
      const app = await serveBehindProxy();
      const before = await store.refreshes();
      proxy.decide(() => fate);
      stage.time.offset = 6_000;
      for (const form of [{}, { force_refresh: 'true' }]) {
        expect(await told(form)).toMatchObject({ status: 503, code: 'storage_unavailable', wait: 5 });
      }
      expect(await ready(app)).toContain('storage');
      expect(await store.refreshes()).toBe(before);
      proxy.decide();
      expect(await told({ force_refresh: 'true' })).toMatchObject({ status: 200 });
      expect(await ready(app)).toEqual([]);
      expect((await stage.broker.connections.get(emma.id))?.health).toBe('active');
    },
  );

  it('tables that never answer: the caller hears of it in bounded time', async () => {
    await serveBehindProxy();
    const before = await store.refreshes();
    proxy.decide(() => 'hang');
    stage.time.offset = 6_000;
    expect(await told()).toMatchObject({ status: 503, code: 'storage_unavailable' });
    expect(await store.refreshes()).toBe(before);
  });

  it('tables that are slow: a token comes all the same, from one refresh', async () => {
    await serveBehindProxy();
    const before = await store.refreshes();
    let failed = 0;
    // Every third request fails once, as under load: the SDK asks again.
    proxy.decide(() => {
      failed += 1;
      return failed % 3 === 0 ? 503 : 'pass';
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => told({ force_refresh: 'true' })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await store.refreshes()).toBe(before + 1);
  });

  it('[52] Key Vault is down: everything goes on for an hour, then nothing is served, and comes back by itself', async () => {
    const app = stage.instance();
    stage.serve(app);
    expect(await told()).toMatchObject({ status: 200 });
    await vaultFails({ status: 503 });
    stage.time.offset = 59 * minute;
    expect(await told({ force_refresh: 'true' })).toMatchObject({ status: 200 });
    expect(await told()).toMatchObject({ status: 200 });

    const before = await store.refreshToken(emma);
    const asked = await store.refreshes();
    stage.time.offset = 61 * minute;
    for (const form of [{}, { force_refresh: 'true' }]) {
      expect(await told(form)).toMatchObject({ status: 503, code: 'upstream_unavailable', wait: 5 });
    }
    expect(await ready(app)).toContain('vault');
    expect(await store.refreshes()).toBe(asked);

    await stage.control('DELETE', '/faults');
    expect(await store.refreshToken(emma)).toBe(before);
    expect(await told({ force_refresh: 'true' })).toMatchObject({ status: 200 });
  });

  it('Key Vault is down at the start: nothing is served, and no refresh token is spent', async () => {
    const app = stage.instance();
    stage.serve(app);
    const asked = await store.refreshes();
    await vaultFails({ status: 500 });
    expect(await told()).toMatchObject({ status: 503, code: 'upstream_unavailable', wait: 5 });
    expect(await ready(app)).toEqual(expect.arrayContaining(['vault', 'keys', 'credential']));
    expect(await store.refreshes()).toBe(asked);
    await stage.control('DELETE', '/faults');
    expect(await told()).toMatchObject({ status: 200 });
  });

  it('a Key Vault that is down is asked twice a minute, and nobody else waits for it', async () => {
    const app = stage.instance();
    stage.serve(app);
    expect(await told()).toMatchObject({ status: 200 });
    await vaultFails({ status: 503 });
    stage.time.offset = 11 * minute;
    await told({ force_refresh: 'true' });
    const struck = async () => {
      const { value } = await stage.control<{ value: { struck: number }[] }>('GET', '/faults');
      return value[0]?.struck ?? 0;
    };
    const first = await struck();
    expect(first).toBeGreaterThan(0);
    for (let index = 0; index < 10; index += 1) await told({ force_refresh: 'true' });
    expect(await struck()).toBe(first);
    stage.time.offset += 31_000;
    await told({ force_refresh: 'true' });
    expect(await struck()).toBeGreaterThan(first);
  });

  it('a clock that jumps hours ahead and back leaves no lease, pause or token that stands in the way', async () => {
    await stage.identity({ throttleSeconds: 30 });
    const hours = 3 * 60 * minute;
    const ahead = stage.instance({ clock: () => Date.now() + hours });
    await expect(ahead.broker.getToken({ connectionId: emma.id })).rejects.toMatchObject({
      code: 'throttled',
    });
    await stage.identity({ throttleSeconds: null });
    // The pause that it noted began hours from now, and so did this lease.
    await stage.storage
      .table({ name: 'leases', schema: stage.anything })
      .upsert('lease', `token~${emma.id}~user`, {
        owner: 'own_gone',
        fence: 90,
        until: Date.now() + hours,
      });
    stage.serve(stage.instance());
    expect(await told()).toMatchObject({ status: 200 });
  });
});
