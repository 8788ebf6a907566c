import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose';
import { createBrowser } from '../../../../src/local/launcher/browser.ts';
import { startTestTenant, type TestTenant } from '../../../support/tenant.ts';

const redirectUri = 'http://localhost:9/callback';

describe('sign-in at the local tenant', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await startTestTenant();
  }, 30_000);
  afterAll(() => tenant?.stop());
  afterEach(() => tenant.control('DELETE', '/control/identity'));

  const login = (at: string, init?: RequestInit) => fetch(tenant.info.loginUrl + at, init);
  const post = (segment: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    login(`/${segment}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form), headers });
  const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>;
  const authorize = (more: Record<string, string>) => {
    const query = { client_id: tenant.info.clientId, response_type: 'code', redirect_uri: redirectUri };
    const at = new URLSearchParams({ ...query, scope: 'User.Read', ...more });
    return login(`/organizations/oauth2/v2.0/authorize?${at}`, { redirect: 'manual' });
  };
  const signIn = async (scope = 'User.Read Files.Read openid profile offline_access') => {
    const person = tenant.info.users.find((user) => user.upn.startsWith('farid'));
    const { upn = '', password = '' } = person ?? {};
    return (await tenant.token({ grant_type: 'password', username: upn, password, scope })).body;
  };
  const refresh = async (segment: string, more: Record<string, string> = {}) => {
    const { clientId, clientSecret } = tenant.info;
    const { refresh_token: token } = await signIn();
    const client = { client_id: clientId, client_secret: clientSecret };
    return post(segment, { grant_type: 'refresh_token', refresh_token: String(token), ...client, ...more });
  };

  /** A token for the app's own API, by the pages: consent comes last. */
  async function ownToken(): Promise<string> {
    const { upn = '', password = '' } = tenant.info.users.find((user) => user.upn.startsWith('farid')) ?? {};
    const browser = createBrowser();
    const { url } = await authorize({
      scope: `api://${tenant.info.clientId}/access_as_user`,
      response_mode: 'form_post',
    });
    let page = await browser.open(url);
    for (const answer of [{ account: upn }, { password }, { decision: 'accept' }]) {
      if (page.forms[0]) page = await browser.submit(page.forms[0], answer);
    }
    const code = page.forms[0]?.fields.code ?? '';
    const { body } = await tenant.token(
      { grant_type: 'authorization_code', code, redirect_uri: redirectUri },
      'organizations',
    );
    return String(body.access_token);
  }

  it.each(['GET', 'PUT', 'DELETE'])('refuses %s at the token endpoint with 900561', async (method) => {
    const answer = await login('/common/oauth2/v2.0/token', { method });
    expect(answer.status).toBe(400);
    expect(await json(answer)).toMatchObject({ error: 'invalid_request', error_codes: [900561] });
  });

  it('calls a foreign host an invalid instance', async () => {
    const at =
      '/common/discovery/instance?api-version=1.1&authorization_endpoint=https://evil.example/common';
    expect(await json(await login(at))).toMatchObject({ error: 'invalid_instance', error_codes: [50049] });
  });

  it('keeps consumers in the endpoints and names the tenant of personal accounts as issuer', async () => {
    const found = await json(await login('/consumers/v2.0/.well-known/openid-configuration'));
    expect(found.token_endpoint).toMatch(/\/consumers\/oauth2\/v2\.0\/token$/);
    expect(found.issuer).toMatch(/\/9188040d-6c67-4c5b-b112-36a304b66dad\/v2\.0$/);
  });

  it('signs a Graph token so that nobody but Graph can verify it', async () => {
    const { access_token: graph = '', id_token: own = '' } = (await signIn()) as Record<string, string>;
    const { keys } = (await json(await login('/common/discovery/v2.0/keys'))) as { keys: JWK[] };
    const verify = async (token: string) => {
      const { kid } = decodeProtectedHeader(token);
      return jwtVerify(token, await importJWK(keys.find((key) => key.kid === kid) ?? {}, 'RS256'));
    };
    await expect(verify(own)).resolves.toMatchObject({ payload: { ver: '2.0' } });
    await expect(verify(graph)).rejects.toThrow(/signature/);
    expect(decodeProtectedHeader(graph)).toMatchObject({
      nonce: expect.any(String),
      x5t: expect.any(String),
    });
    expect(decodeJwt(((await signIn()) as Record<string, string>).access_token ?? '').sub).toBe(
      decodeJwt(graph).sub,
    );
  });

  it('makes refresh tokens of characters that a form needs not escape', async () => {
    expect((await signIn()).refresh_token).toMatch(/^[\w.-]+$/);
  });

  it('gives a token for the first of several APIs that a refresh names', async () => {
    const scope = 'Files.Read https://vault.azure.net/user_impersonation';
    const answer = await json(await refresh('organizations', { scope }));
    expect(decodeJwt(String(answer.access_token)).aud).toBe('https://graph.microsoft.com');
  });

  it('refuses a refresh at a tenant that the person does not belong to', async () => {
    for (const segment of [tenant.info.partner.tenantId, 'consumers']) {
      const answer = await refresh(segment);
      expect(await json(answer)).toMatchObject({ error: 'invalid_grant', error_codes: [50020] });
    }
  });

  it('redeems nothing for a page of another origin but what a single-page app got', async () => {
    const { clientId, clientSecret } = tenant.info;
    const { refresh_token: token } = await signIn();
    const form = { grant_type: 'refresh_token', refresh_token: String(token), client_id: clientId };
    const origin = { origin: 'https://page.example' };
    for (const more of [{}, { client_secret: clientSecret }]) {
      const answer = await post('organizations', { ...form, ...more }, origin);
      expect(await json(answer)).toMatchObject({ error_codes: [9002326] });
    }
    expect((await login('/common/oauth2/v2.0/token', { method: 'OPTIONS' })).status).toBe(200);
  });

  it('asks the middle tier for interaction, with claims, when a second factor is due', async () => {
    const own = await ownToken();
    await tenant.control('PATCH', '/control/identity', { requireMfa: ['*'] });
    const { body } = await tenant.token({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      assertion: own,
      scope: 'User.Read',
    });
    expect(body).toMatchObject({ error: 'interaction_required', error_codes: [50076] });
    expect(JSON.parse(String(body.claims))).toHaveProperty('access_token');
  });

  it.each([
    ['a scope that Graph has not', { scope: 'Bogus.Scope' }, '?', 'invalid_scope'],
    ['claims that are no JSON', { claims: 'not json' }, '?', 'invalid_request'],
    ['an ID token', { response_type: 'id_token', nonce: 'n' }, '#', 'unsupported_response_type'],
  ])('sends the error for %s back to the app', async (_what, more, mark, error) => {
    const answer = await authorize(more as unknown as Record<string, string>);
    expect(answer.headers.get('location')?.startsWith(`${redirectUri}${mark}error=${error}&`)).toBe(true);
  });
});
