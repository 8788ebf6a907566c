import { type ApiStage, createApiStage } from '../../support/api-stage.ts';
import { claimShapes } from '../../support/oidc-issuer.ts';

const graph = 'https://graph.microsoft.com';

describe('the managed-identity endpoint', () => {
  let stage: ApiStage;
  let secret: string;
  beforeAll(async () => {
    stage = await createApiStage();
    const script = await stage.caller();
    secret = `${script.id}.${script.key}`;
    const grant = { connection: 'contoso', delivery: ['identity'], scopes: ['.default'] };
    await stage.put('tool', { caller: { kind: 'api_key', id: script.id }, grant });
    await stage.put('workflow', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, claims: { repository_id: '74' } },
      grant,
    });
  }, 60_000);
  afterAll(() => stage.stop());
  beforeEach(() => {
    stage.time.offset += 60_000;
  });

  async function ask(query: string, headers: Record<string, string> = { 'x-identity-header': secret }) {
    const reply = await fetch(`${stage.site.url}/identity?${query}`, { headers });
    return { status: reply.status, headers: reply.headers, body: await reply.json() };
  }
  const plain = `api-version=2019-08-01&resource=${graph}`;

  it('answers in the shape that every SDK reads', async () => {
    const { status, headers, body } = await ask(`${plain}&client_id=contoso`);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      token_type: 'Bearer',
      expires_on: expect.stringMatching(/^\d{10}$/),
      expires_in: expect.stringMatching(/^\d+$/),
      not_before: expect.stringMatching(/^\d{10}$/),
      resource: graph,
      client_id: 'contoso',
    });
    const left = Number(body.expires_on) - stage.ports.clock() / 1000;
    expect(Math.abs(left - Number(body.expires_in))).toBeLessThan(3);
  });

  it.each([
    ['JavaScript, .NET, Go', `${plain}&client_id=contoso`, 'x-identity-header', {}],
    [
      'Python',
      `resource=${graph}&api-version=2019-08-01&client_id=contoso`,
      'X-IDENTITY-HEADER',
      { Metadata: 'true' },
    ],
    [
      'CLI for Microsoft 365',
      `resource=${encodeURIComponent(graph)}/&api-version=2019-08-01&principal_id=contoso`,
      'X-IDENTITY-HEADER',
      {},
    ],
    ['Terraform', `${plain}&client_id=contoso`, 'x-ms-identity', { Metadata: 'true' }],
    ['a first SDK', `resource=${graph}&api-version=2017-09-01&client_id=contoso`, 'secret', {}],
    ['a caller with one connection', `${plain}`, 'x-identity-header', {}],
    [
      'a scope for a resource',
      `api-version=2019-08-01&resource=${graph}/.default&mi_res_id=contoso`,
      'x-identity-header',
      {},
    ],
    [
      'the id of Graph',
      'api-version=2019-08-01&resource=00000003-0000-0000-c000-000000000000',
      'x-identity-header',
      {},
    ],
  ])('takes the request as %s writes it', async (_, query, header, more) => {
    const { status, body } = await ask(query, { [header]: secret, ...more });
    expect([status, typeof body.access_token]).toEqual([200, 'string']);
  });

  it('takes a token of a trusted issuer for a key', async () => {
    const { status } = await ask(plain, {
      'x-identity-header': await stage.idToken(claimShapes.gitHubActions),
    });
    expect(status).toBe(200);
  });

  it.each([
    ['no key', 401, 'unauthorized_client', plain, {}],
    [
      'a wrong key',
      401,
      'unauthorized_client',
      plain,
      { 'x-identity-header': `cal_${'a'.repeat(20)}.gvk_${'a'.repeat(20)}_${'b'.repeat(43)}` },
    ],
    ['two keys', 400, 'invalid_request', plain, { 'x-identity-header': 'a', 'x-ms-identity': 'b' }],
    ['an Authorization header', 400, 'invalid_request', plain, { authorization: 'Bearer x' }],
    ['an unknown version', 400, 'invalid_request', `api-version=2030-01-01&resource=${graph}`, undefined],
    ['no resource', 400, 'invalid_request', 'api-version=2019-08-01', undefined],
    ['two resources', 400, 'invalid_request', `${plain}&resource=x`, undefined],
    ['two connections', 400, 'invalid_request', `${plain}&client_id=contoso&object_id=other`, undefined],
    [
      'a resource beyond the policy',
      400,
      'invalid_resource',
      'api-version=2019-08-01&resource=https://contoso.sharepoint.com',
      undefined,
    ],
    ['a connection beyond the policy', 403, 'access_denied', `${plain}&client_id=other`, undefined],
  ])(
    'refuses %s with words for the user',
    async (_, status, error, query, headers: Record<string, string> | undefined) => {
      const answer = await ask(query, headers);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({
        error,
        error_description: expect.any(String),
        message: answer.body.error_description,
        statusCode: status,
        correlationId: answer.headers.get('x-request-id'),
      });
      expect(JSON.stringify(answer.body)).not.toContain(secret);
    },
  );

  it('records each token with the delivery that the policy granted', async () => {
    const { headers } = await ask(plain);
    const { events } = await stage.broker.audit.list({ limit: 50 });
    const own = events.filter(({ requestId }) => requestId === headers.get('x-request-id'));
    expect(own).toMatchObject([{ action: 'token.issue', outcome: 'granted', delivery: 'identity' }]);
  });
});
