import { TableClient } from '@azure/data-tables';
import { jest } from '@jest/globals';
import type { Connection } from '../../src/broker/connection.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { type Strike, strikeTokens } from '../support/strike.ts';
import { type TokenStore, tokenStore } from '../support/token-store.ts';

/** What Microsoft refuses with; the texts of the real ones are left out, because nobody may rely on them. */
function refusal(error: string, more: { suberror?: string; claims?: string } = {}, ...error_codes: number[]) {
  return { status: 400, body: { error, error_codes, error_description: 'CANARY', ...more } };
}

const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const insufficient = `Bearer realm="graph-valet", error="insufficient_claims", claims="${btoa(claims)}"`;

describe('what a caller hears when a token can’t be had', () => {
  let stage: ApiStage;
  let store: TokenStore;
  let emma: Connection;
  let signedIn: Awaited<ReturnType<TokenStore['row']>>;
  let script: { id: string; key: string };
  beforeAll(async () => {
    stage = await createApiStage();
    store = tokenStore(stage);
    emma = await stage.connect('emma.larsen');
    signedIn = await store.row(emma);
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
    await stage.heal();
    await stage.broker.connections.setHealth(emma.id, 'active');
    await store.write(emma, signedIn);
    await store.expire(emma);
    stage.serve(stage.instance());
    stage.lines.length = 0;
  });

  const ask = (form: Record<string, string> = {}, audience = emma.alias) =>
    stage.token({ grant_type: 'client_credentials', audience, ...form }, basic(script.id, script.key));
  const healthOf = async (alias = emma.alias) => (await stage.broker.connections.get(alias))?.health;

  interface Row {
    readonly strike: Strike;
    readonly status: number;
    readonly error: string;
    readonly code: string;
    readonly header?: readonly [string, string | RegExp];
    readonly body?: Record<string, unknown>;
    readonly health?: string;
  }
  const reauth = {
    status: 401,
    error: 'invalid_grant',
    code: 'reauth_required',
    header: ['www-authenticate', 'Bearer realm="graph-valet", error="invalid_token"'],
    body: { reauth_url: expect.stringMatching(/\/auth\/sign-in\?login_hint=emma/) },
    health: 'needs_sign_in',
  } as const;
  const interaction = {
    status: 401,
    error: 'interaction_required',
    code: 'interaction_required',
    header: ['www-authenticate', insufficient],
    body: { claims, reauth_url: expect.stringContaining(`claims=${encodeURIComponent(claims)}`) },
  } as const;
  const consent = {
    status: 403,
    error: 'consent_required',
    code: 'consent_required',
    body: { consent_url: expect.stringMatching(/\/auth\/sign-in\?.*prompt=consent/) },
  } as const;
  const throttled = { status: 429, error: 'temporarily_unavailable', code: 'throttled' } as const;
  const away = {
    status: 503,
    error: 'temporarily_unavailable',
    code: 'upstream_unavailable',
    header: ['retry-after', '10'],
  } as const;
  const ours = { status: 500, error: 'server_error', code: 'broker_misconfigured' } as const;

  it.each<[string, Row]>([
    ['unused for 90 days', { strike: refusal('invalid_grant', {}, 700082), ...reauth }],
    ['revoked', { strike: refusal('invalid_grant', {}, 50173), ...reauth }],
    ['older than the sign-in frequency', { strike: refusal('invalid_grant', {}, 70043), ...reauth }],
    ['called a bad token', { strike: refusal('invalid_grant', { suberror: 'bad_token' }), ...reauth }],
    ['asked for another step', { strike: refusal('interaction_required', { claims }), ...interaction }],
    ['asked for a second factor', { strike: refusal('invalid_grant', { claims }, 50076), ...interaction }],
    ['asked to register one', { strike: refusal('invalid_grant', { claims }, 50079), ...interaction }],
    [
      'blocked by conditional access',
      { strike: refusal('invalid_grant', { claims }, 53003), ...interaction },
    ],
    ...['basic_action', 'additional_action', 'message_only'].map((suberror): [string, Row] => [
      `told of a ${suberror}`,
      { strike: refusal('invalid_grant', { suberror, claims }), ...interaction },
    ]),
    ['without consent', { strike: refusal('consent_required'), ...consent }],
    ['without consent (65001)', { strike: refusal('invalid_grant', {}, 65001), ...consent }],
    [
      'challenged',
      { strike: refusal('invalid_grant', { claims }), ...interaction, code: 'claims_challenge' },
    ],
    ['told to wait', { strike: { status: 429, retryAfter: 7 }, ...throttled, header: ['retry-after', '7'] }],
    [
      'told to wait by a server in need',
      { strike: { status: 503, retryAfter: 9 }, ...throttled, header: ['retry-after', '9'] },
    ],
    [
      'told to wait until a date',
      {
        strike: { status: 429, retryAfter: new Date(Date.now() + 1_200_000).toUTCString() },
        ...throttled,
        header: ['retry-after', /^(1[01]\d\d|1200)$/],
      },
    ],
    [
      'caught in a loop (50196)',
      { strike: refusal('invalid_grant', {}, 50196), ...throttled, header: ['retry-after', '60'] },
    ],
    ['met by an error of the server', { strike: { status: 500 }, ...away }],
    ['met by a gateway', { strike: { status: 502, body: '<html>' }, ...away }],
    ['met by an outage', { strike: refusal('temporarily_unavailable'), ...away }],
    ['cut off', { strike: { cut: 'before' }, ...away }],
    ['cut off in the middle', { strike: { cut: 'mid' }, ...away }],
    ['given half an answer', { strike: { wrongJson: true }, ...away }],
    [
      'refused because a secret has ended',
      { strike: { ...refusal('invalid_client', {}, 7000222), status: 401 }, ...ours },
    ],
    [
      'refused because a secret is wrong',
      { strike: { ...refusal('invalid_client', {}, 7000215), status: 401 }, ...ours },
    ],
    ['refused as an unknown app', { strike: refusal('unauthorized_client', {}, 700016), ...ours }],
    [
      'refused a scope',
      {
        strike: refusal('invalid_scope', {}, 70011),
        status: 400,
        error: 'invalid_scope',
        code: 'invalid_scope',
      },
    ],
    [
      'refused an API',
      {
        strike: refusal('invalid_resource', {}, 650057),
        status: 400,
        error: 'invalid_target',
        code: 'invalid_target',
      },
    ],
  ])('the person’s sign-in was %s', async (_, row) => {
    const before = await store.refreshToken(emma);
    await strikeTokens(stage, row.strike);
    const answer = await ask();
    expect([answer.status, answer.body.error, answer.body.code]).toEqual([row.status, row.error, row.code]);
    expect(answer.body).toMatchObject({ request_id: expect.any(String), ...row.body });
    if (row.header) expect(answer.headers.get(row.header[0])).toMatch(row.header[1]);
    const wait = answer.headers.get('retry-after');
    expect(answer.body.retry_after ?? null).toEqual(wait === null ? null : Number(wait));
    expect(await healthOf()).toBe(row.health ?? 'active');
    // Nothing is lost, and Microsoft's texts go no further.
    expect(await store.refreshToken(emma)).toBe(before);
    expect(JSON.stringify([answer.body, stage.lines])).not.toContain('CANARY');
    if (row.status === 500) {
      expect(stage.lines).toContainEqual(
        expect.objectContaining({ level: 'error', event: 'request_failed' }),
      );
    }

    await stage.control('DELETE', '/faults');
    stage.time.offset = 1_210_000;
    const next = await ask();
    expect(next.status).toBe(row.health === 'needs_sign_in' ? 401 : 200);
  });

  it('the address for the person passes the challenge on to Microsoft', async () => {
    await strikeTokens(stage, refusal('interaction_required', { claims }));
    const { body } = await ask();
    stage.serve(stage.app);
    const { headers } = await fetch(String(body.reauth_url), { redirect: 'manual' });
    const location = new URL(headers.get('location') ?? '');
    expect(location.pathname).toMatch(/\/authorize$/);
    expect(location.searchParams.get('claims')).toBe(claims);
    expect(location.searchParams.get('login_hint')).toBe(emma.username);
  });

  it('nothing is stored of the sign-in', async () => {
    const { credentials: _, ...without } = await store.row(emma);
    await store.write(emma, without);
    const answer = await ask();
    expect([answer.status, answer.body.code]).toEqual([401, 'reauth_required']);
    expect(await stage.asked()).toBe(0);
    expect(await healthOf()).toBe('needs_sign_in');
  });

  it('an app without consent waits for an administrator, who is told where links are made', async () => {
    await strikeTokens(stage, refusal('invalid_grant', { suberror: 'consent_required' }, 65001));
    const answer = await ask({ force_refresh: 'true' }, 'contoso');
    expect([answer.status, answer.body.code]).toEqual([403, 'consent_required']);
    expect(answer.body.consent_url).toBe(`${stage.site.url}/#consent-links`);
    expect(await healthOf('contoso')).toBe('needs_consent');
    await stage.control('DELETE', '/faults');
    stage.time.offset = 6_000;
    expect((await ask({}, 'contoso')).body.code).toBe('consent_required');
    expect((await ask({ force_refresh: 'true' }, 'contoso')).status).toBe(200);
    expect(await healthOf('contoso')).toBe('active');
    stage.time.offset += 6_000;
    expect((await ask({}, 'contoso')).status).toBe(200);
  });

  it('an app that is refused outright is no sign-in that has ended', async () => {
    const contoso = await stage.broker.connections.get('contoso');
    if (contoso) await store.expire(contoso);
    await strikeTokens(stage, refusal('invalid_grant', {}, 700000));
    const answer = await ask({}, 'contoso');
    expect([answer.status, answer.body.code]).toEqual([500, 'broker_misconfigured']);
    expect(await healthOf('contoso')).toBe('active');
  });

  it('a connection that is not granted or not there: the request id only', async () => {
    const answers = await Promise.all([ask({}, 'nobody'), ask({}, 'con_aaaaaaaaaaaaaaaaaaaa')]);
    for (const { status, body } of answers) {
      expect(status).toBe(403);
      expect(Object.keys(body).sort()).toEqual(['code', 'error', 'error_description', 'request_id']);
      expect(body.code).toBe('policy_denied');
    }
  });

  it('another instance takes too long: come again in a second', async () => {
    const lease = await stage.storage.leases.take(`token~${emma.id}~user`, 12);
    let now = 0;
    // Ten seconds pass between two looks.
    const spy = jest.spyOn(performance, 'now').mockImplementation(() => {
      now += 10_000;
      return now;
    });
    const answer = await ask();
    spy.mockRestore();
    expect([answer.status, answer.body.code]).toEqual([503, 'upstream_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(await stage.asked()).toBe(0);
    await lease?.release();
    expect((await ask()).status).toBe(200);
  });

  it('[49] what is stored can’t be opened: an alarm, nothing is touched, and a new sign-in mends it', async () => {
    const { DataStorage = '' } = stage.settings;
    const options = { allowInsecureConnection: true };
    const client = TableClient.fromConnectionString(DataStorage, 'tokens', options);
    const entity = await client.getEntity<{ document: string }>(emma.id, 'user');
    const at = entity.document.length - 5;
    const flipped = entity.document[at] === 'A' ? 'B' : 'A';
    const document = entity.document.slice(0, at) + flipped + entity.document.slice(at + 1);
    await client.updateEntity({ partitionKey: emma.id, rowKey: 'user', document }, 'Merge');

    const answer = await ask();
    expect([answer.status, answer.body.error, answer.body.code]).toEqual([
      500,
      'server_error',
      'credential_undecryptable',
    ]);
    expect(stage.lines).toContainEqual(
      expect.objectContaining({ level: 'error', code: 'credential_undecryptable' }),
    );
    expect(await healthOf()).toBe('active');
    expect((await client.getEntity<{ document: string }>(emma.id, 'user')).document).toBe(document);
    expect(await stage.asked()).toBe(0);

    stage.serve(stage.app);
    emma = await stage.connect('emma.larsen');
    signedIn = await store.row(emma);
    stage.serve(stage.instance());
    expect((await ask({ force_refresh: 'true' })).status).toBe(200);

    await client.updateEntity({ partitionKey: emma.id, rowKey: 'user', document }, 'Merge');
    expect(await stage.broker.accounts.remove(emma.id)).toBe(true);
    await expect(client.getEntity(emma.id, 'user')).rejects.toMatchObject({ statusCode: 404 });
  });
});
