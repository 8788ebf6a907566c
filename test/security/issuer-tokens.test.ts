import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { createOidcCallers } from '../../src/broker/oidc-callers.ts';
import { policyProblems, policySchema } from '../../src/broker/policy.ts';
import { createTrustedIssuers } from '../../src/broker/trusted-issuers.ts';
import { type ApiStage, createApiStage } from '../support/api-stage.ts';
import { claimShapes } from '../support/oidc-issuer.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const jwt = 'urn:ietf:params:oauth:token-type:jwt';
const grant = { connection: 'contoso', delivery: ['token'], scopes: ['.default'] };

describe('who calls the token endpoint with a token of an issuer', () => {
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

  describe('[19] with a token of an issuer', () => {
    const refused = async (token: string) => {
      const before = stage.issuer.asked.length;
      expect(await told(byToken(token))).toEqual([400, 'invalid_grant']);
      return stage.issuer.asked.length - before;
    };

    it('must have one that was made for this installation, now', async () => {
      const seconds = Math.floor(stage.ports.clock() / 1000);
      await refused(await good({ aud: 'https://other.example' }));
      await refused(await good({ aud: ['https://a.example', 'https://b.example'] }));
      await refused(await good({ exp: seconds - 61 }));
      await refused(await good({ nbf: seconds + 75 }));
      await refused(await good({ iat: seconds - 86_500, exp: seconds + 60 }));
      await refused(await good({ iat: seconds + 75 }));
      await refused(await good({ sub: undefined }));
      expect(await told(byToken(await good({ aud: ['https://a.example', stage.config.publicUrl] })))).toEqual(
        [200, 'ok'],
      );
      expect(await told(byToken(await good({ exp: seconds - 30 })))).toEqual([200, 'ok']);
    });

    it('must have one that the issuer itself signed, with a key that only the issuer names', async () => {
      const payload = { iss: stage.issuer.url, aud: stage.config.publicUrl, sub: 's', repository_id: '74' };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const none = `${part({ alg: 'none' })}.${part({ ...payload, exp: 9e9 })}.`;
      expect(await refused(none)).toBe(0);

      // The classic: the public key, which everybody has, used as the secret of an HMAC.
      const signed = `${part({ alg: 'HS256', kid: 'key-1' })}.${part({ ...payload, exp: 9e9 })}`;
      const keys = await (await fetch(`${stage.issuer.url}/keys`)).text();
      const hmac = createHmac('sha256', keys).update(signed).digest('base64url');
      expect(await refused(`${signed}.${hmac}`)).toBe(0);

      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const forged = (header: object) =>
        new SignJWT(payload)
          .setProtectedHeader({ alg: 'RS256', kid: 'key-1', ...header })
          .setIssuedAt()
          .setExpirationTime('5m')
          .sign(privateKey);
      await refused(await forged({}));
      for (const name of ['jku', 'x5u', 'jwk']) {
        const value = name === 'jwk' ? { kty: 'RSA' } : `${stage.issuer.url}/keys`;
        expect(await refused(await forged({ [name]: value }))).toBe(0);
        // Good in all else: the header alone is the reason.
        expect(await refused(await good({}, { [name]: value }))).toBe(0);
      }
      expect(await refused('no.token')).toBe(0);
    });

    it('is not asked about an issuer that is not trusted, and nobody else is asked either', async () => {
      const fetched: string[] = [];
      const callers = createOidcCallers({
        clock: stage.ports.clock,
        issuers: createTrustedIssuers({
          config: stage.config,
          clock: stage.ports.clock,
          fetch: async (input) => {
            fetched.push(String(input));
            throw new Error('no');
          },
        }),
      });
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      for (const iss of [
        'https://evil.example',
        stage.issuer.url.replace('localhost', '127.0.0.1'),
        `${stage.issuer.url}/`,
        `${stage.issuer.url}?x`,
        stage.issuer.url.replace('://', '://user@'),
      ]) {
        const token = `${part({ alg: 'RS256', kid: 'key-1' })}.${part({ iss })}.c2ln`;
        expect(await callers.verify(token)).toEqual({ ok: false, reason: 'issuer_not_trusted' });
      }
      expect(fetched).toEqual([]);
    });

    it.each([
      'http://issuer.example',
      'https://u:p@issuer.example',
      'https://i.example?x=1',
      'https://10.0.0.8',
      'https://[::1]',
      'https://169.254.169.254',
    ])('cannot be of %s, which no setting may name', (issuer) => {
      const config = { ...stage.config, publicUrl: 'https://valet.example', trustedIssuers: [issuer] };
      const make = () => createTrustedIssuers({ config, fetch: stage.ports.fetch, clock: stage.ports.clock });
      expect(make).toThrow('GRAPH_VALET_TRUSTED_ISSUERS');
    });
  });

  it('[20] is believed after the issuer rolled its key, which is looked for once a minute at most', async () => {
    expect(await told(byToken(await good()))).toEqual([200, 'ok']);
    await stage.issuer.rollKey();
    stage.time.offset += 61_000;
    const before = stage.issuer.asked.length;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => good()));
    const answers = await Promise.all(tokens.map((token) => told(byToken(token))));
    expect(answers).toEqual(answers.map(() => [200, 'ok']));
    expect(stage.issuer.asked.slice(before)).toEqual(['/.well-known/openid-configuration', '/keys']);

    for (let index = 0; index < 10; index += 1) {
      expect(await told(byToken(await good({}, { kid: `made-up-${index}` })))).toEqual([
        400,
        'invalid_grant',
      ]);
    }
    expect(stage.issuer.asked.length - before).toBe(2);
  });

  it('[21] can use a token once where the policy says once, over all instances', async () => {
    await stage.put('once', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, subject: 'once', singleUse: true },
      grant,
    });
    stage.time.offset += 6_000;
    const token = await good({ sub: 'once', repository_id: undefined });
    const other = stage.instance();
    const ask = async (app: typeof other) => {
      const result = await app.broker.oidcCallers.verify(token);
      if (!result.ok) throw new Error(result.reason);
      return app.broker.issueToken({
        requestId: 'r',
        caller: result.identity,
        audience: 'contoso',
        delivery: 'token',
        scopes: [],
      });
    };
    const ends = await Promise.allSettled(
      [...Array(10)].map((_, index) => ask(index % 2 ? other : stage.app)),
    );
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await told(byToken(token))).toEqual([400, 'invalid_grant']);
  });

  it('[22] waits for keys that can’t be had: too large, elsewhere, or at a private address', async () => {
    const fetched: string[] = [];
    const keys = await (await fetch(`${stage.issuer.url}/keys`)).text();
    const keysFrom = async (fault: Parameters<typeof stage.issuer.faults.set>[1], path = '/keys') => {
      stage.issuer.faults.set(path, fault);
      const fresh = stage.instance({
        fetch: (input, init) => {
          fetched.push(String(input));
          return fetch(input, init);
        },
      });
      const token = await good();
      const code = await fresh.broker.oidcCallers.verify(token).then(
        ({ ok }) => String(ok),
        (error: { code: string }) => error.code,
      );
      stage.issuer.faults.clear();
      return code;
    };
    expect(await keysFrom((to) => to.end(`{"keys":[],"x":"${'y'.repeat(110_000)}"}`))).toBe(
      'upstream_unavailable',
    );
    // What it leads to would be the right keys.
    stage.issuer.faults.set('/moved', (to) => to.end(keys));
    expect(await keysFrom((to) => to.writeHead(302, { location: `${stage.issuer.url}/moved` }).end())).toBe(
      'upstream_unavailable',
    );
    const elsewhere = JSON.stringify({ issuer: stage.issuer.url, jwks_uri: 'https://169.254.169.254/keys' });
    expect(await keysFrom((to) => to.end(elsewhere), '/.well-known/openid-configuration')).toBe(
      'upstream_unavailable',
    );
    expect(fetched.filter((url) => url.includes('169.254'))).toEqual([]);
    const renamed = JSON.stringify({ issuer: 'https://other.example', jwks_uri: `${stage.issuer.url}/keys` });
    expect(await keysFrom((to) => to.end(renamed), '/.well-known/openid-configuration')).toBe(
      'upstream_unavailable',
    );
  });

  it.each(Object.entries(claimShapes))('is admitted by what tokens of %s say', async (name, claims) => {
    const subject = claims.sub;
    await stage.put(`shape-${name.toLowerCase()}`, {
      caller: { kind: 'oidc', issuer: stage.issuer.url, subject },
      grant,
    });
    stage.time.offset += 6_000;
    expect(await told(byToken(await good({ repository_id: undefined, ...claims })))).toEqual([200, 'ok']);
    expect(
      await told(byToken(await good({ ...claims, repository_id: undefined, sub: `${subject}x` }))),
    ).toEqual([403, 'access_denied']);
  });

  it('is admitted by an app’s Entra token for this app registration, never by a person’s', async () => {
    const { tenantId, clientId } = stage.config.entra;
    const policy = {
      caller: {
        kind: 'oidc',
        issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        claims: { tid: tenantId },
      },
      grant,
    };
    expect((await stage.put('entra', policy)).status).toBe(201);
    stage.time.offset = 0;
    const entra = async (form: Record<string, string>) => {
      const reply = await fetch(`${stage.info.loginUrl}/${tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: clientId, client_secret: stage.info.clientSecret, ...form }),
      });
      return (await reply.json()) as { access_token: string; id_token: string };
    };
    const app = await entra({ grant_type: 'client_credentials', scope: `api://${clientId}/.default` });
    expect(await told(byToken(app.access_token))).toEqual([200, 'ok']);

    const { password, upn: username } = stage.person('emma.larsen');
    const person = await entra({ grant_type: 'password', username, password, scope: 'openid' });
    // It is made for this app too, and it is signed.
    expect(await stage.broker.oidcCallers.verify(person.id_token)).toEqual({
      ok: false,
      reason: 'not_an_app',
    });
    expect(await told(byToken(person.id_token))).toEqual([400, 'invalid_grant']);

    const graph = await entra({
      grant_type: 'client_credentials',
      scope: 'https://graph.microsoft.com/.default',
    });
    expect(await stage.broker.oidcCallers.verify(graph.access_token)).toMatchObject({ ok: false });
  });

  describe('from Azure Pipelines, whose tokens are made for everybody', () => {
    const pipelines = 'https://vstoken.dev.azure.com/0b1a5b1e-2f7c-4d5c-8d5b-0d8f9c6c9d11';
    const fixedAudience = 'api://AzureADTokenExchange';

    /** The issuer of this machine answers for both. */
    function verify(token: string) {
      const config = { ...stage.config, trustedIssuers: [pipelines, stage.issuer.url] };
      const answers = async (input: string | URL | Request) => {
        const path = new URL(String(input)).pathname;
        if (!path.endsWith('openid-configuration')) return fetch(`${stage.issuer.url}/keys`);
        const issuer = String(input).startsWith(pipelines) ? pipelines : stage.issuer.url;
        return Response.json({ issuer, jwks_uri: `${stage.issuer.url}/keys` });
      };
      const issuers = createTrustedIssuers({ config, clock: stage.ports.clock, fetch: answers });
      return createOidcCallers({ clock: stage.ports.clock, issuers }).verify(token);
    }
    const reasonOf = async (claims: object) => {
      const result = await verify(await good({ ...claimShapes.azureDevOps, iss: pipelines, ...claims }));
      return result.ok ? 'ok' : result.reason;
    };

    it('is believed with their one audience for ten minutes, which no other issuer may use', async () => {
      const seconds = Math.floor(stage.ports.clock() / 1000);
      expect(await reasonOf({ aud: fixedAudience })).toBe('ok');
      expect(await reasonOf({ aud: stage.config.publicUrl })).toBe('ok');
      expect(await reasonOf({ aud: 'api://other' })).toBe('audience_mismatch');
      expect(await reasonOf({ aud: fixedAudience, iss: stage.issuer.url })).toBe('audience_mismatch');
      expect(await reasonOf({ aud: fixedAudience, iat: seconds - 661, exp: seconds + 600 })).not.toBe('ok');
    });

    it('is named by organisation, project and pipeline, and each token counts once', () => {
      const { org_id, prj_id, def_id } = claimShapes.azureDevOps;
      const problems = (caller: object) =>
        policyProblems(
          policySchema.parse({ name: 'p', caller: { kind: 'oidc', issuer: pipelines, ...caller }, grant }),
          stage.ports.clock(),
        );
      const claims = { org_id, prj_id, def_id };
      expect(problems({ claims, singleUse: true })).toEqual([]);
      expect(problems({ claims })).toHaveLength(1);
      expect(problems({ subject: claimShapes.azureDevOps.sub, singleUse: true })).toHaveLength(1);
      for (const name of Object.keys(claims)) {
        const fewer = Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name));
        expect(problems({ claims: fewer, singleUse: true })).toHaveLength(1);
      }
    });
  });
});
