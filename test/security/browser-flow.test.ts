import { request } from 'node:http';
import { safeReturnTo } from '../../src/broker/flows/return-to.ts';
import { flowCookieName } from '../../src/broker/flows/sign-in.ts';
import { isAppError } from '../../src/errors.ts';
import { type BrokerStage, createBrokerStage } from '../support/broker-stage.ts';

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'ok',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );

describe('the sign-in in a browser', () => {
  let stage: BrokerStage;
  beforeAll(async () => {
    stage = await createBrokerStage();
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  const emma = () => stage.person('emma.larsen');
  const jar = (value: string) => new Map([[flowCookieName, value]]);
  const finish = (query: URLSearchParams, cookie?: string) =>
    codeOf(stage.broker.signIn.finish(query, cookie === undefined ? new Map() : jar(cookie)));
  const begin = async () => new URL((await stage.broker.signIn.begin(new URLSearchParams())).location);

  it('[1] asks for a code with PKCE, and two starts share nothing', async () => {
    const [one, two] = await Promise.all([begin(), begin()]);
    expect(one.searchParams.get('response_type')).toBe('code');
    expect(one.searchParams.get('code_challenge_method')).toBe('S256');
    expect(one.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    for (const name of ['code_challenge', 'state', 'nonce']) {
      expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one.searchParams.get(name)).not.toBe(two.searchParams.get(name));
    }
    expect(new Set([...one.searchParams.values()]).size).toBe([...one.searchParams].length);
  });

  it('[2] is refused without the flow cookie, and nothing is redeemed', async () => {
    const { query } = await stage.wayBack(emma());
    expect(await finish(query)).toBe('flow_mismatch');
    expect(await stage.asked()).toBe(0);
  });

  it('[3] is refused with the cookie of another flow, or the state of another, and is over then', async () => {
    const one = await stage.wayBack(emma());
    const two = await stage.wayBack(emma());
    expect(await finish(one.query, two.cookie.value)).toBe('flow_mismatch');
    expect(await finish(one.query, one.cookie.value)).toBe('flow_mismatch');

    const swapped = new URLSearchParams(one.query);
    swapped.set('state', two.query.get('state') ?? '');
    expect(await finish(swapped, one.cookie.value)).toBe('flow_mismatch');
    expect(await finish(two.query, two.cookie.value)).toBe('flow_mismatch');
    expect(await stage.asked()).toBe(0);
  });

  it('[3] does not redeem a code under the state of another flow of the same browser', async () => {
    const one = await stage.wayBack(emma());
    const two = await stage.wayBack(emma());
    const mixed = new URLSearchParams(two.query);
    mixed.set('code', one.query.get('code') ?? '');
    // The verifier is that of the second flow: Microsoft refuses the first one's code.
    expect(await finish(mixed, two.cookie.value)).toBe('sign_in_failed');
  });

  it('[4] lets exactly one of 20 parallel ways back win, and none after it', async () => {
    const { query, cookie } = await stage.wayBack(emma());
    const ends = await Promise.all(Array.from({ length: 20 }, () => finish(query, cookie.value)));
    expect(ends.filter((end) => end === 'ok')).toHaveLength(1);
    expect(ends.filter((end) => end === 'flow_mismatch')).toHaveLength(19);
    expect(await stage.asked()).toBe(1);
    expect(await finish(query, cookie.value)).toBe('flow_mismatch');
  });

  it('[5] is refused when it took longer than 15 minutes', async () => {
    const late = await stage.wayBack(emma());
    stage.time.offset = 15 * 60_000 + 1_000;
    expect(await finish(late.query, late.cookie.value)).toBe('flow_expired');
    expect(await stage.asked()).toBe(0);

    stage.time.offset = 0;
    const inTime = await stage.wayBack(emma());
    stage.time.offset = 14 * 60_000;
    expect(await finish(inTime.query, inTime.cookie.value)).toBe('ok');
  });

  it('[7] is refused when the answer names another issuer', async () => {
    const { query, cookie } = await stage.wayBack(emma());
    query.set('iss', 'https://login.evil.example/v2.0');
    expect(await finish(query, cookie.value)).toBe('sign_in_failed');
    expect(await stage.asked()).toBe(0);

    const fitting = await stage.wayBack(emma());
    fitting.query.set('iss', `${stage.info.loginUrl}/${stage.info.tenantId}/v2.0`);
    expect(await finish(fitting.query, fitting.cookie.value)).toBe('ok');
  });

  it('[8] says that it was declined in its own words, and takes cookie and row away', async () => {
    const { query, cookie } = await stage.wayBack(emma());
    const url = new URL('/auth/callback', stage.site.url);
    url.search = new URLSearchParams({
      error: 'access_denied',
      error_description: '<script>alert("from elsewhere")</script>',
      state: query.get('state') ?? '',
    }).toString();
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: `${flowCookieName}=${cookie.value}` },
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie().join()).toMatch(/^__Host-flow=; Max-Age=0/);
    expect(await answer.text()).not.toContain('elsewhere');
    expect(await finish(query, cookie.value)).toBe('flow_mismatch');
  });

  it('[9] names its configured way back, whatever host the request claims', async () => {
    const location = await new Promise<string>((resolve, reject) => {
      const { port } = new URL(stage.site.url);
      request(
        {
          host: '127.0.0.1',
          port,
          path: '/auth/sign-in',
          headers: {
            host: 'evil.example',
            'x-forwarded-host': 'evil.example',
            'x-forwarded-proto': 'https',
            'x-original-host': 'evil.example',
            forwarded: 'host=evil.example;proto=https',
          },
        },
        (answer) => {
          answer.resume();
          resolve(answer.headers.location ?? '');
        },
      )
        .on('error', reject)
        .end();
    });
    expect(new URL(location).searchParams.get('redirect_uri')).toBe(`${stage.site.url}/auth/callback`);
    expect(location).not.toContain('evil');
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%09/evil.example',
    '/\t/evil.example',
    '/%5cevil.example',
    '/%2f%2fevil.example',
    'https:evil.example',
    'https://evil.example',
    'https://localhost@evil.example',
    '/@evil.example/..//evil.example',
    'javascript:alert(1)',
    'con_unknown',
    '/a\r\nset-cookie: x=y',
    '/auth/sign-in?return_to=/auth/sign-in',
    '',
  ])('[10] does not lead to %j after the sign-in', (target) => {
    const safe = safeReturnTo(target);
    expect(new URL(safe, 'https://valet.example').origin).toBe('https://valet.example');
    expect(safe).toBe(target.startsWith('/@') ? safe : '/');
  });

  it('[10] leads to a page of this site when one was asked for', async () => {
    const { page } = await stage.signIn(emma(), '?return_to=/api/session');
    expect(page.url.href).toBe(`${stage.site.url}/api/session`);
    const { page: elsewhere } = await stage.signIn(emma(), '?return_to=//evil.example/');
    expect(elsewhere.url.href).toBe(`${stage.site.url}/`);
  });

  it('[11] answers a form with 303, and no redirect repeats a form', async () => {
    const { browser } = await stage.signIn(emma());
    const session = await (await browser.fetch(`${stage.site.url}/api/session`)).json();
    const answers = [
      await fetch(`${stage.site.url}/auth/sign-out`, {
        method: 'POST',
        body: new URLSearchParams(),
        redirect: 'manual',
      }),
      await browser.fetch(`${stage.site.url}/auth/sign-out`, {
        method: 'POST',
        body: new URLSearchParams({ csrf: (session as { csrf: string }).csrf }),
        headers: { origin: stage.site.url },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(['/', '/']);
    expect((await browser.fetch(`${stage.site.url}/api/session`)).status).toBe(401);
  });

  it('is told in the audit also when it fails, unless it was not begun here', async () => {
    const { query, cookie } = await stage.wayBack(emma());
    const code = query.get('code') ?? '';
    const refused = new URLSearchParams(query);
    refused.delete('code');
    refused.set('error', 'access_denied');
    const headers = { cookie: `${flowCookieName}=${cookie.value}` };
    const back = (of: URLSearchParams) =>
      fetch(new URL(`/auth/callback?${of}`, stage.site.url), { redirect: 'manual', headers });
    const failures = async () => (await stage.broker.audit.list({ limit: 50, outcome: 'failed' })).events;
    const before = (await failures()).length;

    expect((await back(refused)).status).toBe(403);
    expect((await back(new URLSearchParams({ state: 'nobody-began-this', code }))).status).toBe(400);
    expect((await back(query)).status).toBe(400);

    const told = await failures();
    expect(told).toHaveLength(before + 1);
    expect(told).toContainEqual(
      expect.objectContaining({
        action: 'connection.sign_in',
        reason: 'access_denied',
        actor: { kind: 'unknown' },
      }),
    );
    expect(JSON.stringify(told)).not.toContain(code);
  });

  it('[12] keeps what it answers out of caches, frames and addresses', async () => {
    const { query, cookie } = await stage.wayBack(emma());
    const back = new URL(`/auth/callback?${query}`, stage.site.url);
    const headers = { cookie: `${flowCookieName}=${cookie.value}` };
    const answers = [
      await fetch(back, { redirect: 'manual', headers }),
      await fetch(back, { redirect: 'manual', headers }),
      await fetch(`${stage.site.url}/auth/sign-in`, { redirect: 'manual' }),
      await fetch(`${stage.site.url}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', audience: 'x' }),
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([303, 400, 302, 401]);
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('pragma')).toBe('no-cache');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  it('[13] ties the flow to one cookie that no script and no other site has', async () => {
    const jars = await Promise.all(
      Array.from({ length: 12 }, () => fetch(`${stage.site.url}/auth/sign-in`, { redirect: 'manual' })),
    );
    const cookies = jars.flatMap(({ headers }) => headers.getSetCookie());
    expect(cookies).toHaveLength(12);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-flow=[\w-]{43}; Max-Age=900; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    }
    // One name: the next start replaces the cookie of the last.
    expect(new Set(cookies.map((cookie) => cookie.split('=')[0])).size).toBe(1);
  });

  it('[13] is refused with one byte of the cookie changed', async () => {
    const { query, cookie } = await stage.wayBack(emma());
    const changed = (cookie.value.startsWith('A') ? 'B' : 'A') + cookie.value.slice(1);
    expect(await finish(query, changed)).toBe('flow_mismatch');
  });
});
