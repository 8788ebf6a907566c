import { type ApiStage, createApiStage } from '../support/api-stage.ts';
import {
  asProgram,
  cliId,
  codeRequest,
  linkNamed,
  postForm,
  postToken,
  redirectUri,
  type SignedInBrowser,
  signInProgram,
  wayToProgram,
} from '../support/programs.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

describe('the broker as an authorization server for people’s own programs', () => {
  let stage: ApiStage;
  let emma: SignedInBrowser;
  let admin: SignedInBrowser;
  beforeAll(async () => {
    stage = await createApiStage();
    emma = (await stage.signIn(stage.person('emma.larsen'))).browser;
    admin = (await stage.signIn(stage.person('admin'))).browser;
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  const session = async (token: string | undefined) => asProgram(stage, token, '/api/session');

  describe('by the browser', () => {
    it('gives tokens of its own, which open the API as that person and hold nothing of Microsoft’s', async () => {
      const { status, headers, body } = await signInProgram(stage, emma);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'api' });
      expect(body.access_token).toMatch(/^gva_[a-z2-7]{20}_[\w-]{43}$/);
      expect(body.refresh_token).toMatch(/^gvr_[a-z2-7]{20}_[\w-]{43}$/);
      const who = await session(body.access_token);
      expect(await who.json()).toMatchObject({
        objectId: stage.person('emma.larsen').id,
        administrator: false,
      });
    });

    it('[56] gives a program the rights of its person: an administrator’s may administer, another’s may not', async () => {
      const ofEmma = await signInProgram(stage, emma);
      const ofAdmin = await signInProgram(stage, admin);
      expect((await asProgram(stage, ofEmma.body.access_token, '/api/callers')).status).toBe(403);
      expect((await asProgram(stage, ofAdmin.body.access_token, '/api/callers')).status).toBe(200);
      // Decided at each request: who is no administrator any more has lost it at once.
      stage.serve(stage.instance({}, { administrators: new Set() }));
      expect((await asProgram(stage, ofAdmin.body.access_token, '/api/callers')).status).toBe(403);
      stage.serve(stage.app);
    });

    it.each([
      'http://localhost:51234/callback',
      'http://127.0.0.1/callback',
      'http://127.0.0.1:0/callback',
      'http://127.0.0.1:99999/callback',
      'https://127.0.0.1:51234/callback',
      'http://127.0.0.1:51234/callback?next=x',
      'http://127.0.0.1:51234/callback#x',
      'http://127.0.0.1:51234@evil.example/',
      'http://127.0.0.1.evil.example:51234/',
      'http://127.0.0.2:51234/',
      'https://evil.example/callback',
      'gv://callback',
      '',
    ])('[9] does not lead to %j, and shows an error here instead', async (address) => {
      const { path } = codeRequest({ redirect_uri: address });
      const answer = await emma.fetch(stage.site.url + path);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
    });

    it('takes any port of both loopback addresses', async () => {
      for (const address of ['http://127.0.0.1:1/', 'http://[::1]:65535/a/b']) {
        const { path } = codeRequest({ redirect_uri: address });
        const back = await wayToProgram(stage, emma, path);
        expect(back.href).toMatch(address);
      }
    });

    it.each([
      ['no challenge', { code_challenge: undefined }],
      ['the plain method', { code_challenge_method: 'plain' }],
      ['no method, which would be plain', { code_challenge_method: undefined }],
      ['the implicit grant', { response_type: 'token' }],
      ['a hybrid grant', { response_type: 'code token' }],
    ])('[14] tells the program that %s is refused', async (_what, more) => {
      const { path } = codeRequest(more);
      const answer = await emma.fetch(stage.site.url + path);
      const back = new URL(answer.headers.get('location') ?? '');
      expect(back.host).toBe('127.0.0.1:51234');
      expect(back.searchParams.get('error')).toBe('invalid_request');
      expect(back.searchParams.get('state')).toBe('state-of-the-program');
      expect(back.searchParams.get('iss')).toBe(stage.site.url);
      expect(back.hash).toBe('');
    });

    it('asks the person each time, and says no when they do', async () => {
      const { path } = codeRequest();
      const page = await emma.open(stage.site.url + path);
      expect(page.status).toBe(200);
      expect(page.html).toContain('127.0.0.1:51234');
      expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
      // Leaving is a link: a form that led to another address would be stopped by the browser.
      expect(page.forms.filter((form) => !form.action.pathname.startsWith('/auth/'))).toEqual([]);
      const denied = await wayToProgram(stage, emma, path, 'Don’t allow');
      expect(denied.searchParams.get('error')).toBe('access_denied');
      expect(denied.searchParams.get('iss')).toBe(stage.site.url);
      expect(denied.searchParams.has('code')).toBe(false);
    });

    it('[2] counts a click only with the key of that person’s own page, once', async () => {
      const { path } = codeRequest();
      const link = linkNamed(await emma.open(stage.site.url + path), 'Allow');
      const open = async (browser: SignedInBrowser, address: string) => {
        const answer = await browser.fetch(address);
        return answer.headers.get('location') ?? answer.status;
      };
      const without = new URL(link);
      without.searchParams.set('key', 'f'.repeat(64));
      expect(await open(emma, without.href)).toBe(400);
      expect(await open(admin, link)).toBe(400);
      const ends = await Promise.all(Array.from({ length: 8 }, () => open(emma, link)));
      expect(ends.filter((end) => String(end).includes('code='))).toHaveLength(1);
      expect(ends.filter((end) => end === 400)).toHaveLength(7);
    });

    it('leads through the sign-in first where nobody is signed in', async () => {
      const { createBrowser } = await import('../../src/local/launcher/browser.ts');
      const { passSignIn } = await import('../../src/local/launcher/sign-in.ts');
      const browser = createBrowser();
      const { path, verifier } = codeRequest();
      const first = await browser.open(stage.site.url + path);
      const start = await browser.open(linkNamed(first, 'Sign in with Microsoft'));
      const page = await passSignIn(browser, start, stage.person('farid.haddad'), stage.site.url);
      const answer = await browser.fetch(linkNamed(page, 'Allow'));
      const back = new URL(answer.headers.get('location') ?? '');
      const tokens = await postToken(stage, {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      });
      const who = await session(tokens.body.access_token);
      expect(await who.json()).toMatchObject({ objectId: stage.person('farid.haddad').id });
    });

    it('gives nothing for a code with another verifier, address or program, and spoils the code', async () => {
      for (const wrong of [
        { code_verifier: 'x'.repeat(43) },
        { redirect_uri: 'http://127.0.0.1:51235/callback' },
        { client_id: 'another' },
      ]) {
        const { verifier, path } = codeRequest();
        const back = await wayToProgram(stage, emma, path);
        const form = {
          grant_type: 'authorization_code',
          code: back.searchParams.get('code') ?? '',
          redirect_uri: redirectUri,
          code_verifier: verifier,
        };
        const refused = await postToken(stage, { ...form, ...wrong });
        const unknown = 'client_id' in wrong;
        expect(refused.body.error).toBe(unknown ? 'invalid_client' : 'invalid_grant');
        expect((await postToken(stage, form)).status).toBe(unknown ? 200 : 400);
      }
    });

    it('[4] gives tokens for a code once, and takes them back when it comes again', async () => {
      const { verifier, path } = codeRequest();
      const back = await wayToProgram(stage, emma, path);
      const form = {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      };
      const first = await postToken(stage, form);
      expect((await session(first.body.access_token)).status).toBe(200);
      expect((await postToken(stage, form)).body.error).toBe('invalid_grant');
      expect((await session(first.body.access_token)).status).toBe(401);
    });

    it('lets a code live a minute', async () => {
      const { verifier, path } = codeRequest();
      const back = await wayToProgram(stage, emma, path);
      stage.time.offset = 61_000;
      const late = await postToken(stage, {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
      });
      expect(late.body.error).toBe('invalid_grant');
    });
  });

  describe('by device code', () => {
    const begin = () => postForm(stage, '/oauth2/device_authorization', { client_id: cliId });
    const poll = (code: string | undefined) =>
      postToken(stage, { grant_type: deviceGrant, device_code: code ?? '' });
    const decide = async (browser: SignedInBrowser, begun: Record<string, string>, decision: string) => {
      const page = await browser.open(begun.verification_uri_complete ?? '');
      expect(page.html).toContain(begun.user_code);
      const form = page.forms.find(({ action }) => action.pathname === '/device');
      if (!form) throw new Error(`no form: ${page.html}`);
      return browser.submit(form, { decision });
    };

    it('lets the program in that the person approved, once', async () => {
      const { body: begun } = await begin();
      expect(begun).toMatchObject({ expires_in: 900, interval: 5 });
      expect(begun.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      expect((await poll(begun.device_code)).body.error).toBe('authorization_pending');
      const done = await decide(emma, begun, 'approve');
      expect(done.html).toContain('signed in');
      const ends = await Promise.all(Array.from({ length: 8 }, () => poll(begun.device_code)));
      const won = ends.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      const who = await session(won[0]?.body.access_token);
      expect(await who.json()).toMatchObject({ objectId: stage.person('emma.larsen').id });
      expect((await poll(begun.device_code)).body.error).toBe('invalid_grant');
    });

    it('[46] slows down whoever asks too often, for this and all later times', async () => {
      const { body: begun } = await begin();
      await poll(begun.device_code);
      const slowed = await poll(begun.device_code);
      expect(slowed.body).toMatchObject({ error: 'slow_down', retry_after: 10 });
      stage.time.offset = 6_000;
      expect((await poll(begun.device_code)).body.error).toBe('slow_down');
      stage.time.offset = 30_000;
      expect((await poll(begun.device_code)).body.error).toBe('authorization_pending');
    });

    it('ends with the person’s no, and with its time', async () => {
      const { body: denied } = await begin();
      await decide(emma, denied, 'deny');
      expect((await poll(denied.device_code)).body.error).toBe('access_denied');
      const { body: late } = await begin();
      stage.time.offset = 901_000;
      expect((await poll(late.device_code)).body.error).toBe('expired_token');
      expect((await emma.open(late.verification_uri_complete ?? '')).status).toBe(404);
    });

    it('is decided by a form of that person’s own page only, and by no program', async () => {
      const { body: begun } = await begin();
      const form = { user_code: begun.user_code ?? '', decision: 'approve', csrf: '' };
      const forged = await emma.fetch(`${stage.site.url}/device`, {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      expect(forged.status).toBe(403);
      const { body: tokens } = await signInProgram(stage, emma);
      const program = await asProgram(stage, tokens.access_token, '/device', {
        method: 'POST',
        body: new URLSearchParams(form),
      });
      expect(program.status).toBe(401);
      expect((await poll(begun.device_code)).body.error).toBe('authorization_pending');
    });

    it('[11] answers its form with 303, and nothing is decided by opening the link', async () => {
      const { body: begun } = await begin();
      await emma.open(begun.verification_uri_complete ?? '');
      expect((await poll(begun.device_code)).body.error).toBe('authorization_pending');
      const page = await emma.open(`${stage.site.url}/device`);
      expect(page.status).toBe(200);
      const who = (await (await emma.fetch(`${stage.site.url}/api/session`)).json()) as { csrf: string };
      const answer = await emma.fetch(`${stage.site.url}/device`, {
        method: 'POST',
        body: new URLSearchParams({ csrf: who.csrf, user_code: begun.user_code ?? '', decision: 'deny' }),
      });
      expect(answer.status).toBe(303);
    });

    it('stops a person who tries codes', async () => {
      const tries = await Promise.all(
        Array.from({ length: 25 }, () => admin.open(`${stage.site.url}/device?user_code=BBBB-BBBB`)),
      );
      expect(tries.filter(({ status }) => status === 404)).toHaveLength(20);
      expect(tries.filter(({ status }) => status === 429)).toHaveLength(5);
    });
  });
});
