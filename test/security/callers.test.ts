import { request } from 'node:http';
import { callerKey } from '../../src/broker/caller-identity.ts';
import { createIssueToken, createServeToken } from '../../src/broker/issue-token.ts';
import { AppError } from '../../src/errors.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { claimShapes } from '../support/oidc-issuer.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const jwt = 'urn:ietf:params:oauth:token-type:jwt';
const grant = { connection: 'contoso', delivery: ['token'], scopes: ['.default'] };

describe('who calls the token endpoint', () => {
  let stage: ApiStage;
  let script: { id: string; key: string };
  let later = 0;
  beforeAll(async () => {
    stage = await createApiStage();
    script = await stage.caller();
    await stage.put('script', { caller: { kind: 'api_key', id: script.id }, grant });
    await stage.put('workflow', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, claims: { repository_id: '74' } },
      grant,
    });
  });
  afterAll(() => stage.stop());
  beforeEach(() => {
    // Past what is remembered, and into a window of its own for every limit.
    later += 600_000;
    stage.time.offset = later;
    stage.issuer.faults.clear();
  });

  const byKey = { grant_type: 'client_credentials', audience: 'contoso' };
  const byToken = (token: string) => ({
    grant_type: exchange,
    subject_token_type: jwt,
    subject_token: token,
    audience: 'contoso',
  });
  /** A token that is good by the product's clock. */
  const good = (claims: object = {}, header?: Record<string, unknown>) => {
    const seconds = Math.floor(stage.ports.clock() / 1000);
    return stage.idToken(
      { ...claimShapes.gitHubActions, iat: seconds, exp: seconds + 600, ...claims },
      header,
    );
  };
  const told = async (form: Record<string, string>, headers = {}) => {
    const { status, body } = await stage.token(form, headers);
    return [status, body.error ?? 'ok'];
  };

  it('gets a token with an API key in the header or in the form, or with a token of a trusted issuer', async () => {
    const answer = await stage.token(byKey, basic(script.id, script.key));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      scope: expect.stringContaining('User.Read.All'),
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await told({ ...byKey, client_id: script.id, client_secret: script.key })).toEqual([200, 'ok']);

    const exchanged = await stage.token(byToken(await good()));
    expect(exchanged.body).toMatchObject({
      access_token: expect.any(String),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  });

  it('[14] cannot use a password, implicit or made-up grant', async () => {
    for (const grant_type of ['password', 'implicit', 'urn:x', 'constructor', 'toString', '__proto__']) {
      expect(await told({ grant_type, username: 'a', password: 'b', audience: 'contoso' })).toEqual([
        400,
        'unsupported_grant_type',
      ]);
    }
  });

  it('is told that no token is bound to a key, and gets none when it asks for one', async () => {
    const metadata = await fetch(`${stage.site.url}/.well-known/oauth-authorization-server`);
    const said = (await metadata.json()) as Record<string, unknown>;
    expect(said.is_pop_supported).toBe(false);
    expect(said).not.toHaveProperty('dpop_signing_alg_values_supported');
    for (const more of [{ token_type: 'pop' }, { token_type: 'Bearer', req_cnf: 'e30' }]) {
      expect(await told({ ...byKey, ...more }, basic(script.id, script.key))).toEqual([
        400,
        'invalid_request',
      ]);
    }
    const bearer = await told({ ...byKey, token_type: 'bearer' }, basic(script.id, script.key));
    expect(bearer).toEqual([200, 'ok']);
  });

  it('[16] must send a short form in which nothing is said twice', async () => {
    const headers = basic(script.id, script.key);
    const twice = [...Object.entries(byKey), ['audience', 'contoso']] as [string, string][];
    expect((await stage.token(twice, headers)).body.error).toBe('invalid_request');
    const long = { ...byKey, claims: 'x'.repeat(17_000) };
    expect(await told(long, headers)).toEqual([413, 'invalid_request']);
    const json = await stage.token(JSON.stringify(byKey), { ...headers, 'content-type': 'application/json' });
    expect([json.status, json.body.error]).toEqual([400, 'invalid_request']);
    const get = await fetch(`${stage.site.url}/oauth2/token?grant_type=client_credentials`);
    expect(get.status).toBe(404);
  });

  it('[18] must send one Authorization header and no credentials in the address', async () => {
    const none = await stage.token(byKey);
    expect([none.status, none.body.error]).toEqual([401, 'invalid_client']);
    expect(none.headers.get('www-authenticate')).toContain('Basic');

    const { authorization = '' } = basic(script.id, script.key);
    const two = await raw(stage.site.url, ['Authorization', authorization, 'Authorization', authorization]);
    expect(two.status).toBe(401);
    expect(two.headers['www-authenticate']).toContain('Basic');

    const inQuery = await fetch(`${stage.site.url}/oauth2/token?client_secret=${script.key}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
      body: new URLSearchParams(byKey),
    });
    expect(inQuery.status).toBe(400);
    expect(await told({ ...byKey, client_secret: script.key }, { authorization })).toEqual([
      400,
      'invalid_request',
    ]);
  });

  /** The second of two equal headers reaches a handler joined to the first by the Functions host; node drops it. */
  function raw(url: string, pairs: string[]) {
    return new Promise<{ status: number | undefined; headers: Record<string, unknown> }>(
      (resolve, reject) => {
        const joined = pairs.filter((_, index) => index % 2 === 1).join(', ');
        const call = request(`${url}/oauth2/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: joined },
        });
        call.on('response', (reply) => {
          reply.resume();
          resolve({ status: reply.statusCode, headers: reply.headers });
        });
        call.on('error', reject);
        call.end(new URLSearchParams(byKey).toString());
      },
    );
  }

  it('[28] hears the same about a key that has ended, was revoked, or is of another installation', async () => {
    const caller = await stage.caller('rotates');
    const path = { params: { id: caller.id } };
    const second = await stage.call(stage.app.http.callers.addKey, { method: 'POST', ...path, body: {} });
    const third = await stage.call(stage.app.http.callers.addKey, { method: 'POST', ...path, body: {} });
    expect([second.status, third.status]).toEqual([201, 409]);
    await stage.put('rotates', { caller: { kind: 'api_key', id: caller.id }, grant });
    const newer = String(second.body.key?.secret);
    expect(await told(byKey, basic(caller.id, newer))).toEqual([200, 'ok']);
    expect(await told(byKey, basic(caller.id, caller.key))).toEqual([200, 'ok']);

    await stage.call(stage.app.http.callers.removeKey, {
      method: 'DELETE',
      params: { id: caller.id, keyId: caller.keyId },
    });
    expect(await told(byKey, basic(caller.id, newer))).toEqual([200, 'ok']);
    const other = await stage.caller('another');
    const wrong = `${newer.slice(0, -1)}${newer.endsWith('A') ? 'B' : 'A'}`;
    const answers = [];
    for (const [id, key] of [
      [caller.id, caller.key],
      [caller.id, other.key],
      [caller.id, wrong],
      [`cal_${'q'.repeat(20)}`, newer],
      ['nobody', 'x'],
    ] as const) {
      answers.push(await stage.token(byKey, basic(id, key)));
    }
    stage.time.offset += 200 * 86_400_000;
    answers.push(await stage.token(byKey, basic(caller.id, newer)));
    stage.time.offset -= 200 * 86_400_000;
    const bodies = answers.map(({ status, body }) => ({ status, body: { ...body, request_id: '' } }));
    expect(new Set(bodies.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(bodies[0]?.status).toBe(401);

    const rows = [];
    for await (const { value } of stage.storage.table({ name: 'callers', schema: stage.anything }).list())
      rows.push(value);
    expect(JSON.stringify(rows)).not.toContain(newer.slice(-43));
  });

  it('[29] hears the same about a connection that does not exist and one that is not granted', async () => {
    const { id } = await stage.broker.connectTenant({
      alias: 'other',
      tenantId: stage.info.tenantId,
      permissions: ['User.Read.All'],
      createdBy: 'x',
    });
    const answers = [];
    for (const audience of ['no-such-thing', 'other', `con_${'a'.repeat(20)}`, id, id.toUpperCase()]) {
      const { status, headers, body } = await stage.token(
        { ...byKey, audience },
        basic(script.id, script.key),
      );
      const names = [...headers.keys()].filter((name) => name !== 'date').sort();
      answers.push(JSON.stringify({ status, names, body: { ...body, request_id: '' } }));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"status":403');
  });

  it('[30] hears 429 beyond its limit, while another caller does not', async () => {
    const [busy, calm] = [await stage.caller('busy'), await stage.caller('calm')];
    for (const [name, { id }] of Object.entries({ busy, calm })) {
      await stage.put(name, { caller: { kind: 'api_key', id }, grant });
    }
    stage.serve(stage.instance({}, { requestsPerMinute: 3 }));
    const asks = async ({ id, key }: { id: string; key: string }, times: number) => {
      const answers = [];
      for (let index = 0; index < times; index += 1) answers.push(await stage.token(byKey, basic(id, key)));
      return answers;
    };
    const answers = await asks(busy, 5);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    const waits = Number(answers[3]?.headers.get('retry-after'));
    expect(waits).toBeGreaterThan(0);
    expect(waits).toBeLessThanOrEqual(60);
    expect(answers[3]?.body).toMatchObject({ error: 'temporarily_unavailable', retry_after: waits });
    expect((await asks(calm, 3)).map(({ status }) => status)).toEqual([200, 200, 200]);
    stage.time.offset += 60_000;
    expect((await asks(busy, 1))[0]?.status).toBe(200);
    stage.serve(stage.app);
  });

  it('[31] cannot pass for a caller of another kind by its name', async () => {
    const keys = [
      callerKey({ kind: 'api_key', id: script.id, name: 'x' }),
      callerKey({ kind: 'oidc', issuer: stage.issuer.url, subject: script.id, claims: {} }),
      callerKey({ kind: 'oidc', issuer: `${stage.issuer.url}","${script.id}`, subject: '', claims: {} }),
      callerKey({ kind: 'session', tenantId: '', objectId: script.id, name: 'x' }),
      callerKey({ kind: 'api_key', id: ` ${script.id}`, name: 'x' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(await told(byToken(await good({ sub: script.id, repository_id: undefined })))).toEqual([
      403,
      'access_denied',
    ]);
  });

  it('[57] leaves one event for each decision, with policy and hashes and nothing that is secret', async () => {
    const since = stage.ports.clock();
    const token = await stage.token(byKey, basic(script.id, script.key));
    const id = await good();
    await stage.token(byToken(id));
    await stage.token({ ...byKey, audience: 'no-such' }, basic(script.id, script.key));
    await stage.token({ ...byKey, scope: 'Sites.FullControl.All' }, basic(script.id, script.key));
    await stage.token(byKey, basic(script.id, 'gvk_wrong'));
    await stage.token(byToken(`${id}x`));
    const { events } = await stage.broker.audit.list({ limit: 50, since });
    const shown = events.toReversed().map(({ outcome, reason, policy }) => [outcome, reason, policy?.name]);
    expect(shown).toEqual([
      ['granted', 'ok', 'script'],
      ['granted', 'ok', expect.any(String)],
      ['refused', 'no_such_connection', undefined],
      ['refused', 'invalid_scope', 'script'],
      ['refused', 'invalid_client', undefined],
      ['refused', 'subject_token_signature_invalid', undefined],
    ]);
    expect(events.at(-1)).toMatchObject({
      tokenSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      policy: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      actor: { kind: 'api_key', id: script.id },
    });
    const text = JSON.stringify([events, stage.lines]);
    for (const secret of [script.key, id, String(token.body.access_token)])
      expect(text).not.toContain(secret);
  });

  it('[57] gets nothing while the record can’t be written', async () => {
    const issueToken = createIssueToken({
      grantAccess: stage.broker.grantAccess,
      getToken: stage.broker.getToken,
      serveToken: createServeToken({
        audit: { record: () => Promise.reject(new AppError('storage_unavailable', 'away')) },
        clock: stage.ports.clock,
      }),
    });
    const caller = { kind: 'api_key', id: script.id, name: 'x' } as const;
    const ask = { requestId: 'r', caller, audience: 'contoso', delivery: 'token', scopes: [] } as const;
    await expect(issueToken(ask)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
