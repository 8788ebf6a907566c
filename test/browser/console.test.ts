import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openChromium } from '../support/chromium.ts';
import { type FlowStack, startFlowStack } from '../support/flow-stack.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the console in Chromium', () => {
  let flow: FlowStack;
  let browser: Browser | undefined;
  beforeAll(async () => {
    [flow, browser] = await Promise.all([startFlowStack(), openChromium()]);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await flow?.stop();
  });

  type Options = { script?: boolean; width?: number };
  type Cookies = Awaited<ReturnType<BrowserContext['storageState']>>;

  /** A page of a browser that nobody has used; problems holds whatever the browser complained about. */
  async function open(chromium: Browser, options: Options & { state?: Cookies } = {}) {
    const context = await chromium.newContext({
      ...(options.state ? { storageState: options.state } : {}),
      javaScriptEnabled: options.script ?? true,
      viewport: { width: options.width ?? 1280, height: 900 },
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    return { page, problems, close: () => context.close() };
  }

  async function signIn(page: Page, who: { upn: string; password: string }) {
    await page.goto(flow.stack.url);
    await page
      .getByRole('link', { name: /sign in/i })
      .first()
      .click();
    await page.locator(`input[name="account"][value="${who.upn}"]`).check();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.locator('input[name="password"]').fill(who.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const shown = page.locator('output[data-number]');
    if ((await shown.count()) > 0) {
      const number = await shown.textContent();
      await page.getByRole('button', { name: number ?? '', exact: true }).click();
    }
    await page.waitForURL(`${flow.stack.url}/`);
  }
  const administrator = () => flow.stack.tenant.users.find((user) => user.admin) ?? flow.world.person;

  let signedIn: Cookies | undefined;
  /** The console as the administrator sees it, who signs in once for all of them. */
  async function openAsAdministrator(chromium: Browser, options: Options = {}) {
    if (!signedIn) {
      const { page, close } = await open(chromium, options);
      await signIn(page, administrator());
      signedIn = await page.context().storageState();
      await close();
    }
    const opened = await open(chromium, { ...options, state: signedIn });
    await opened.page.goto(flow.stack.url);
    return opened;
  }

  it('signs a person in, without script, and ends at a clean address', async () => {
    if (!browser) return;
    const { page, problems, close } = await open(browser, { script: false });
    await signIn(page, flow.world.person);
    expect(new URL(page.url()).search).toBe('');
    expect(await page.locator('body').textContent()).toContain(flow.world.person.upn);
    expect(await page.locator('body').textContent()).not.toContain('finance-inventory');
    expect(problems).toEqual([]);
    await close();
  });

  it('shows an administrator connections, jobs and rules, with nothing that the policy of the page blocks', async () => {
    if (!browser) return;
    const { page, problems, close } = await openAsAdministrator(browser);
    const text = await page.locator('body').textContent();
    for (const expected of ['contoso', 'finance-inventory', 'file-documents', '*.docx', '/Filed/{yyyy}']) {
      expect(text).toContain(expected);
    }
    expect(problems).toEqual([]);
    const [cookie] = (await page.context().cookies()).filter((each) => each.name === '__Host-session');
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
    await close();
  });

  it('fits a phone without scrolling sideways', async () => {
    if (!browser) return;
    const { page, close } = await openAsAdministrator(browser, { width: 390 });
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
    await close();
  });

  it('runs a job by its button, without script, and leads to its files', async () => {
    if (!browser) return;
    const { page, problems, close } = await openAsAdministrator(browser, { script: false, width: 390 });
    await page.getByRole('button', { name: 'Run now' }).first().click();
    await page.waitForURL(/\/runs\/finance-inventory\./);
    const run = decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    const read = () => flow.world.admin.api<{ state: string }>('GET', `/api/runs/${run}`);
    await waitFor(async () => (await read()).state === 'succeeded', { timeout: 30_000 });
    await page.getByRole('link', { name: 'Refresh' }).click();
    await page.getByText('Succeeded').waitFor();
    expect(await page.locator('body').textContent()).toContain('1 of 1 drive read');
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'finance-inventory.csv' }).first().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^finance-inventory-\d{4}-.*\.csv$/);
    expect(problems).toEqual([]);
    await close();
  });

  it('makes a job of the catalogue by a form, which keeps what was typed when it is refused', async () => {
    if (!browser) return;
    const { page, problems, close } = await openAsAdministrator(browser, { script: false });
    await page.getByRole('link', { name: 'New job' }).click();
    await page.getByRole('link', { name: /largest/i }).click();
    await page.locator('select[name="connection"]').selectOption('contoso');
    await page.locator('select[name="targetKind"]').selectOption('all_sites');
    await page.locator('[name="name"]').fill('largest-of-all');
    await page.locator('[name="parameter_top"]').fill('none');
    await page.locator('[name="cron"]').fill('0 6 * *');
    await page.getByRole('button', { name: 'Make the job' }).click();
    expect(await page.locator('#parameter_top-problem').textContent()).toMatch(/number/);
    expect(await page.locator('#cron-problem').textContent()).toContain('five fields');
    expect(await page.locator('[name="name"]').inputValue()).toBe('largest-of-all');
    await page.locator('[name="parameter_top"]').fill('25');
    await page.locator('[name="cron"]').fill('0 6 * * 1');
    await page.getByRole('button', { name: 'Make the job' }).click();
    await page.waitForURL(/#jobs$/);
    const card = page.locator('article', { hasText: 'largest-of-all' });
    expect(await card.textContent()).toContain('Every Monday at 06:00');
    expect(problems.filter((problem) => !problem.includes('422'))).toEqual([]);
    await close();
  });

  it('tries, renames and signs out of a connection on its page, without script, on a phone too', async () => {
    if (!browser) return;
    const { page, problems, close } = await openAsAdministrator(browser, { script: false, width: 390 });
    await page.getByRole('link', { name: 'contoso', exact: true }).first().click();
    await page.waitForURL(/\/connections\/con_/);
    await page.getByRole('button', { name: 'Fetch a new token now' }).click();
    await page.getByText('the connection works').waitFor();
    for (const name of ['contoso-renamed', 'contoso']) {
      await page.getByLabel('Name').fill(name);
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    }
    await page.getByText('Sign out everywhere…').click();
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByText('Signed out everywhere.').waitFor();
    expect(problems).toEqual([]);
    await close();
    const wide = await openAsAdministrator(browser, { width: 390 });
    await wide.page.getByRole('link', { name: 'contoso', exact: true }).first().click();
    const widths = await wide.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1] ?? 0);
    await wide.close();
  });

  it('makes a consent link by its form, shows its address once, and leaves for Microsoft by a link', async () => {
    if (!browser) return;
    const { page, problems, close } = await openAsAdministrator(browser);
    await page.locator('input[name="alias"]').first().fill('fabrikam');
    const chosen = page.locator('form[action="/consent-links"] input[type="checkbox"]:checked');
    while ((await chosen.count()) > 0) await chosen.first().uncheck();
    await page.locator('[name="otherPermissions"]').fill('Files.ReadWrite.All');
    await page.locator('form[action="/consent-links"] button[type="submit"]').click();
    await page.waitForURL(/\/consent-links\/lnk_/);
    const made = /http:\/\/localhost:\d+\/consent\/[\w-]+/.exec(await page.content())?.[0] ?? '';
    expect(made).not.toBe('');
    await page.reload();
    expect(await page.content()).not.toContain(made);
    expect(problems).toEqual([]);

    const guest = await open(browser);
    const other = flow.stack.tenant.partner.users.find((user) => user.admin);
    await guest.page.goto(made);
    await guest.page.locator('a[href*="/continue"]').first().click();
    await guest.page.locator(`input[name="account"][value="${other?.upn}"]`).check();
    await guest.page.getByRole('button', { name: 'Next' }).click();
    await guest.page.locator('input[name="password"]').fill(other?.password ?? '');
    await guest.page.getByRole('button', { name: 'Sign in' }).click();
    const shown = guest.page.locator('output[data-number]');
    if ((await shown.count()) > 0) {
      await guest.page.getByRole('button', { name: (await shown.textContent()) ?? '', exact: true }).click();
    }
    await guest.page.getByRole('button', { name: 'Accept' }).click();
    await guest.page.waitForURL(/\/consent\/callback/);
    expect(guest.problems).toEqual([]);
    await guest.close();
    await page.goto(flow.stack.url);
    expect(await page.locator('#connections').textContent()).toContain('fabrikam');
    await close();
  }, 60_000);

  it('signs out: the session is over in the browser and at the server', async () => {
    if (!browser) return;
    const { page, close } = await open(browser);
    await signIn(page, flow.world.person);
    const before = await page.context().cookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${flow.stack.url}/`);
    expect(await page.locator('body').textContent()).not.toContain(flow.world.person.upn);
    const stolen = before.find((each) => each.name === '__Host-session')?.value;
    const answer = await fetch(`${flow.stack.url}/api/session`, {
      headers: { cookie: `__Host-session=${stolen}` },
    });
    expect(answer.status).toBe(401);
    await close();
  });
});
