import type { Form, Page } from '../../../src/local/launcher/browser.ts';
import { type ApiStage, createApiStage } from '../../support/api-stage.ts';

describe('the page of a connection', () => {
  let stage: ApiStage;
  beforeAll(async () => {
    stage = await createApiStage();
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  async function signedIn(upn: string) {
    const { browser } = await stage.signIn(stage.person(upn));
    const session = (await (await browser.fetch(`${stage.site.url}/api/session`)).json()) as {
      connectionId: string;
    };
    return {
      browser,
      id: session.connectionId,
      open: (id = session.connectionId) => browser.open(`${stage.site.url}/connections/${id}`),
    };
  }

  function form(page: Page, action: string): Form {
    const found = page.forms.find((each) => each.action.pathname.endsWith(`/${action}`));
    if (!found) throw new Error(`no form ${action} on ${page.status} ${page.html}`);
    return found;
  }

  it('lets a person try, sign out of and remove their own, and nothing else', async () => {
    const emma = await signedIn('emma.larsen');
    const page = await emma.open();
    expect(page.status).toBe(200);
    const actions = page.forms.map((each) => each.action.pathname.split('/').at(-1));
    expect(actions).toEqual(['sign-out', 'refresh', 'sign-out', 'remove']);
    expect(page.html).not.toContain('Who is served by it');

    const tried = await emma.browser.submit(form(page, 'refresh'));
    expect(tried.url.pathname).toBe(`/connections/${emma.id}`);
    expect(tried.html).toContain('gave a new token');
    const ended = await emma.browser.submit(form(page, `${emma.id}/sign-out`));
    expect([ended.url.pathname, ended.status]).toEqual(['/', 200]);
    expect((await stage.broker.connections.get(emma.id))?.health).toBe('needs_sign_in');

    const again = await signedIn('emma.larsen');
    expect(again.id).toBe(emma.id);
    await again.browser.submit(form(await again.open(), 'remove'));
    expect(await stage.broker.connections.get(emma.id)).toBeUndefined();
  });

  it('shows why it is not active, and where its person signs in again', async () => {
    const bruno = await signedIn('bruno.keller');
    await stage.broker.connections.setHealth(bruno.id, 'needs_sign_in', {
      code: 'reauth_required',
      message: 'Microsoft no longer accepts <it>.',
    });
    const link = `${stage.site.url}/auth/sign-in?login_hint=${encodeURIComponent(stage.person('bruno.keller').upn)}`;
    const own = await bruno.open();
    expect(own.html).toContain('Microsoft no longer accepts &lt;it&gt;.');
    expect(own.links.map(({ href }) => href)).toContain(link);
    const failed = await bruno.browser.submit(form(own, 'refresh'));
    expect(failed.status).toBe(401);
    expect(failed.html).toContain('must sign in again');

    const admin = await signedIn('admin');
    const seen = await admin.open(bruno.id);
    expect(seen.html).toContain(link);
    // Following it would connect the administrator.
    expect(seen.links.map(({ href }) => href)).not.toContain(link);
    const home = await admin.browser.open(stage.site.url);
    expect(home.links.map(({ href }) => href)).toContain(`${stage.site.url}/connections/${bruno.id}`);
  });

  it('lets an administrator rename and switch off, and shows who is served', async () => {
    const admin = await signedIn('admin');
    const { id } = (await stage.broker.connections.get('contoso')) ?? { id: '' };
    await stage.put('by-workflow', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, subject: 'repo:contoso/site:ref:refs/heads/main' },
      grant: { connection: 'contoso', delivery: ['token'], scopes: ['User.Read.All'] },
    });
    const page = await admin.open(id);
    expect(page.html).toContain('by-workflow');
    expect(page.html).toContain('repo:contoso/site:ref:refs/heads/main');
    const taken = stage.person('admin').upn;
    const refused = await admin.browser.submit(form(page, 'rename'), { alias: taken });
    expect(refused.status).toBe(409);
    expect(refused.html).toContain('already used');
    const renamed = await admin.browser.submit(form(page, 'rename'), { alias: 'Contoso-Files' });
    expect(renamed.html).toContain('has its new name');
    expect((await stage.broker.connections.get('contoso-files'))?.id).toBe(id);
    const off = await admin.browser.submit(form(renamed, 'switch-off'));
    expect(off.html).toContain('switched this connection off');
    expect((await admin.browser.submit(form(off, 'switch-on'))).html).toContain('is switched on');
    expect((await stage.broker.connections.get(id))?.health).toBe('active');
  });

  it('is not there for another person, and does nothing without the token of the session', async () => {
    const chiara = await signedIn('chiara.rossi');
    const emma = await signedIn('emma.larsen');
    expect((await emma.open(chiara.id)).status).toBe(404);
    expect((await emma.open(`con_${'a'.repeat(20)}`)).status).toBe(404);
    const own = await emma.open();
    for (const action of ['refresh', 'sign-out', 'remove', 'rename', 'switch-off', 'nothing']) {
      const post = (id: string, csrf: string) =>
        emma.browser.fetch(`${stage.site.url}/connections/${id}/${action}`, {
          method: 'POST',
          body: new URLSearchParams({ csrf, alias: 'mine' }),
        });
      expect((await post(emma.id, 'x')).status).toBe(403);
      const csrf = form(own, 'refresh').fields.csrf ?? '';
      expect((await post(chiara.id, csrf)).status).toBe(404);
      if (['rename', 'switch-off'].includes(action)) expect((await post(emma.id, csrf)).status).toBe(403);
      if (action === 'nothing') expect((await post(emma.id, csrf)).status).toBe(404);
    }
    for (const { id } of [emma, chiara]) {
      expect((await stage.broker.connections.get(id))?.health).toBe('active');
    }
  });
});
