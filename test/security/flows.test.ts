import type { Credentials } from '../../src/local/launcher/sign-in.ts';
import { type BrokerStage, createBrokerStage } from '../support/broker-stage.ts';
import { type Ask, askJson, enterDeviceCode, sessionOf } from '../support/people.ts';

describe('ways to a connection without a browser of this installation', () => {
  let stage: BrokerStage;
  let admin: Ask;
  let emma: Ask;
  beforeAll(async () => {
    stage = await createBrokerStage({
      settings: { GRAPH_VALET_SIGN_IN_WAYS: 'device_code,password' },
    });
    admin = (await sessionOf(stage, 'admin')).ask;
    emma = (await sessionOf(stage, 'emma.larsen')).ask;
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  const connectionOf = (upn: string) => stage.broker.connections.get(stage.person(upn).upn.toLowerCase());
  const forget = async (upn: string) => {
    const found = await connectionOf(upn);
    if (found) await stage.broker.accounts.remove(found.id);
  };

  describe('by device code', () => {
    const start = async (ask: Ask, body?: unknown) => {
      const { status, body: started } = await ask('POST', '/api/connections/device', body);
      expect(status).toBe(201);
      return {
        path: `/api/connections/device/${started.id}`,
        userCode: String(started.userCode),
        verificationUri: String(started.verificationUri),
      };
    };

    it('[46] starts and is asked for apart, on any instance, and connects the account that signed in', async () => {
      await forget('emma.larsen');
      const device = await start(emma);
      const before = await emma('POST', device.path);
      expect(before.status).toBe(202);
      expect(before.body).toMatchObject({ status: 'pending', interval: 5 });
      await enterDeviceCode(stage.person('emma.larsen'), device);

      stage.time.offset = 6_000;
      stage.serve(stage.instance());
      const after = await emma('POST', device.path);
      stage.serve(stage.app);
      expect(after.body).toMatchObject({
        status: 'connected',
        connection: { kind: 'user', health: 'active' },
      });
      const connection = await connectionOf('emma.larsen');
      expect(connection?.objectId).toBe(stage.person('emma.larsen').id);
      const token = await stage.broker.getToken({ connectionId: connection?.id ?? '', forceRefresh: true });
      expect(token.objectId).toBe(stage.person('emma.larsen').id);

      stage.time.offset = 12_000;
      expect((await emma('POST', device.path)).status).toBe(404);
    });

    it('[46] is polled by its starter only', async () => {
      const device = await start(emma);
      expect((await admin('POST', device.path)).status).toBe(404);
      const anonymous = await askJson(stage.site.url + device.path, 'POST', {});
      expect(anonymous.status).toBe(401);
      expect(await stage.asked()).toBe(0);
      expect((await emma('POST', device.path)).status).toBe(202);
    });

    it('[46] asks Microsoft no more often than Microsoft wants, however often it is asked itself', async () => {
      const device = await start(emma);
      const answers = await Promise.all(Array.from({ length: 8 }, () => emma('POST', device.path)));
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
      const refused = answers.filter(({ status }) => status === 400);
      expect(refused).toHaveLength(7);
      for (const { body, headers } of refused) {
        expect(body.error?.code).toBe('slow_down');
        expect(headers.get('retry-after')).toBe('5');
      }
      expect(await stage.asked()).toBe(1);
    });

    it('[46] waits five seconds more for ever after Microsoft said slow_down', async () => {
      const device = await start(emma);
      await stage.fault({
        listener: 'login',
        path: '/*/oauth2/v2.0/token',
        times: 1,
        // biome-ignore lint/suspicious/noThenProperty: a rule is never awaited, and its `then` is no function
        then: { status: 400, body: { error: 'slow_down' } },
      });
      const slowed = await emma('POST', device.path);
      expect(slowed.body.error?.code).toBe('slow_down');
      expect(slowed.headers.get('retry-after')).toBe('10');
      stage.time.offset = 7_000;
      expect((await emma('POST', device.path)).body.error?.code).toBe('slow_down');
      stage.time.offset = 11_000;
      expect((await emma('POST', device.path)).body).toMatchObject({ status: 'pending', interval: 10 });
    });

    it('[46] is over when the code has expired', async () => {
      const device = await start(emma);
      stage.time.offset = 901_000;
      const late = await emma('POST', device.path);
      expect(late.body.error?.code).toBe('flow_expired');
      expect(await stage.asked()).toBe(0);
    });

    it('[46] keeps nothing of another account than the one that was expected', async () => {
      await forget('emma.larsen');
      await forget('farid.haddad');
      const device = await start(admin, { expected: { username: stage.person('farid.haddad').upn } });
      await enterDeviceCode(stage.person('emma.larsen'), device);
      const answer = await admin('POST', device.path);
      expect(answer.body.error?.code).toBe('sign_in_failed');
      expect(await connectionOf('emma.larsen')).toBeUndefined();
      expect(await connectionOf('farid.haddad')).toBeUndefined();
    });

    it('says that Conditional Access does not allow it, and what does', async () => {
      await forget('emma.larsen');
      const device = await start(emma);
      await enterDeviceCode(stage.person('emma.larsen'), device);
      await stage.identity({ block: [stage.person('emma.larsen').upn] });
      const answer = await emma('POST', device.path);
      expect(answer.body.error).toMatchObject({
        code: 'access_denied',
        message:
          'Conditional Access does not let this account sign in by a device code. Sign in to this account in the browser instead.',
      });
      expect(await connectionOf('emma.larsen')).toBeUndefined();
    });

    it('[46] lets a person who is no administrator connect only their own account', async () => {
      const other = { expected: { username: stage.person('farid.haddad').upn } };
      const refused = await emma('POST', '/api/connections/device', other);
      expect(refused.status).toBe(403);
      const device = await start(emma);
      await enterDeviceCode(stage.person('farid.haddad'), device);
      expect((await emma('POST', device.path)).body.error?.code).toBe('sign_in_failed');
      expect(await connectionOf('farid.haddad')).toBeUndefined();
    });
  });

  it('[46] [14] device codes and passwords are off unless the settings switch them on', async () => {
    stage.serve(
      stage.instance({}, { signIn: { ...stage.config.signIn, deviceCode: false, password: false } }),
    );
    const started = await admin('POST', '/api/connections/device');
    const account = { username: stage.person('emma.larsen').upn, password: 'x' };
    const signedIn = await admin('POST', '/api/connections/password', account);
    stage.serve(stage.app);
    expect([started.body.error?.code, signedIn.body.error?.code]).toEqual(['forbidden', 'forbidden']);
    expect(await stage.asked()).toBe(0);
  });

  describe('by a refresh token from elsewhere', () => {
    /** As another tool of the same app has it. */
    async function refreshToken(upn: string, more: Record<string, string> = {}): Promise<string> {
      const { password, upn: username } = stage.person(upn);
      const answer = await fetch(`${stage.info.loginUrl}/${stage.info.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'password',
          client_id: stage.info.clientId,
          username,
          password,
          scope: 'openid profile offline_access https://graph.microsoft.com/User.Read',
          ...more,
        }),
      });
      const body = (await answer.json()) as { refresh_token?: string };
      if (!body.refresh_token) throw new Error(`no refresh token: ${JSON.stringify(body)}`);
      return body.refresh_token;
    }

    it('[45] becomes a connection of the person that Microsoft names, and is not sent back', async () => {
      await forget('emma.larsen');
      const token = await refreshToken('emma.larsen');
      await stage.control('DELETE', '/calls');
      const answer = await emma('POST', '/api/connections/import', {
        refresh_token: token,
        client_id: stage.info.clientId,
        expected: { objectId: stage.person('emma.larsen').id },
      });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({ kind: 'user', objectId: stage.person('emma.larsen').id });
      expect(await stage.asked()).toBe(1);
      // [33]
      expect(answer.text).not.toContain(token);
      expect(answer.text).not.toMatch(/refresh_?token|eyJ/i);
      const again = await emma('GET', `/api/connections/${answer.body.id}`);
      expect(again.text).not.toMatch(/refresh_?token|eyJ/i);
    });

    it('[45] is refused, and nothing is kept, when it is of another person', async () => {
      await forget('emma.larsen');
      await forget('farid.haddad');
      const token = await refreshToken('farid.haddad');
      const own = await emma('POST', '/api/connections/import', { refresh_token: token });
      expect(own.body.error?.code).toBe('sign_in_failed');
      const expected = { objectId: stage.person('emma.larsen').id };
      const named = await admin('POST', '/api/connections/import', { refresh_token: token, expected });
      expect(named.body.error?.code).toBe('sign_in_failed');
      expect(await connectionOf('farid.haddad')).toBeUndefined();
      expect(await connectionOf('emma.larsen')).toBeUndefined();
      const events = await stage.broker.audit.list({ limit: 50, outcome: 'failed' });
      expect(events.events).toContainEqual(
        expect.objectContaining({ action: 'connection.sign_in', reason: 'sign_in_failed' }),
      );
      expect(JSON.stringify([events, stage.lines])).not.toContain(token);
    });

    it('says what is missing when Microsoft wants a second factor or blocks the account', async () => {
      await forget('emma.larsen');
      const token = await refreshToken('emma.larsen');
      const message = async (switches: Record<string, unknown>) => {
        await stage.identity(switches);
        const answer = await emma('POST', '/api/connections/import', { refresh_token: token });
        await stage.heal();
        return `${answer.body.error?.code}: ${answer.body.error?.message}`;
      };
      const names = [stage.person('emma.larsen').upn];
      for (const mfaError of ['invalid_grant', 'interaction_required']) {
        expect(await message({ requireMfa: names, mfaError })).toMatch(
          /^interaction_required: .*second factor.* in the browser instead\.$/,
        );
      }
      expect(await message({ block: names })).toMatch(/^access_denied: Conditional Access/);
      expect(await connectionOf('emma.larsen')).toBeUndefined();
    });

    it('[45] is refused without asking Microsoft when it is said to be of another app', async () => {
      const answer = await admin('POST', '/api/connections/import', {
        refresh_token: 'whatever',
        client_id: '11111111-2222-4333-8444-555555555555',
      });
      expect(answer.body.error?.code).toBe('invalid_request');
      expect(await stage.asked()).toBe(0);
    });

    /** A refresh token of any app and tenant, after its person has consented. */
    async function elsewhere(tenantId: string, clientId: string, who: Credentials): Promise<string> {
      const address = `${stage.info.loginUrl}/${tenantId}/oauth2/v2.0`;
      const post = async (path: string, form: Record<string, string>) => {
        const body = new URLSearchParams({ client_id: clientId, ...form });
        const answer = await fetch(address + path, { method: 'POST', body });
        return (await answer.json()) as Record<string, string>;
      };
      const scope = 'openid profile offline_access https://graph.microsoft.com/User.Read';
      const started = await post('/devicecode', { scope });
      await enterDeviceCode(who, {
        verificationUri: started.verification_uri ?? '',
        userCode: started.user_code ?? '',
      });
      const { refresh_token } = await post('/token', {
        grant_type: 'device_code',
        device_code: started.device_code ?? '',
      });
      if (!refresh_token) throw new Error('no refresh token');
      return refresh_token;
    }

    it('[45] is refused when Microsoft knows it as another app’s', async () => {
      await forget('emma.larsen');
      const other = stage.tenant.directory.data.applications.find((app) => app.displayName === 'Desk Tool');
      const emmaHerself = stage.person('emma.larsen');
      const token = await elsewhere(stage.info.tenantId, other?.appId ?? '', emmaHerself);
      const answer = await admin('POST', '/api/connections/import', { refresh_token: token });
      expect(answer.status).toBe(400);
      expect(answer.body.error?.code).toBe('invalid_grant');
      expect(answer.text).not.toContain(token);
      expect(await connectionOf('emma.larsen')).toBeUndefined();
    });

    it('[45] is refused when it is of another tenant', async () => {
      const { tenantId, users } = stage.info.partner;
      const user = users.find((each) => !('mfa' in each));
      if (!user) throw new Error('the partner has nobody without a second factor');
      const token = await elsewhere(tenantId, stage.info.clientId, user);
      const answer = await admin('POST', '/api/connections/import', { refresh_token: token });
      expect([400, 403]).toContain(answer.status);
      expect(['sign_in_failed', 'consent_required', 'invalid_grant']).toContain(
        String(answer.body.error?.code),
      );
      expect(await stage.broker.connections.get(user.upn.toLowerCase())).toBeUndefined();
    });

    it('[45] asks for a whole body, and says nothing of what was in a wrong one', async () => {
      const wrong = await admin('POST', '/api/connections/import', {
        refresh_token: 'canary',
        more: 'canary',
      });
      expect(wrong.status).toBe(400);
      expect(wrong.text).not.toContain('canary"');
    });
  });

  describe('by user name and password', () => {
    const signIn = (ask: Ask, upn: string, password = stage.person(upn).password) =>
      ask('POST', '/api/connections/password', { username: stage.person(upn).upn, password });

    it('connects an account without a second factor, for administrators only', async () => {
      await forget('emma.larsen');
      expect((await signIn(emma, 'emma.larsen')).status).toBe(403);
      const answer = await signIn(admin, 'emma.larsen');
      expect(answer.status).toBe(201);
      expect(answer.body.objectId).toBe(stage.person('emma.larsen').id);
      const all = JSON.stringify([answer.text, stage.lines, await stage.broker.audit.list({ limit: 50 })]);
      expect(all).not.toContain(stage.person('emma.larsen').password);
    });

    it('says what Microsoft objects to, but not which names exist', async () => {
      const wrong = await signIn(admin, 'emma.larsen', 'not this');
      expect(wrong.status).toBe(403);
      expect(wrong.body.error?.message).toMatch(/user name or password is wrong/i);
      const nobody = await admin('POST', '/api/connections/password', {
        username: 'nobody@contoso.example',
        password: 'not this',
      });
      expect(nobody.body.error?.message).toBe(wrong.body.error?.message);
      const factor = await signIn(admin, 'admin');
      expect(factor.body.error?.code).toBe('interaction_required');
      expect(factor.body.error?.message).toMatch(/second factor/);
    });

    it('[14] is no grant of the token endpoint', async () => {
      const answer = await fetch(`${stage.site.url}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'password', username: 'x', password: 'y', audience: 'z' }),
      });
      expect(await answer.json()).toMatchObject({ error: 'unsupported_grant_type' });
    });
  });
});
