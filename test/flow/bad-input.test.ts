import { createBrowser } from '../../src/local/launcher/browser.ts';
import { passSignIn } from '../../src/local/launcher/sign-in.ts';
import { type FlowStack, startFlowStack } from '../support/flow-stack.ts';

describe('what does not fit', () => {
  let flow: FlowStack;
  beforeAll(async () => {
    flow = await startFlowStack();
  }, 60_000);
  afterAll(() => flow?.stop());

  const token = (form: string, headers: Record<string, string> = {}) =>
    fetch(`${flow.stack.url}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: form,
    });
  const basic = (key: string) => ({
    authorization: `Basic ${Buffer.from(`${flow.world.seeded.callerId}:${key}`).toString('base64')}`,
  });
  const good = () => basic(flow.world.seeded.callerKey);

  it('an unknown key is refused as an invalid client', async () => {
    const answer = await token('grant_type=client_credentials&audience=contoso', basic('gv_wrong_key'));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/);
    expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
  });

  it('a connection that is not granted and one that does not exist look the same', async () => {
    const people = await flow.world.admin.api<{ value: { id: string; kind: string }[] }>(
      'GET',
      '/api/connections',
    );
    const forbidden = people.value.find((each) => each.kind === 'user');
    const answers = await Promise.all(
      [forbidden?.id ?? '', 'con_aaaaaaaaaaaaaaaaaaaa'].map(async (audience) => {
        const answer = await token(`grant_type=client_credentials&audience=${audience}`, good());
        const { requestId: _, ...body } = (await answer.json()) as Record<string, unknown>;
        return [answer.status, body.error, body.error_description];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBeGreaterThanOrEqual(400);
  });

  it.each([
    ['no grant type', 'audience=contoso', 'invalid_request'],
    ['a grant that is not offered', 'grant_type=password&audience=contoso', 'unsupported_grant_type'],
    ['no audience', 'grant_type=client_credentials', 'invalid_request'],
    ['a parameter twice', 'grant_type=client_credentials&audience=contoso&audience=other', 'invalid_request'],
    [
      'a scope that the connection does not hold',
      'grant_type=client_credentials&audience=contoso&scope=Directory.ReadWrite.All',
      'invalid_scope',
    ],
    [
      'a subject token that is none',
      'grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=abc&subject_token_type=urn:ietf:params:oauth:token-type:jwt&audience=contoso',
      'invalid_grant',
    ],
  ])('%s is refused with a standard error', async (_what, form, error) => {
    const headers = form.includes('token-exchange') ? {} : good();
    const answer = await token(form, headers);
    expect([400, 401]).toContain(answer.status);
    expect(answer.headers.get('cache-control')).toMatch(/no-store/);
    expect(await answer.json()).toMatchObject({ error });
  });

  it('a body of one megabyte is refused and read no further', async () => {
    const answer = await token(`grant_type=client_credentials&audience=${'x'.repeat(1_000_000)}`, good());
    expect([400, 413]).toContain(answer.status);
  });

  it('an unknown route is a 404 page, and a 404 object below /api', async () => {
    const page = await fetch(`${flow.stack.url}/no/such/page`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toMatch(/html/);
    const api = await fetch(`${flow.stack.url}/api/no-such-thing`);
    expect(api.status).toBe(404);
    expect(await api.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it('an administration call without a session, or without its CSRF token, changes nothing', async () => {
    const call = { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } };
    const stranger = await fetch(`${flow.stack.url}/api/policies/evil`, call);
    expect(stranger.status).toBe(401);
    const forged = await flow.world.admin.browser.fetch(`${flow.stack.url}/api/policies/evil`, call);
    expect(forged.status).toBe(403);
    expect(await forged.json()).toMatchObject({ error: { code: 'csrf_mismatch' } });
    const { value } = await flow.world.admin.api<{ value: { name: string }[] }>('GET', '/api/policies');
    expect(value.map((policy) => policy.name)).not.toContain('evil');
  });

  it('[56] nothing below /api is done for a stranger with a host key, nor an administrator’s work for anybody else', async () => {
    interface Operation {
      readonly description?: string;
      readonly security: readonly object[];
    }
    const document = (await (await fetch(`${flow.stack.url}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Operation>>;
    };
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const inside = operations.filter(({ operation }) => operation.security.some((each) => 'session' in each));
    expect(inside.length).toBeGreaterThan(40);
    const person = createBrowser();
    await passSignIn(
      person,
      await person.open(`${flow.stack.url}/auth/sign-in`),
      flow.world.person,
      flow.stack.url,
    );
    const session = (await (await person.fetch(`${flow.stack.url}/api/session`)).json()) as { csrf: string };
    const hostKey = {
      'x-functions-key': 'anything',
      'x-functions-clientid': 'default',
      'x-ms-client-principal': Buffer.from('{"userRoles":["admin"]}').toString('base64'),
      'content-type': 'application/json',
    };
    const seen: unknown[] = [];
    for (const { path, method, operation } of inside) {
      const url = `${flow.stack.url}${path.replace(/\{\w+\}/g, 'x')}?code=anything`;
      const body = ['get', 'delete'].includes(method) ? {} : { body: '{}' };
      const init = { method: method.toUpperCase(), ...body };
      const stranger = await fetch(url, { ...init, headers: hostKey });
      if (stranger.status !== 401) seen.push([method, path, 'stranger', stranger.status]);
      if (operation.description === undefined) continue;
      const headers = { ...hostKey, 'x-csrf-token': session.csrf };
      const other = await person.fetch(url, { ...init, headers });
      if (other.status !== 403) seen.push([method, path, 'person', other.status]);
    }
    expect(seen).toEqual([]);
    const got = await fetch(`${flow.stack.url}/oauth2/token?code=anything`, {
      method: 'POST',
      headers: { ...hostKey, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&audience=contoso',
    });
    expect(got.status).toBe(400);
  });

  it('[16] the token endpoint answers to POST only', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await fetch(`${flow.stack.url}/oauth2/token?grant_type=client_credentials`, {
        method,
        headers: good(),
      });
      expect([404, 405]).toContain(answer.status);
      expect(await answer.text()).not.toContain('access_token');
    }
  });

  it.each([
    ['policies', { caller: { kind: 'everyone' }, grant: { connection: 'contoso', scopes: [] } }],
    ['jobs', { report: 'no-such-report', schedule: { cron: 'whenever', timeZone: 'Mars/Base' } }],
    ['rules', { connection: 'contoso', when: { event: 'dreamt' }, actions: [] }],
  ])('a wrong definition in /api/%s is refused with every problem and its path', async (kind, definition) => {
    const before = await flow.world.admin.api<{ value: unknown[] }>('GET', `/api/${kind}`);
    await expect(flow.world.admin.api('PUT', `/api/${kind}/wrong`, definition)).rejects.toThrow(
      /answered 400/,
    );
    const after = await flow.world.admin.api<{ value: unknown[] }>('GET', `/api/${kind}`);
    expect(after.value.length).toBe(before.value.length);
  });

  it('a callback with a state that nobody began is refused as a page that names the next step', async () => {
    const page = await createBrowser().open(
      `${flow.stack.url}/auth/callback?code=abc&state=nobody-began-this`,
    );
    expect(page.status).toBe(400);
    expect(page.html).toMatch(/sign in/i);
    expect(page.html).not.toContain('nobody-began-this');
  });

  it('a callback is good for one use', async () => {
    const browser = createBrowser();
    const { person } = flow.world;
    const start = await browser.fetch(`${flow.stack.url}/auth/sign-in`);
    expect(start.status).toBe(302);
    const { passSignIn } = await import('../../src/local/launcher/sign-in.ts');
    const seen: string[] = [];
    const spying = {
      ...browser,
      submit: async (...args: Parameters<typeof browser.submit>) => {
        const page = await browser.submit(...args);
        seen.push(page.url.href);
        return page;
      },
    };
    const location = start.headers.get('location') ?? '';
    const home = await passSignIn(spying, await browser.open(location), person, flow.stack.url);
    expect(home.status).toBe(200);
    expect(home.url.search).toBe('');
    const state = new URL(location).searchParams.get('state') ?? '';
    const again = await browser.open(
      `${flow.stack.url}/auth/callback?code=used&state=${encodeURIComponent(state)}`,
    );
    expect(again.status).toBe(400);
  });
});
