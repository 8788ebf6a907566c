import type { Connection } from '../../src/broker/connection.ts';
import type { Fetch } from '../../src/ports.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { strikeTokens } from '../support/strike.ts';
import { type TokenStore, tokenStore } from '../support/token-store.ts';
import { putVaultSecret } from '../support/vault-secret.ts';

type Claims = Record<string, unknown>;
interface Body {
  access_token: string;
  client_info?: string;
  refresh_token?: string;
  expires_in: number;
}

describe('what a token must be before it is given out', () => {
  let stage: ApiStage;
  let store: TokenStore;
  let emma: Connection;
  let contoso: Connection;
  let script: { id: string; key: string };
  beforeAll(async () => {
    stage = await createApiStage();
    store = tokenStore(stage);
    emma = await stage.connect('emma.larsen');
    contoso = await named('contoso');
    script = await stage.caller();
    for (const connection of [emma.alias, 'contoso']) {
      await stage.put(`script-${connection.replace(/\W/g, '-')}`, {
        caller: { kind: 'api_key', id: script.id },
        grant: { connection, delivery: ['token'], scopes: ['.default'], maxTtlSeconds: 3_600 },
      });
    }
  });
  afterAll(() => stage.stop());
  beforeEach(async () => {
    await pass(0);
    await stage.heal();
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
  const calls = async () => (await stage.control<{ counters: Claims }>('GET', '/calls')).counters;

  /** The token endpoint, with its successes changed on the way. */
  const faulty =
    (change: (body: Body) => Body): Fetch =>
    async (input, init) => {
      const answer = await fetch(input, init);
      if (!String(input).includes('/oauth2/v2.0/token') || !answer.ok) return answer;
      return Response.json(change((await answer.json()) as Body));
    };
  const withClaims = (change: Claims) => (body: Body) => {
    const [header, payload = '', signature] = body.access_token.split('.');
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...change };
    const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return { ...body, access_token: [header, changed, signature].join('.') };
  };

  describe('[32] a token of a faulty library or platform is thrown away, with an alarm', () => {
    const other = '11111111-2222-4333-8444-555555555555';
    const clientInfo = Buffer.from(JSON.stringify({ uid: other, utid: other })).toString('base64url');
    it.each<[string, string, (body: Body) => Body]>([
      ['of another tenant', 'tid', withClaims({ tid: other })],
      ['of another person', 'oid', withClaims({ oid: other })],
      ['for another API', 'aud', withClaims({ aud: 'https://vault.azure.net' })],
      ['for several APIs', 'aud', withClaims({ aud: ['https://graph.microsoft.com', 'https://x.example'] })],
      ['of another app', 'appid', withClaims({ appid: other })],
      ['of an app instead of a person', 'idtyp', withClaims({ idtyp: 'app', scp: undefined, roles: ['X'] })],
      ['without the scope that was asked for', 'scp', withClaims({ scp: 'openid profile' })],
      [
        'of an account that is not the stored one',
        'account',
        (body) => ({ ...body, client_info: clientInfo }),
      ],
      ['that can’t be read', 'format', (body) => ({ ...body, access_token: 'opaque' })],
    ])('%s', async (_, member, change) => {
      await store.expire(emma);
      const before = await store.row(emma);
      let given = '';
      const faultyPlatform = faulty((body) => {
        const changed = change(body);
        given = changed.access_token;
        return changed;
      });
      stage.serve(stage.instance({ fetch: faultyPlatform }));
      const answer = await ask({ scope: 'User.Read' });
      expect([answer.status, answer.body.code]).toEqual([500, 'token_mismatch']);
      expect(given).not.toBe('');
      expect(JSON.stringify(answer.body)).not.toContain(given);
      expect(stage.lines).toContainEqual(
        expect.objectContaining({ level: 'error', event: 'token_mismatch', detail: `${member} differs` }),
      );
      expect(JSON.stringify(stage.lines)).not.toContain(given);
      expect(await store.row(emma)).toEqual(before);
      expect(await named(emma.alias)).toMatchObject({ health: 'active', epoch: emma.epoch });

      stage.serve(stage.instance());
      expect((await ask({ scope: 'User.Read' })).status).toBe(200);
    });

    it('an app-only token of another tenant', async () => {
      stage.serve(stage.instance({ fetch: faulty(withClaims({ tid: other })) }));
      const answer = await ask({}, 'contoso');
      expect([answer.status, answer.body.code]).toEqual([500, 'token_mismatch']);
    });

    it('one that lies in the store of the wrong person', async () => {
      await stage.instance().broker.getToken({ connectionId: emma.id });
      const row = await store.row(emma);
      await store.write(emma, {
        ...row,
        answers: row.answers.map((answer) => ({
          ...answer,
          accessToken: withClaims({ oid: other })({ access_token: answer.accessToken, expires_in: 1 })
            .access_token,
        })),
      });
      stage.serve(stage.instance());
      expect((await ask()).body.code).toBe('token_mismatch');
      await store.write(emma, row);
    });
  });

  it('[43] a token lives as long as min_ttl asks, or the caller hears that none does', async () => {
    await stage.identity({ accessTokenSeconds: 3_000 });
    const { broker } = stage.instance();
    const first = await broker.getToken({ connectionId: contoso.id, forceRefresh: true });
    await pass(1_000);
    const same = await broker.getToken({ connectionId: contoso.id, minTtl: 1_900 });
    expect(same.accessToken).toBe(first.accessToken);
    const longer = await broker.getToken({ connectionId: contoso.id, minTtl: 2_500 });
    expect(longer.accessToken).not.toBe(first.accessToken);
    expect(longer.expiresAt - stage.ports.clock()).toBeGreaterThanOrEqual(2_500_000);

    const over = await ask({ min_ttl: '2500' }, 'contoso');
    expect(over.status).toBe(200);
    expect(Number(over.body.expires_in)).toBeGreaterThanOrEqual(2_500);
    const none = await ask({ min_ttl: '3300' }, 'contoso');
    expect([none.status, none.body.error]).toEqual([400, 'invalid_request']);

    await stage.control('DELETE', '/calls');
    const beyond = await ask({ min_ttl: '3601' }, 'contoso');
    expect([beyond.status, beyond.body.error]).toEqual([400, 'invalid_request']);
    expect(await calls()).toEqual({});
  });

  describe('[44] a token is over when it says so', () => {
    it('and a clock that is turned back by ten minutes does not bring it back, not from memory and not from the store', async () => {
      await stage.identity({ accessTokenSeconds: 3_600 });
      const app = stage.instance();
      const request = { connectionId: contoso.id };
      const old = await app.broker.getToken({ ...request, forceRefresh: true });
      await strikeTokens(stage, { status: 503 });
      await pass(3_700);
      await expect(app.broker.getToken(request)).rejects.toMatchObject({ code: 'upstream_unavailable' });
      await pass(3_100);
      await expect(app.broker.getToken(request)).rejects.toMatchObject({ code: 'upstream_unavailable' });
      await stage.control('DELETE', '/faults');
      await pass(3_150);
      const next = await app.broker.getToken(request);
      expect(next.accessToken).not.toBe(old.accessToken);
    });

    it('also when nobody asked for it while it was over', async () => {
      await stage.identity({ accessTokenSeconds: 3_600 });
      const app = stage.instance();
      await app.broker.getToken({ connectionId: contoso.id, forceRefresh: true });
      await pass(3_700);
      await app.broker.getToken({ connectionId: emma.id });
      await pass(3_100);
      expect((await app.broker.getToken({ connectionId: contoso.id })).source).toBe('entra');
    });

    it('whatever the answer around it says of its life', async () => {
      await stage.identity({ accessTokenSeconds: 600 });
      const app = stage.instance({ fetch: faulty((body) => ({ ...body, expires_in: 86_400 })) });
      const request = { connectionId: contoso.id };
      const first = await app.broker.getToken({ ...request, forceRefresh: true });
      expect(first.expiresAt - stage.ports.clock()).toBeLessThanOrEqual(600_000);
      await pass(610);
      for (const { broker } of [stage.instance(), app]) {
        expect((await broker.getToken(request)).accessToken).not.toBe(first.accessToken);
      }
    });

    it('also for the others, when the clock of the one that got it is hours ahead', async () => {
      await stage.identity({ accessTokenSeconds: 3_600 });
      await store.expire(contoso);
      const ahead = stage.instance({ clock: () => Date.now() + 5 * 3_600_000 });
      const first = await ahead.broker.getToken({ connectionId: contoso.id });
      expect((await ahead.broker.getToken({ connectionId: contoso.id })).source).toBe('memory');
      await pass(3_700);
      const next = await stage.instance().broker.getToken({ connectionId: contoso.id });
      expect(next.accessToken).not.toBe(first.accessToken);
    });
  });

  it('[42] a claims challenge gets a new token, and within five seconds no instance gives the old one', async () => {
    const request = { connectionId: emma.id };
    const [one, two] = [stage.instance(), stage.instance()];
    const old = await one.broker.getToken(request);
    expect((await two.broker.getToken(request)).accessToken).toBe(old.accessToken);
    expect((await two.broker.getToken(request)).source).toBe('memory');

    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } });
    const sent: string[] = [];
    const asking = stage.instance({
      fetch: async (input, init) => {
        sent.push(new URLSearchParams(String(init?.body ?? '')).get('claims') ?? '');
        return fetch(input, init);
      },
    });
    const stronger = await asking.broker.getToken({ ...request, claims });
    expect(stronger).toMatchObject({ source: 'entra' });
    expect(sent.join()).toContain('"acrs"');
    expect(stronger.accessToken).not.toBe(old.accessToken);
    stage.time.offset += 5_100;
    for (const { broker } of [one, two, stage.instance()]) {
      expect((await broker.getToken(request)).accessToken).toBe(stronger.accessToken);
    }
    emma = await named(emma.alias);
  });

  describe('[53] the secrets of the app are tried in order', () => {
    const name = 'graph-valet-client-secret';
    const fresh = () => stage.instance();
    const refused = async () => Number((await calls())['token:client_credentials:invalid_client'] ?? 0);

    it('one that Microsoft does not know yet is passed over, once and with an alarm', async () => {
      await putVaultSecret(stage, name, 'stored before Entra knows it');
      const { broker } = fresh();
      await broker.getToken({ connectionId: contoso.id, forceRefresh: true });
      await broker.getToken({ connectionId: contoso.id, forceRefresh: true });
      await Promise.all([1, 2, 3].map(() => broker.getToken({ connectionId: emma.id, forceRefresh: true })));
      expect(await refused()).toBe(1);
      const alarms = stage.lines.filter(({ event }) => event === 'app_credential_refused');
      expect(alarms).toEqual([expect.objectContaining({ level: 'error', secret: name, another: true })]);
      expect(JSON.stringify(stage.lines)).not.toContain('stored before');
    });

    it('when all are refused the caller hears it at once, and a new one is found without a restart', async () => {
      const { clientId } = stage.info;
      const app = fresh();
      await app.broker.getToken({ connectionId: contoso.id, forceRefresh: true });
      await stage.control('POST', `/applications/${clientId}/secrets/expire`);
      await stage.control('DELETE', '/calls');
      stage.serve(app);
      const answer = await ask({ force_refresh: 'true' }, 'contoso');
      expect([answer.status, answer.body.code]).toEqual([500, 'broker_misconfigured']);
      expect(await refused()).toBeLessThanOrEqual(2);
      expect(stage.lines).toContainEqual(
        expect.objectContaining({ event: 'app_credential_refused', another: false }),
      );

      const made = await stage.control<{ secretText: string }>('POST', `/applications/${clientId}/secrets`);
      await putVaultSecret(stage, name, made.secretText);
      stage.time.offset += 31_000;
      expect((await ask({ force_refresh: 'true' }, 'contoso')).status).toBe(200);
    });
  });
});
