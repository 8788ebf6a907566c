import { TableClient } from '@azure/data-tables';
import { createBrowser } from '../../src/local/launcher/browser.ts';
import { passSignIn } from '../../src/local/launcher/sign-in.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

describe('[47] a caller that acts for a person whose token it brings', () => {
  let stage: ApiStage;
  let middle: { id: string; key: string };
  let other: { id: string; key: string };
  let scopes: string[];
  beforeAll(async () => {
    stage = await createApiStage();
    middle = await stage.caller('the middle tier');
    other = await stage.caller('another');
    // What Contoso has consented to for everybody is in each token.
    scopes = [...(await stage.connect('emma.larsen')).scopes];
    await consent();
    for (const [name, { id }] of Object.entries({ middle, other })) {
      await stage.put(name, {
        caller: { kind: 'api_key', id },
        grant: {
          connection: 'user/*',
          delivery: ['token'],
          scopes,
          handleSeconds: 3600,
        },
      });
    }
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  const emma = () => stage.person('emma.larsen');

  /** Emma lets apps call this installation for her, as she would at her first use of one. */
  async function consent() {
    const query = new URLSearchParams({
      client_id: stage.info.clientId,
      response_type: 'code',
      redirect_uri: `${stage.site.url}/auth/callback`,
      scope: `openid api://${stage.info.clientId}/access_as_user`,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const browser = createBrowser();
    const address = `${stage.info.pagesUrl}/${stage.info.tenantId}/oauth2/v2.0/authorize?${query}`;
    await passSignIn(browser, await browser.open(address), emma(), stage.site.url);
  }

  /** A token of Entra’s for a person, by the way that needs no page. */
  async function tokenFor(scope: string, more: Record<string, string> = {}, upn = 'emma.larsen') {
    const { password, upn: username } = stage.person(upn);
    const answer = await fetch(`${stage.info.loginUrl}/${stage.info.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: stage.info.clientId,
        username,
        password,
        scope,
        ...more,
      }),
    });
    return (await answer.json()) as Record<string, string>;
  }
  const assertion = async (upn?: string) =>
    (await tokenFor(`api://${stage.info.clientId}/access_as_user`, {}, upn)).access_token ?? '';

  const asking = (subject: string, more: Record<string, string> = {}) => ({
    grant_type: exchange,
    subject_token: subject,
    subject_token_type: accessTokenType,
    scope: 'User.Read',
    ...more,
  });
  /** So many minutes later, here and at Microsoft. */
  async function at(minutes: number) {
    stage.time.offset = minutes * 60_000;
    await stage.control('PUT', '/clock', { offsetSeconds: minutes * 60 });
  }
  const as = ({ id, key }: { id: string; key: string }) => basic(id, key);
  const renewing = (handle: unknown, more: Record<string, string> = {}) => ({
    grant_type: 'refresh_token',
    refresh_token: String(handle),
    ...more,
  });
  const withHandle = async () => {
    const { status, body } = await stage.token(
      asking(await assertion(), { scope: 'User.Read offline_access' }),
      as(middle),
    );
    expect(status).toBe(200);
    return String(body.refresh_token);
  };

  it('gets a token of Graph as that person, by its key or by a token of its own', async () => {
    const subject = await assertion();
    const byKey = await stage.token(asking(subject), as(middle));
    expect(byKey.status).toBe(200);
    expect(byKey.body).toMatchObject({ token_type: 'Bearer', issued_token_type: accessTokenType });
    expect(byKey.body.refresh_token).toBeUndefined();
    const me = await fetch(`${stage.info.graphUrl}/v1.0/me`, {
      headers: { authorization: `Bearer ${byKey.body.access_token}` },
    });
    expect(await me.json()).toMatchObject({ id: emma().id });

    await stage.put('workload', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, subject: 'system:serviceaccount:web:api' },
      grant: {
        connection: `user/${emma().id}`,
        delivery: ['token'],
        scopes,
      },
    });
    const own = await stage.idToken({ sub: 'system:serviceaccount:web:api' });
    const actor = {
      actor_token: own,
      actor_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    };
    expect((await stage.token(asking(subject, actor))).status).toBe(200);
    const client = {
      client_assertion: own,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    expect((await stage.token(asking(subject, client))).status).toBe(200);
    expect((await stage.token(asking(subject, client), as(middle))).status).toBe(400);
  });

  it('must bring an access token of a person that was made for this app, in this tenant, now', async () => {
    const good = await assertion();
    const { access_token: forGraph = '' } = await tokenFor('https://graph.microsoft.com/User.Read');
    const { id_token: idToken = '' } = await tokenFor(
      `openid profile api://${stage.info.clientId}/access_as_user`,
    );
    const [head, body, signature = ''] = good.split('.');
    const changed = `${head}.${body}.${signature.slice(0, -6)}AAAAAA`;
    const ofWorkflow = await stage.idToken({ sub: 'repo:contoso/website:ref:refs/heads/main' });
    for (const wrong of [forGraph, idToken, changed, ofWorkflow, 'nonsense']) {
      const answer = await stage.token(asking(wrong), as(middle));
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    }
    // The three that were asked for here, and nothing by the product.
    expect(await stage.asked()).toBe(3);
    stage.time.offset = 3 * 3600_000;
    expect((await stage.token(asking(good), as(middle))).body.error).toBe('invalid_grant');
  });

  it('is no caller by the person’s token alone, and must prove itself', async () => {
    const subject = await assertion();
    expect((await stage.token(asking(subject, { audience: 'contoso' }))).body.error).toBe('invalid_grant');
    expect((await stage.token(asking(subject), basic(middle.id, other.key))).status).toBe(401);
  });

  it('gets what a policy for people grants; one for a stored connection is another thing', async () => {
    const stored = await stage.caller('has stored sign-ins only');
    await stage.put('stored', {
      caller: { kind: 'api_key', id: stored.id },
      grant: { connection: ['*@contoso.example', 'contoso'], delivery: ['token'], scopes: ['.default'] },
    });
    const refused = await stage.token(asking(await assertion()), as(stored));
    expect([refused.status, refused.body.code]).toEqual([403, 'policy_denied']);

    // And the other way round: who may act for people that are there has no right to what is stored of them.
    const form = { grant_type: 'client_credentials', audience: emma().upn };
    expect((await stage.token(form, as(middle))).body.code).toBe('policy_denied');
    const named = await stage.token({ ...form, audience: `user/${emma().id}` }, as(middle));
    expect(named.body.code).toBe('policy_denied');

    const beyond = await stage.token(asking(await assertion(), { scope: 'Calendars.Read' }), as(middle));
    expect(beyond.body.error).toBe('invalid_scope');
  });

  it('asks Microsoft once for one token of the person, and again when it is told to', async () => {
    const subject = await assertion();
    await stage.heal();
    const answers = [
      await stage.token(asking(subject), as(middle)),
      await stage.token(asking(subject), as(middle)),
    ];
    expect(answers[0]?.body.access_token).toBe(answers[1]?.body.access_token);
    expect(await stage.asked()).toBe(1);
    await stage.token(asking(subject), as(other));
    expect(await stage.asked()).toBe(2);
    await stage.token(asking(subject, { force_refresh: 'true' }), as(middle));
    expect(await stage.asked()).toBe(3);
  });

  it('hears which step the person must take, with the claims that say so', async () => {
    const subject = await assertion();
    await stage.identity({ requireMfa: [emma().upn] });
    const answer = await stage.token(asking(subject, { force_refresh: 'true' }), as(middle));
    expect(answer.status).toBe(401);
    expect(answer.body.error).toBe('interaction_required');
    expect(JSON.parse(String(answer.body.claims))).toMatchObject({ access_token: expect.anything() });
  });

  describe('and goes on later by a handle', () => {
    it('which only the same caller can use', async () => {
      const handle = await withHandle();
      expect(handle).toMatch(/^gvh_[a-z2-7]{20}_[\w-]{43}$/);
      const renewed = await stage.token(renewing(handle), as(middle));
      expect(renewed.status).toBe(200);
      expect(renewed.body.refresh_token).toBeUndefined();
      const stolen = await stage.token(renewing(handle), as(other));
      const unknown = await stage.token(renewing(`gvh_${'a'.repeat(20)}_${'b'.repeat(43)}`), as(other));
      expect([stolen.status, stolen.body.error]).toEqual([400, 'invalid_grant']);
      expect({ ...stolen.body, request_id: '' }).toEqual({ ...unknown.body, request_id: '' });
      const program = await stage.token(renewing(handle, { client_id: 'graph-valet-cli' }));
      expect(program.body.error).toBe('invalid_client');
      // It still serves its caller.
      expect((await stage.token(renewing(handle), as(middle))).status).toBe(200);
    });

    it('when the person’s token is over, until its own life is', async () => {
      await stage.identity({ caeTokenSeconds: 3600 });
      const handle = await withHandle();
      await stage.control('DELETE', '/calls');
      await at(50);
      const later = await stage.token(renewing(handle, { min_ttl: '3000' }), as(middle));
      expect(later.status).toBe(200);
      expect(await stage.asked()).toBe(1);
      await at(61);
      expect((await stage.token(renewing(handle), as(middle))).body.error).toBe('invalid_grant');
      await at(0);
    });

    it('spends what Microsoft gave once, however many ask at the same moment on two instances', async () => {
      await stage.identity({ caeTokenSeconds: 600 });
      const handle = await withHandle();
      await stage.control('DELETE', '/calls');
      await at(10);
      const second = stage.instance();
      const ask = (app = stage.app) => {
        stage.serve(app);
        return stage.token(renewing(handle), as(middle));
      };
      const answers = await Promise.all([ask(), ask(second), ask(), ask(second)]);
      stage.serve(stage.app);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(await stage.asked()).toBe(1);
      await at(0);
    });

    it('only where the policy grants one, and for no more than it was given for', async () => {
      const brief = await stage.caller('without a handle');
      await stage.put('brief', {
        caller: { kind: 'api_key', id: brief.id },
        grant: {
          connection: 'user/*',
          delivery: ['token'],
          scopes,
        },
      });
      const form = asking(await assertion(), { scope: 'User.Read offline_access' });
      const refused = await stage.token(form, as(brief));
      expect([refused.body.error, refused.body.refresh_token]).toEqual(['invalid_scope', undefined]);
      const handle = await withHandle();
      const wider = await stage.token(renewing(handle, { scope: 'Files.ReadWrite.All' }), as(middle));
      expect(wider.body.error).toBe('invalid_scope');
    });

    it('until the policy is gone, the caller gives it up, or the person is signed out everywhere', async () => {
      const [one, two, three] = [await withHandle(), await withHandle(), await withHandle()];
      const revoke = (handle: string, headers: Record<string, string>) =>
        fetch(`${stage.site.url}/oauth2/revoke`, {
          method: 'POST',
          headers,
          body: new URLSearchParams({ token: handle }),
        });
      expect((await revoke(one, as(other))).status).toBe(200);
      expect((await stage.token(renewing(one), as(middle))).status).toBe(200);
      expect((await revoke(one, as(middle))).status).toBe(200);
      expect((await stage.token(renewing(one), as(middle))).body.error).toBe('invalid_grant');

      const connection = await stage.broker.connections.get(emma().upn.toLowerCase());
      await stage.broker.accounts.signOut(connection?.id ?? '');
      expect((await stage.token(renewing(two), as(middle))).body.error).toBe('invalid_grant');
      expect((await stage.token(renewing(three), as(middle))).body.error).toBe('invalid_grant');
    });

    it('which ends when Microsoft no longer accepts what is behind it', async () => {
      const handle = await withHandle();
      await stage.control('PATCH', `/users/${emma().upn}`, { revokeSessions: true });
      const answer = await stage.token(renewing(handle, { force_refresh: 'true' }), as(middle));
      expect(answer.body).toMatchObject({ error: 'invalid_grant', code: 'invalid_grant' });
      await stage.heal();
      expect((await stage.token(renewing(handle), as(middle))).body.error).toBe('invalid_grant');
      expect(await stage.asked()).toBe(0);
    });
  });

  it('leaves one event for each decision, and the person’s token nowhere', async () => {
    const subject = await assertion();
    const list = async () => (await stage.broker.audit.list({ limit: 200 })).events;
    const before = new Set((await list()).map(({ id }) => id));
    const { body } = await stage.token(asking(subject, { scope: 'User.Read offline_access' }), as(middle));
    await stage.token(renewing(body.refresh_token), as(other));
    const events = (await list()).filter(({ id }) => !before.has(id));
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject({
      action: 'token.issue',
      outcome: 'granted',
      actor: { kind: 'api_key', id: middle.id },
      connection: { id: `user/${emma().id}` },
      policy: { name: 'middle' },
    });
    expect(events[0]).toMatchObject({
      outcome: 'refused',
      reason: 'handle_unknown',
      actor: { id: other.id },
    });

    const stored: unknown[] = [];
    for (const name of ['grants', 'tokens', 'flows', 'audit']) {
      const table = TableClient.fromConnectionString(stage.settings.DataStorage ?? '', name, {
        allowInsecureConnection: true,
      });
      for await (const entity of table.listEntities()) stored.push(entity);
    }
    const everything = JSON.stringify([stored, stage.lines, events]);
    expect(everything).not.toContain(subject);
    expect(everything).not.toContain(subject.split('.')[2]);
    expect(everything).not.toContain(String(body.refresh_token));
  });

  it('is explained to an administrator like any other caller', async () => {
    const answer = await stage.call(stage.app.http.explain, {
      method: 'POST',
      body: { caller: { kind: 'api_key', id: middle.id }, audience: `user/${emma().id}`, scope: 'User.Read' },
    });
    expect(answer.body).toMatchObject({ outcome: 'granted', policy: 'middle' });
  });
});
