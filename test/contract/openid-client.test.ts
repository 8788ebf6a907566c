import * as client from 'openid-client';
import { type ApiStage, createApiStage } from '../support/api-stage.ts';
import { claimShapes } from '../support/oidc-issuer.ts';
import { cliId, linkNamed, redirectUri, type SignedInBrowser } from '../support/programs.ts';

/** A client that nobody here wrote, told nothing but the address of the installation. */
describe('the front door for openid-client', () => {
  let stage: ApiStage;
  let emma: SignedInBrowser;
  let caller: { id: string; key: string };
  beforeAll(async () => {
    stage = await createApiStage();
    emma = (await stage.signIn(stage.person('emma.larsen'))).browser;
    caller = await stage.caller();
    const grant = { connection: 'contoso', delivery: ['token'], scopes: ['.default'] };
    await stage.put('script', { caller: { kind: 'api_key', id: caller.id }, grant });
    await stage.put('workflow', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, claims: { repository_id: '74' } },
      grant,
    });
  });
  afterAll(() => stage.stop());

  /** By RFC 8414, which says where everything is. */
  const discover = (id: string, auth: client.ClientAuth) =>
    client.discovery(new URL(stage.site.url), id, undefined, auth, {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    });
  const isOver = (attempt: Promise<unknown>) =>
    expect(attempt).rejects.toMatchObject({ error: 'invalid_grant' });

  it('describes itself: every endpoint, how a client proves itself, and S256', async () => {
    const server = (await discover(cliId, client.None())).serverMetadata();
    expect(server.issuer).toBe(stage.site.url);
    expect(server.supportsPKCE()).toBe(true);
    expect(server.grant_types_supported).toHaveLength(5);
  });

  it.each([
    ['HTTP Basic', client.ClientSecretBasic],
    ['the body', client.ClientSecretPost],
  ])('gives a token for client credentials by %s', async (_where, auth) => {
    const config = await discover(caller.id, auth(caller.key));
    const answer = await client.clientCredentialsGrant(config, {
      audience: 'contoso',
      scope: 'https://graph.microsoft.com/.default',
    });
    expect(answer.token_type).toBe('bearer');
    expect(answer.expiresIn()).toBeGreaterThan(0);
    const users = await fetch(`${stage.info.graphUrl}/v1.0/users`, {
      headers: { authorization: `Bearer ${answer.access_token}` },
    });
    expect(users.status).toBe(200);
  });

  it('refuses with an error that the client understands', async () => {
    const wrong = await discover(caller.id, client.ClientSecretBasic(`gvk_${'x'.repeat(43)}`));
    await expect(client.clientCredentialsGrant(wrong, { audience: 'contoso' })).rejects.toMatchObject({
      cause: [{ scheme: 'basic' }],
      status: 401,
    });
    const config = await discover(caller.id, client.ClientSecretBasic(caller.key));
    await expect(client.clientCredentialsGrant(config, { audience: 'unheard-of' })).rejects.toMatchObject({
      error: 'access_denied',
      status: 403,
      code: 'OAUTH_RESPONSE_BODY_ERROR',
    });
  });

  it('exchanges the token of a workflow', async () => {
    const config = await discover('the-workflow', client.None());
    const answer = await client.genericGrantRequest(
      config,
      'urn:ietf:params:oauth:grant-type:token-exchange',
      {
        subject_token: await stage.idToken(claimShapes.gitHubActions),
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        audience: 'contoso',
      },
    );
    expect(answer.issued_token_type).toBe('urn:ietf:params:oauth:token-type:access_token');
  });

  it('signs a person in by code with PKCE; refreshes; revokes', async () => {
    const config = await discover(cliId, client.None());
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'api',
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const page = await emma.open(address);
    const back = new URL((await emma.fetch(linkNamed(page, 'Allow'))).headers.get('location') ?? '');
    const checks = { expectedState: state, pkceCodeVerifier: verifier };
    const first = await client.authorizationCodeGrant(config, back, checks);
    const open = await client.fetchProtectedResource(
      config,
      first.access_token,
      new URL('/api/session', stage.site.url),
      'GET',
    );
    expect(await open.json()).toMatchObject({ username: stage.person('emma.larsen').upn });

    const second = await client.refreshTokenGrant(config, first.refresh_token ?? '');
    await client.tokenRevocation(config, second.refresh_token ?? '');
    await isOver(client.refreshTokenGrant(config, second.refresh_token ?? ''));
  });

  it('signs a person in by device code', async () => {
    const config = await discover(cliId, client.None());
    const begun = await client.initiateDeviceAuthorization(config, { scope: 'api' });
    const page = await emma.open(begun.verification_uri_complete ?? '');
    const form = page.forms.find(({ action }) => action.pathname === '/device');
    if (!form) throw new Error(`no form: ${page.html}`);
    await emma.submit(form, { decision: 'approve' });
    // It waits for the interval first; nobody here has five seconds.
    const answer = await client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 0.01 });
    expect(answer.access_token).toMatch(/^gva_/);
    await client.tokenRevocation(config, answer.access_token);
    await isOver(client.refreshTokenGrant(config, answer.refresh_token ?? ''));
  });
});
