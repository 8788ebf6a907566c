import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';

describe('policies through the API', () => {
  let stage: ApiStage;
  beforeAll(async () => {
    stage = await createApiStage();
  });
  afterAll(() => stage.stop());

  const grant = { connection: 'contoso', delivery: ['token'], scopes: ['.default'] };

  it('[23] deny every request while one stored row is not a policy', async () => {
    const fresh = stage.instance();
    const { id, key } = await stage.caller();
    await stage.put('sound', { caller: { kind: 'api_key', id }, grant });
    const raw = stage.storage.table({ name: 'policies', schema: stage.anything });
    await raw.upsert('policy', 'broken', { name: 'broken', grants: 'all' });
    const issue = (app: typeof fresh) =>
      app.broker.issueToken({
        requestId: 'r',
        caller: { kind: 'api_key', id, name: 'x' },
        audience: 'contoso',
        delivery: 'token',
        scopes: [],
      });
    await expect(issue(fresh)).rejects.toMatchObject({ code: 'internal_error' });
    await raw.remove('policy', 'broken');
    stage.time.offset += 6_000;
    await expect(issue(stage.app)).resolves.toMatchObject({ scopes: expect.any(Array) });
    expect(key).toMatch(/^gvk_/);
  });

  it('refuses a policy that has an unknown member, nobody in it, or no rules for the proxy', async () => {
    const { id } = await stage.caller();
    const caller = { kind: 'api_key', id };
    const problem = async (body: unknown) => {
      const answer = await stage.put('bad', body);
      expect(answer.status).toBe(400);
      return String(answer.body.error?.message);
    };
    expect(await problem({ caller, grant: { ...grant, scope: 'x' } })).toContain('grant');
    expect(await problem({ caller, grant: { connection: 'contoso', scopes: ['.default'] } })).toContain(
      'grant.proxy',
    );
    expect(await problem({ caller: { kind: 'oidc', issuer: stage.issuer.url }, grant })).toContain(
      'everybody',
    );
    expect(
      await problem({ caller: { kind: 'oidc', issuer: 'https://other.example', subject: 's' }, grant }),
    ).toContain('not trusted');
    expect(await problem({ caller: { kind: 'api_key', id: `cal_${'z'.repeat(20)}` }, grant })).toContain(
      'no caller',
    );
    expect(await problem({ caller, grant, mode: 'audit' })).toContain('auditUntil');
    expect(await problem({ caller, grant: { ...grant, connection: '*' } })).toContain('grant.connection');
    expect((await stage.call(stage.app.http.policies.get, { params: { name: 'bad' } })).status).toBe(404);
  });

  it('publish their JSON Schema', async () => {
    const { status, body } = await stage.call(stage.app.http.policies.schema, { headers: {} });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['caller', 'grant'],
    });
    expect(Object.keys(body.properties?.grant?.properties ?? {})).toContain('proxy');
  });

  it('explain which of them decides and which member does not fit', async () => {
    const { id } = await stage.caller();
    await stage.put('for-main', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, subject: 'repo:contoso/site:ref:refs/heads/main' },
      grant: { ...grant, scopes: ['User.Read.All'] },
    });
    const explain = async (body: object) =>
      (await stage.call(stage.app.http.explain, { method: 'POST', body: { audience: 'contoso', ...body } }))
        .body;
    const token = await stage.idToken({ sub: 'repo:contoso/site:ref:refs/heads/dev' });
    const refused = await explain({ caller: { kind: 'token', token } });
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'no_policy' });
    const said = refused.policies as unknown as { name: string; failures: unknown }[];
    expect(said.find((each) => each.name === 'for-main')?.failures).toEqual([
      {
        field: 'caller.subject',
        wanted: 'repo:contoso/site:ref:refs/heads/main',
        given: 'repo:contoso/site:ref:refs/heads/dev',
      },
    ]);
    const granted = await explain({
      caller: { kind: 'oidc', issuer: stage.issuer.url, subject: 'repo:contoso/site:ref:refs/heads/main' },
    });
    expect(granted).toMatchObject({
      outcome: 'granted',
      reason: 'ok',
      policy: 'for-main',
      scopes: ['User.Read.All'],
    });
    const wrong = await explain({
      caller: { kind: 'token', token: await stage.idToken({ sub: 's', aud: 'other' }) },
    });
    expect(wrong.reason).toBe('subject_token_audience_mismatch');
    expect((await explain({ caller: { kind: 'api_key', id }, delivery: 'proxy' })).reason).toBe('no_policy');
  });

  it('[27] on trial let nobody in, are told in the record until their date, and must have one', async () => {
    const { id, key } = await stage.caller();
    const caller = { kind: 'api_key', id };
    const until = (days: number) => new Date(stage.ports.clock() + days * 86_400_000).toISOString();
    for (const wrong of [{}, { auditUntil: until(91) }, { auditUntil: until(-1) }]) {
      expect((await stage.put('trial', { caller, grant, mode: 'audit', ...wrong })).status).toBe(400);
    }
    expect((await stage.put('trial', { caller, grant, auditUntil: until(1) })).status).toBe(400);
    expect(
      (await stage.put('trial', { caller, grant, mode: 'audit', auditUntil: until(1 / 24) })).status,
    ).toBe(201);
    stage.time.offset += 6_000;
    const told = async () => {
      const answer = await stage.token(
        { grant_type: 'client_credentials', audience: 'contoso' },
        basic(id, key),
      );
      expect(answer).toMatchObject({ status: 403, body: { code: 'policy_denied' } });
      const { events } = await stage.broker.audit.list({ limit: 1 });
      return events[0];
    };
    expect(await told()).toMatchObject({
      outcome: 'refused',
      reason: 'no_policy',
      trials: [{ name: 'trial', outcome: 'granted', hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    stage.time.offset += 3_600_000;
    expect(await told()).not.toHaveProperty('trials');
  });

  it('limit the requests of one caller', async () => {
    const { id, key } = await stage.caller();
    await stage.put('slow', { caller: { kind: 'api_key', id }, grant: { ...grant, requestsPerMinute: 2 } });
    stage.time.offset += 60_000;
    const token = () =>
      stage.token({ grant_type: 'client_credentials', audience: 'contoso' }, basic(id, key));
    expect([(await token()).status, (await token()).status]).toEqual([200, 200]);
    const third = await token();
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(third.body).toMatchObject({ error: 'temporarily_unavailable', code: 'rate_limited' });
  });

  it('[25] keep a token of another API from a caller whose policy does not name it', async () => {
    const { id, key } = await stage.caller();
    await stage.put('graph-only', { caller: { kind: 'api_key', id }, grant });
    const { status, body } = await stage.token(
      { grant_type: 'client_credentials', audience: 'contoso', resource: 'https://vault.azure.net' },
      basic(id, key),
    );
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });
});
