import type { Connection } from '../../src/broker/connection.ts';
import type { Fetch } from '../../src/ports.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { createGate } from '../support/gate.ts';
import { strikeTokens } from '../support/strike.ts';
import { type TokenStore, tokenStore } from '../support/token-store.ts';
import { waitFor } from '../support/wait-for.ts';

describe('how long a token serves, and what happens when no newer one can be had', () => {
  let stage: ApiStage;
  let store: TokenStore;
  let emma: Connection;
  let contoso: Connection;
  let script: { id: string; key: string };
  beforeAll(async () => {
    stage = await createApiStage();
    store = tokenStore(stage);
    emma = await stage.connect('emma.larsen');
    script = await stage.caller();
    for (const [name, connection] of [
      ['script-emma', emma.alias],
      ['script-contoso', 'contoso'],
    ] as const) {
      await stage.put(name, {
        caller: { kind: 'api_key', id: script.id },
        grant: { connection, delivery: ['token'], scopes: ['.default'] },
      });
    }
  });
  afterAll(() => stage.stop());
  beforeEach(async () => {
    await pass(0);
    await stage.heal();
    await stage.identity({ accessTokenSeconds: 3_600, caeTokenSeconds: 3_600 });
    emma = await named(emma.alias);
    contoso = await named('contoso');
    if (emma.health !== 'active') emma = await stage.connect('emma.larsen');
    await store.expire(emma);
    stage.lines.length = 0;
  });
  afterEach(() => stage.serve(stage.app));

  async function named(alias: string): Promise<Connection> {
    const found = await stage.broker.connections.get(alias);
    if (!found) throw new Error(`there is no ${alias}`);
    return found;
  }
  /** Time passes for everybody, Microsoft and us. */
  async function pass(seconds: number): Promise<void> {
    stage.time.offset = seconds * 1_000;
    await stage.control('PUT', '/clock', { offsetSeconds: seconds });
  }
  const ask = (form: Record<string, string> = {}, audience = emma.alias) =>
    stage.token({ grant_type: 'client_credentials', audience, ...form }, basic(script.id, script.key));
  /** A new instance answers callers from now on. */
  function serve(given: Parameters<ApiStage['instance']>[0] = {}) {
    const app = stage.instance(given);
    stage.serve(app);
    return app;
  }
  const logged = (event: string) => waitFor(() => stage.lines.find((line) => line.event === event));

  it('past half of its life a token is given at once, and the newer one is fetched behind it', async () => {
    const gate = createGate();
    let gated = false;
    const slow: Fetch = async (input, init) => {
      if (gated && String(input).includes('/token')) await gate.pass();
      return fetch(input, init);
    };
    serve({ fetch: slow });
    const first = await ask();
    gated = true;
    await pass(1_900);
    // The gate is closed: whoever waited for the refresh would wait for ever.
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(new Set(answers.map(({ body }) => body.access_token))).toEqual(new Set([first.body.access_token]));
    expect(answers[0]?.body.stale).toBeUndefined();
    await gate.reached;
    gate.open();
    await waitFor(async () => (await ask()).body.access_token !== first.body.access_token);
    expect(await store.refreshes()).toBe(2);
  });

  const timeout: Fetch = async (input, init) => {
    if (String(input).includes('/oauth2/v2.0/token') && isDown) {
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    }
    return fetch(input, init);
  };
  let isDown = false;
  const hang = () => {
    isDown = true;
  };
  it.each<[string, () => Promise<void>, Fetch]>([
    ['500', () => strikeTokens(stage, { status: 500, body: { error: 'server_error' } }), fetch],
    [
      'the page of a gateway',
      () => strikeTokens(stage, { status: 502, body: '<html>Bad gateway</html>' }),
      fetch,
    ],
    ['half an answer', () => strikeTokens(stage, { cut: 'mid' }), fetch],
    ['JSON that ends too early', () => strikeTokens(stage, { wrongJson: true }), fetch],
    ['nothing', () => strikeTokens(stage, { cut: 'before' }), fetch],
    ['not in time', async () => hang(), timeout],
  ])(
    '[39] while Microsoft answers %s the token of before serves, marked, down to its hard end',
    async (_, goDown, given) => {
      isDown = false;
      serve({ fetch: given });
      const first = await ask();
      await goDown();
      await pass(1_900);
      expect((await ask()).status).toBe(200);
      await logged('refresh_behind_failed');
      const marked = await ask();
      expect(marked.status).toBe(200);
      expect(marked.body).toMatchObject({ access_token: first.body.access_token, stale: true });

      await pass(3_250);
      expect((await ask()).body).toMatchObject({ access_token: first.body.access_token, stale: true });
      await pass(3_310);
      const over = await ask();
      expect(over.status).toBe(503);
      expect(over.body).toMatchObject({ error: 'temporarily_unavailable', code: 'upstream_unavailable' });
      expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await named(emma.alias)).health).toBe('active');

      isDown = false;
      await stage.control('DELETE', '/faults');
      await pass(3_330);
      const healed = await ask();
      expect(healed.status).toBe(200);
      expect(healed.body.stale).toBeUndefined();
      expect(healed.body.access_token).not.toBe(first.body.access_token);
    },
  );

  it('[39] a platform that is away is asked once a minute behind the answers, not by every request', async () => {
    serve();
    await ask();
    await strikeTokens(stage, { status: 503 });
    await pass(1_900);
    await ask();
    await logged('refresh_behind_failed');
    await Promise.all(Array.from({ length: 30 }, () => ask()));
    const { value } = await stage.control<{ value: { struck: number }[] }>('GET', '/faults');
    expect(value.map(({ struck }) => struck)).toEqual([1]);
  });

  it('[40] told to wait 60 seconds, no instance asks for that account before, and callers hear how long', async () => {
    await stage.identity({ throttleSeconds: 60 });
    serve();
    const first = await ask();
    expect(first.status).toBe(429);
    expect(first.body).toMatchObject({
      error: 'temporarily_unavailable',
      code: 'throttled',
      retry_after: 60,
    });
    expect(first.headers.get('retry-after')).toBe('60');
    expect(await stage.asked()).toBe(1);

    await stage.identity({ throttleSeconds: null });
    await pass(25);
    for (const _ of [1, 2, 3]) {
      serve();
      const other = await ask({ force_refresh: 'true' });
      expect(other.status).toBe(429);
      expect(Number(other.headers.get('retry-after'))).toBeGreaterThan(25);
      expect(Number(other.headers.get('retry-after'))).toBeLessThanOrEqual(35);
    }
    expect(await stage.asked()).toBe(1);
    // Another account is another key.
    expect((await ask({ force_refresh: 'true' }, 'contoso')).status).toBe(200);
    await pass(61);
    expect((await ask()).status).toBe(200);
    expect((await named(emma.alias)).health).toBe('active');
  });

  it('[41] a refused sign-in is asked for no more until the person has signed in again', async () => {
    const app = serve();
    // Later than whatever was given in these tests.
    await pass(120);
    await stage.control('PATCH', `/users/${stage.person('emma.larsen').upn}`, { revokeSessions: true });
    const refused = await ask();
    expect(refused.status).toBe(401);
    expect(refused.body).toMatchObject({
      error: 'invalid_grant',
      code: 'reauth_required',
      reauth_url: expect.stringContaining(`${stage.site.url}/auth/sign-in`),
    });
    expect(await named(emma.alias)).toMatchObject({
      health: 'needs_sign_in',
      healthReason: { code: 'reauth_required' },
    });
    expect(await store.refreshes()).toBe(1);

    for (const instance of [app, stage.instance()]) {
      stage.serve(instance);
      for (const form of [{}, { force_refresh: 'true' }, { claims: '{}' }]) {
        expect((await ask(form)).body.code).toBe('reauth_required');
      }
    }
    expect(await store.refreshes()).toBe(1);

    await pass(125);
    stage.serve(stage.app);
    emma = await stage.connect('emma.larsen');
    expect(emma.health).toBe('active');
    expect(emma.healthReason).toBeUndefined();
    for (const instance of [app, stage.instance()]) {
      stage.time.offset += 5_100;
      stage.serve(instance);
      expect((await ask({ force_refresh: 'true' })).status).toBe(200);
    }
    contoso = await named('contoso');
    expect(contoso.health).toBe('active');
  });
});
