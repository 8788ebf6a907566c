import type { RunningApp } from '../../src/app.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { type Ask, askJson } from '../support/people.ts';
import {
  asProgram,
  codeRequest,
  postToken,
  redirectUri,
  type SignedInBrowser,
  signInProgram,
  wayToProgram,
} from '../support/programs.ts';

/** How long another instance may go on with what it knows (ms). */
const epochBound = 5_000;

describe('an account, from outside', () => {
  let stage: ApiStage;
  let admin: Ask;
  beforeAll(async () => {
    stage = await createApiStage();
    admin = (method, path, body) => askJson(stage.site.url + path, method, stage.administratorHeaders, body);
  });
  afterAll(() => stage.stop());
  beforeEach(async () => {
    await stage.heal();
    stage.serve(stage.app);
  });

  /** A person who signed in with a browser, and a caller that may have tokens of the connection. */
  async function connected(upn: string) {
    const { browser } = await stage.signIn(stage.person(upn));
    const { ask, connectionId } = await sessionOf(browser);
    const caller = await stage.caller(`for ${upn}`);
    await stage.put(`for-${upn.replace('.', '-')}`, {
      caller: { kind: 'api_key', id: caller.id },
      grant: { connection: connectionId, delivery: ['token'], scopes: ['.default'] },
    });
    // The caller's policy counts on every instance.
    stage.time.offset += epochBound;
    const token = async (app: RunningApp = stage.app, more: Record<string, string> = {}) => {
      stage.serve(app);
      const form = { grant_type: 'client_credentials', audience: connectionId, ...more };
      const answer = await stage.token(form, basic(caller.id, caller.key));
      stage.serve(stage.app);
      return answer;
    };
    return { browser, ask, id: connectionId, alias: stage.person(upn).upn.toLowerCase(), caller, token };
  }

  async function sessionOf(browser: SignedInBrowser) {
    const reply = await browser.fetch(`${stage.site.url}/api/session`);
    const session = (await reply.json()) as { csrf: string; connectionId: string };
    const cookie = Object.entries(browser.cookies(stage.site.url))
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    const headers = { cookie, 'x-csrf-token': session.csrf };
    const ask: Ask = (method, path, body) => askJson(stage.site.url + path, method, headers, body);
    return { ask, headers, connectionId: session.connectionId };
  }

  const tokenRows = async (id: string) => {
    const table = stage.storage.table({ name: 'tokens', schema: stage.anything });
    const found: string[] = [];
    for await (const { row } of table.list({ partition: id })) found.push(row);
    return found;
  };

  describe('signed out everywhere', () => {
    it('[48] loses stored tokens, sessions, programs and codes, and is answered by no instance after 5 seconds', async () => {
      const emma = await connected('emma.larsen');
      const other = stage.instance();
      expect((await emma.token()).status).toBe(200);
      expect((await emma.token(other)).status).toBe(200);
      const elsewhere = (await stage.signIn(stage.person('emma.larsen'))).browser;
      const program = (await signInProgram(stage, emma.browser)).body;
      const { verifier, path } = codeRequest();
      const back = await wayToProgram(stage, emma.browser, path);

      const answer = await emma.ask('POST', `/api/connections/${emma.id}/sign-out`);
      expect(answer).toMatchObject({
        status: 200,
        body: {
          id: emma.id,
          health: 'needs_sign_in',
          healthReason: { code: 'signed_out' },
          signInUrl: `${stage.site.url}/auth/sign-in?login_hint=${encodeURIComponent(emma.alias)}`,
        },
      });

      expect(await tokenRows(emma.id)).toEqual([]);
      expect((await emma.ask('GET', '/api/session')).status).toBe(401);
      expect((await elsewhere.fetch(`${stage.site.url}/api/session`)).status).toBe(401);
      expect((await asProgram(stage, program.access_token, '/api/session')).status).toBe(401);
      const redeemed = await postToken(stage, {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      });
      expect(redeemed.body.error).toBe('invalid_grant');
      const here = await emma.token();
      expect(here).toMatchObject({ status: 401, body: { error: 'invalid_grant', code: 'reauth_required' } });
      expect(String(here.body.reauth_url)).toMatch(/\/auth\/sign-in\?login_hint=\S+%40/);
      stage.time.offset += epochBound;
      const asked = await stage.asked();
      expect((await emma.token(other)).body.code).toBe('reauth_required');
      expect(await stage.asked()).toBe(asked);
      const { events } = await stage.broker.audit.list({ limit: 50 });
      expect(events).toContainEqual(
        expect.objectContaining({ action: 'connection.sign_out', outcome: 'granted', target: emma.id }),
      );

      await stage.signIn(stage.person('emma.larsen'));
      stage.time.offset += epochBound;
      expect((await emma.token(other)).status).toBe(200);
      expect(await stage.broker.connections.get(emma.alias)).toMatchObject({ id: emma.id, health: 'active' });
    });

    it('leaves an app connection that fetches new tokens, and answers with none of before', async () => {
      const { id } = (await stage.broker.connections.get('contoso')) ?? { id: '' };
      const before = await stage.broker.getToken({ connectionId: id });
      const other = stage.instance();
      expect((await other.broker.getToken({ connectionId: id })).sha256).toBe(before.sha256);
      const answer = await admin('POST', '/api/connections/contoso/sign-out');
      expect(answer.body).toMatchObject({ health: 'active' });
      stage.time.offset += epochBound;
      const [a, b] = [
        await stage.broker.getToken({ connectionId: id }),
        await other.broker.getToken({ connectionId: id }),
      ];
      expect(a.sha256).not.toBe(before.sha256);
      expect(b.sha256).toBe(a.sha256);
    });
  });

  describe('that is removed', () => {
    it('[48] leaves no row and no lease, and every instance says after 5 seconds that it is gone', async () => {
      const bruno = await connected('bruno.keller');
      const other = stage.instance();
      expect((await bruno.token(other, { force_refresh: 'true' })).status).toBe(200);
      expect((await bruno.token()).status).toBe(200);
      const leases = stage.storage.table({ name: 'leases', schema: stage.anything });
      const leased = async () => {
        const found: string[] = [];
        for await (const { row } of leases.list({ partition: 'lease' })) found.push(row);
        return found.filter((row) => row.includes(bruno.id));
      };
      expect(await leased()).toHaveLength(1);

      expect((await bruno.ask('DELETE', `/api/connections/${bruno.id}`)).status).toBe(204);

      expect(await tokenRows(bruno.id)).toEqual([]);
      expect(await leased()).toEqual([]);
      expect((await bruno.ask('GET', '/api/session')).status).toBe(401);
      expect((await bruno.token()).status).toBe(403);
      stage.time.offset += epochBound;
      expect(await bruno.token(other)).toMatchObject({ status: 403, body: { code: 'policy_denied' } });
      expect((await admin('GET', `/api/connections/${bruno.id}`)).status).toBe(404);
    });

    it('is to a person who asks for another’s as if it had never been', async () => {
      const chiara = await connected('chiara.rossi');
      const { ask } = await connected('farid.haddad');
      const shape = async (method: string, path: string, body?: unknown) => {
        const { status, body: said } = await ask(method, path, body);
        return { status, code: said.error?.code, message: said.error?.message };
      };
      for (const id of [chiara.id, chiara.alias]) {
        for (const [method, end, body] of [
          ['GET', ''],
          ['DELETE', ''],
          ['POST', '/sign-out'],
          ['POST', '/refresh', {}],
        ] as const) {
          const theirs = await shape(method, `/api/connections/${id}${end}`, body);
          expect(theirs).toMatchObject({ status: 404 });
          expect(theirs).toEqual(await shape(method, `/api/connections/con_${'a'.repeat(20)}${end}`, body));
        }
      }
      expect((await chiara.ask('GET', `/api/connections/${chiara.id}`)).body.health).toBe('active');
    });
  });

  describe('renamed or switched off by an administrator', () => {
    it('keeps its new name through a new sign-in, and callers that name it follow', async () => {
      const chiara = await connected('chiara.rossi');
      const other = stage.instance();
      expect((await chiara.token(other)).status).toBe(200);
      const renamed = await admin('PATCH', `/api/connections/${chiara.alias}`, { alias: 'Finance-Inbox' });
      expect(renamed).toMatchObject({ status: 200, body: { id: chiara.id, alias: 'finance-inbox' } });
      await stage.signIn(stage.person('chiara.rossi'));
      expect((await admin('GET', '/api/connections/finance-inbox')).body).toMatchObject({ id: chiara.id });
      expect((await admin('GET', `/api/connections/${chiara.alias}`)).status).toBe(404);
      await stage.put('by-new-name', {
        caller: { kind: 'api_key', id: chiara.caller.id },
        grant: { connection: 'finance-inbox', delivery: ['token'], scopes: ['.default'] },
      });
      stage.time.offset += epochBound;
      expect((await chiara.token(other, { audience: 'finance-inbox' })).status).toBe(200);

      expect((await admin('PATCH', '/api/connections/finance-inbox', { alias: 'contoso' })).status).toBe(409);
      for (const body of [{ alias: 'con_x' }, { alias: 'a b' }, {}, { alias: 'x', owner: 'y' }]) {
        expect((await admin('PATCH', '/api/connections/finance-inbox', body)).status).toBe(400);
      }
      expect((await admin('GET', '/api/connections/contoso')).body.kind).toBe('app');
      const own = await (await connected('chiara.rossi')).ask('PATCH', `/api/connections/${chiara.id}`, {
        alias: 'contoso-files',
      });
      expect(own.status).toBe(403);
    });

    it('gives nothing while it is off, whoever signs in, and serves again when it is on', async () => {
      const emma = await connected('emma.larsen');
      const other = stage.instance();
      expect((await emma.token(other)).status).toBe(200);
      const off = await admin('PATCH', `/api/connections/${emma.id}`, { enabled: false });
      expect(off.body).toMatchObject({ health: 'disabled', healthReason: { code: 'switched_off' } });
      expect((await emma.ask('GET', '/api/session')).status).toBe(401);
      const { ask } = await sessionOf((await stage.signIn(stage.person('emma.larsen'))).browser);
      stage.time.offset += epochBound;
      for (const app of [stage.app, other]) {
        expect(await emma.token(app, { force_refresh: 'true' })).toMatchObject({
          status: 403,
          body: { error: 'access_denied', code: 'forbidden' },
        });
      }
      await ask('POST', `/api/connections/${emma.id}/sign-out`);
      expect((await admin('GET', `/api/connections/${emma.id}`)).body.health).toBe('disabled');
      await stage.signIn(stage.person('emma.larsen'));
      const on = await admin('PATCH', `/api/connections/${emma.id}`, { enabled: true });
      expect(on.body).toMatchObject({ health: 'active' });
      stage.time.offset += epochBound;
      expect((await emma.token(other)).status).toBe(200);
    });
  });

  describe('among others', () => {
    it('is found by name, user name, object id, tenant, kind and health, page by page', async () => {
      await stage.connect('emma.larsen');
      await stage.connect('farid.haddad');
      const emma = stage.person('emma.larsen');
      const ids = async (query: string) => {
        const { status, body } = await admin('GET', `/api/connections?${query}`);
        expect(status).toBe(200);
        return (body.value as unknown as { username?: string; alias: string }[]).map(
          (each) => each.username ?? each.alias,
        );
      };
      for (const user of [emma.id, emma.id.toUpperCase(), emma.upn, emma.upn.toUpperCase(), 'larsen']) {
        expect(await ids(`user=${encodeURIComponent(user)}`)).toEqual([emma.upn]);
      }
      expect(await ids('user=nobody')).toEqual([]);
      expect(await ids('kind=app')).toEqual(['contoso']);
      expect(await ids(`kind=app&tenant=${stage.info.tenantId}`)).toEqual(['contoso']);
      expect(await ids('tenant=11111111-1111-4111-8111-111111111111')).toEqual([]);
      const { id } = (await stage.broker.connections.get(emma.upn)) ?? { id: '' };
      await stage.broker.connections.setHealth(id, 'needs_sign_in');
      expect(await ids('health=needs_sign_in')).toEqual([emma.upn]);
      expect(await ids(`username=${encodeURIComponent(emma.upn)}`)).toEqual([emma.upn]);

      const seen: string[] = [];
      let next: string | undefined = '/api/connections?kind=user&health=active&limit=1';
      for (let page = 0; next !== undefined && page < 10; page += 1) {
        const { body } = await admin('GET', next);
        const { value, nextLink } = body as unknown as { value: { kind: string }[]; nextLink?: string };
        seen.push(...value.map((each) => each.kind));
        next = nextLink?.replace(stage.site.url, '');
      }
      expect(seen.length).toBe((await ids('kind=user&health=active')).length);
      expect(new Set(seen)).toEqual(new Set(['user']));
      for (const query of ['health=well', 'kind=all', 'user=a&user=b', 'limit=0', 'after=!']) {
        expect((await admin('GET', `/api/connections?${query}`)).status).toBe(400);
      }
    });
  });

  describe('whose API asks for claims', () => {
    const challenge = JSON.stringify({ access_token: { nbf: { essential: true, value: '1700000000' } } });

    it.each([
      ['as JSON', challenge],
      ['in base64, as the header carries it', Buffer.from(challenge).toString('base64')],
    ])(
      '[42] gets a new token for the challenge %s, and no instance gives the old one after 5 seconds',
      async (_, claims) => {
        const sent: string[] = [];
        const spy = stage.instance({
          fetch: (url, init) => {
            const body = new URLSearchParams(String(init?.body ?? ''));
            if (body.has('grant_type')) sent.push(body.get('claims') ?? '');
            return fetch(url, init);
          },
        });
        const { token, id } = await connected('david.okafor');
        const other = stage.instance();
        const old = (await token()).body.access_token;
        expect((await token(other)).body.access_token).toBe(old);
        const answer = await token(spy, { claims });
        expect(answer.status).toBe(200);
        expect(answer.body.access_token).not.toBe(old);
        expect(JSON.parse(sent.at(-1) ?? '')).toMatchObject({
          access_token: { nbf: { essential: true, value: '1700000000' }, xms_cc: expect.anything() },
        });
        stage.time.offset += epochBound;
        const asked = await stage.asked();
        expect((await token(other)).body.access_token).toBe(answer.body.access_token);
        expect((await token()).body.access_token).toBe(answer.body.access_token);
        expect(await stage.asked()).toBe(asked);
        expect(id).toMatch(/^con_/);
      },
    );

    it('hears that a challenge can’t be read, and Microsoft is not asked', async () => {
      const { token, ask, id } = await connected('david.okafor');
      const asked = await stage.asked();
      for (const claims of ['{', '[]', '"x"', '%%%', 'bm90IGpzb24=']) {
        expect(await token(stage.app, { claims })).toMatchObject({
          status: 400,
          body: { error: 'invalid_request' },
        });
        expect((await ask('POST', `/api/connections/${id}/refresh`, { claims })).status).toBe(400);
      }
      expect(await stage.asked()).toBe(asked);
      expect((await ask('POST', `/api/connections/${id}/refresh`, { claims: challenge })).status).toBe(200);
      expect((await ask('POST', `/api/connections/${id}/refresh`)).status).toBe(200);
      expect(await stage.asked()).toBe(asked + 2);
    });

    it('hears which step Microsoft wants of the person, with the claims to pass on', async () => {
      const { token } = await connected('david.okafor');
      await stage.identity({ block: [stage.person('david.okafor').upn] });
      const answer = await token(stage.app, { force_refresh: 'true' });
      expect(answer).toMatchObject({ status: 401, body: { code: 'interaction_required' } });
      expect(JSON.parse(String(answer.body.claims))).toHaveProperty('access_token.polids');
      expect(String(answer.body.reauth_url)).toMatch(/\/auth\/sign-in\?login_hint=\S+%40/);
      // The account is alive: what it has still serves.
      expect((await token()).status).toBe(200);
    });
  });
});
