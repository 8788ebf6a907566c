import { createBrowser } from '../../src/local/launcher/browser.ts';
import { type Credentials, passSignIn } from '../../src/local/launcher/sign-in.ts';
import { type BrokerStage, createBrokerStage } from '../support/broker-stage.ts';
import type { SignedInBrowser } from '../support/programs.ts';

const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';

describe('what a sign-in in the browser can be told', () => {
  let stage: BrokerStage;
  let emma: SignedInBrowser;
  beforeAll(async () => {
    stage = await createBrokerStage({
      settings: { GRAPH_VALET_SIGN_IN_WAYS: 'personal', GRAPH_VALET_EXTRA_SCOPES: 'Mail.Read' },
    });
    emma = (await stage.signIn(stage.person('emma.larsen'))).browser;
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  const begin = async (browser: SignedInBrowser, path: string) => {
    const answer = await browser.fetch(stage.site.url + path);
    const location = answer.headers.get('location');
    return {
      status: answer.status,
      location: location === null ? undefined : new URL(location, stage.site.url),
    };
  };
  const connectionOf = (username: string) => stage.broker.connections.get(username.toLowerCase());

  it('passes the hints on, and refuses those that are not valid', async () => {
    const { location } = await begin(
      createBrowser(),
      '/auth/sign-in?login_hint=emma%40contoso.example&domain_hint=contoso.example&prompt=login&max_age=60',
    );
    expect(Object.fromEntries(location?.searchParams ?? [])).toMatchObject({
      login_hint: 'emma@contoso.example',
      domain_hint: 'contoso.example',
      prompt: 'login',
      max_age: '60',
    });
    const chosen = await begin(
      createBrowser(),
      '/auth/sign-in?login_hint=x%40y.example&prompt=select_account',
    );
    expect(chosen.location?.searchParams.has('login_hint')).toBe(false);
    for (const wrong of ['prompt=none', 'max_age=-1', 'max_age=soon', 'account=anybody']) {
      expect((await begin(createBrowser(), `/auth/sign-in?${wrong}`)).status).toBe(400);
    }
  });

  it('lets no option change what makes the flow safe', async () => {
    const { location } = await begin(
      createBrowser(),
      '/auth/sign-in?state=x&nonce=x&redirect_uri=https://evil.example&code_challenge=x&response_type=token&client_id=x',
    );
    const query = location?.searchParams;
    expect(query?.get('redirect_uri')).toBe(`${stage.site.url}/auth/callback`);
    expect(query?.get('response_type')).toBe('code');
    expect([query?.get('state'), query?.get('nonce'), query?.get('code_challenge')]).not.toContain('x');
  });

  it('believes a fresh sign-in that was asked for only when Microsoft says when it was', async () => {
    const fresh = await stage.signIn(stage.person('farid.haddad'), '?max_age=60');
    expect(fresh.page.status).toBe(200);
    const { query, cookie } = await wayBack('max_age=60');
    stage.time.offset = 5 * 60_000;
    const late = stage.broker.signIn.finish(query, new Map([[cookie.name, cookie.value]]));
    await expect(late).rejects.toMatchObject({
      code: 'sign_in_failed',
      detail: 'ID token refused: auth_time',
    });
  });

  /** The answer of Microsoft to a sign-in of farid's, which nobody has taken to the site yet. */
  async function wayBack(options: string) {
    const { location, cookie } = await stage.broker.signIn.begin(new URLSearchParams(options));
    stage.serve(undefined);
    const browser = createBrowser();
    const start = await browser.open(location);
    const { url } = await passSignIn(browser, start, stage.person('farid.haddad'), stage.site.url);
    stage.serve(stage.app);
    return { query: url.searchParams, cookie };
  }

  it('asks for further permissions, but only for those that the settings name', async () => {
    const refused = await begin(createBrowser(), '/auth/sign-in?scope=Mail.Read%20Mail.Send');
    expect(refused.status).toBe(400);
    const { page } = await stage.signIn(stage.person('farid.haddad'), '?scope=mail.read');
    expect(page.status).toBe(200);
    const connection = await connectionOf(stage.person('farid.haddad').upn);
    expect(connection?.scopes).toEqual(expect.arrayContaining(['Mail.Read', 'Files.ReadWrite.All']));
    const token = await stage.broker.getToken({ connectionId: connection?.id ?? '', scopes: ['Mail.Read'] });
    expect(token.scopes).toContain('Mail.Read');
  });

  describe('a further account of a person who is signed in', () => {
    const personal = () => {
      const [user] = stage.info.personal.users;
      if (!user) throw new Error('the tenant has no personal accounts');
      return user;
    };

    async function connect(browser: SignedInBrowser, query: string, who: Credentials = personal()) {
      const start = await browser.open(`${stage.site.url}/auth/connect?${query}`);
      return passSignIn(browser, start, who, stage.site.url);
    }
    const api = async (browser: SignedInBrowser, path: string) =>
      (await browser.fetch(stage.site.url + path)).json() as Promise<Record<string, unknown>>;

    it('is connected when it is a personal one, and works: opaque tokens, refreshed without .default', async () => {
      const before = await api(emma, '/api/session');
      const page = await connect(emma, 'account=personal');
      expect(page.status).toBe(200);
      const connection = await connectionOf(personal().upn);
      expect(connection).toMatchObject({
        kind: 'user',
        tenantId: personalTenant,
        createdBy: stage.person('emma.larsen').id,
        health: 'active',
      });
      // Emma is still who is signed in, and sees it as hers.
      expect(await api(emma, '/api/session')).toEqual(before);
      const { value } = (await api(emma, '/api/connections')) as { value: { alias: string }[] };
      expect(value.map(({ alias }) => alias)).toContain(connection?.alias);

      const first = await stage.broker.getToken({ connectionId: connection?.id ?? '' });
      expect(first.accessToken.split('.')).not.toHaveLength(3);
      const next = await stage.broker.getToken({ connectionId: connection?.id ?? '', forceRefresh: true });
      expect(next.accessToken).not.toBe(first.accessToken);
      const me = await fetch(`${stage.info.graphUrl}/v1.0/me/drive`, {
        headers: { authorization: `Bearer ${next.accessToken}` },
      });
      expect(await me.json()).toMatchObject({ driveType: 'personal' });
    });

    it('is somebody else’s business for everybody else', async () => {
      const farid = (await stage.signIn(stage.person('farid.haddad'))).browser;
      const found = await connectionOf(personal().upn);
      expect((await farid.fetch(`${stage.site.url}/api/connections/${found?.id}`)).status).toBe(404);
      const taken = await connect(farid, 'account=personal');
      expect(taken.status).toBe(409);
      expect((await connectionOf(personal().upn))?.createdBy).toBe(stage.person('emma.larsen').id);
    });

    it('never signs anybody in, and is never taken without a person of this installation', async () => {
      const nobody = createBrowser();
      expect((await begin(nobody, '/auth/sign-in?account=personal')).status).toBe(401);
      const led = await begin(nobody, '/auth/connect?account=personal&login_hint=a%40b.example');
      expect(led.location?.pathname).toBe('/auth/sign-in');
      expect(led.location?.searchParams.get('return_to')).toBe(
        '/auth/connect?account=personal&login_hint=a%40b.example',
      );
    });

    it('[3] is connected for the person who began it only, in the browser where they did', async () => {
      const browser = (await stage.signIn(stage.person('emma.larsen'))).browser;
      const start = await browser.open(`${stage.site.url}/auth/connect?account=personal`);
      // Somebody else signs in here in between.
      const other = (await stage.signIn(stage.person('farid.haddad'))).browser;
      stage.serve(undefined);
      const { url } = await passSignIn(browser, start, personal(), stage.site.url);
      stage.serve(stage.app);
      const cookies = { ...browser.cookies(stage.site.url), ...other.cookies(stage.site.url) };
      const cookie = Object.entries(cookies)
        .map(([name, value]) => `${name}=${value}`)
        .join('; ');
      const answer = await fetch(url, { headers: { cookie }, redirect: 'manual' });
      expect(answer.status).toBe(400);
    });

    it('is refused while the settings say so', async () => {
      stage.serve(stage.instance({}, { signIn: { ...stage.config.signIn, personal: false } }));
      const answer = await begin(emma, '/auth/connect?account=personal');
      stage.serve(stage.app);
      expect(answer.status).toBe(403);
    });

    it('can be another work account, chosen by the person, and is told in the audit', async () => {
      const { location } = await begin(emma, '/auth/connect');
      expect(location?.searchParams.get('prompt')).toBe('select_account');
      const another = stage.person('david.okafor');
      expect((await connect(emma, '', another)).status).toBe(200);
      expect(await connectionOf(another.upn)).toMatchObject({ createdBy: stage.person('emma.larsen').id });
      const { events } = await stage.broker.audit.list({ limit: 20, outcome: 'granted' });
      expect(events).toContainEqual(
        expect.objectContaining({
          action: 'connection.sign_in',
          actor: expect.objectContaining({ objectId: stage.person('emma.larsen').id }),
          connection: expect.objectContaining({ alias: another.upn.toLowerCase() }),
        }),
      );
    });

    it('leads its person back to the same way when it must sign in again', async () => {
      const found = await connectionOf(personal().upn);
      if (!found) throw new Error('the personal account is not connected');
      await stage.broker.connections.setHealth(found.id, 'needs_sign_in');
      stage.time.offset = 6_000;
      const attempt = stage.broker.getToken({ connectionId: found.id });
      const address = `${stage.site.url}/auth/connect?account=personal&login_hint=${encodeURIComponent(personal().upn)}`;
      await expect(attempt).rejects.toMatchObject({ details: { reauth_url: address } });
      expect((await connect(emma, 'account=personal')).status).toBe(200);
      expect((await connectionOf(personal().upn))?.health).toBe('active');
    });
  });
});
