import type { ConsentOutcome } from '../../src/broker/consent-link.ts';
import { isAppError } from '../../src/errors.ts';
import { createBrowser } from '../../src/local/launcher/browser.ts';
import { passSignIn } from '../../src/local/launcher/sign-in.ts';
import { type BrokerStage, createBrokerStage } from '../support/broker-stage.ts';

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'ok',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );

describe('[58] what comes back from an administrator’s consent is a claim until a token proves it', () => {
  let stage: BrokerStage;
  let count = 0;
  beforeAll(async () => {
    stage = await createBrokerStage();
  });
  afterAll(() => stage.stop());
  /** The partner has never heard of this app, and nothing is connected. */
  beforeEach(async () => {
    await stage.heal();
    const { data, servicePrincipal } = stage.tenant.directory;
    const principal = servicePrincipal(partner(), stage.info.clientId);
    data.servicePrincipals = data.servicePrincipals.filter((each) => each !== principal);
    data.roleGrants = data.roleGrants.filter((each) => each.principalId !== principal?.id);
    for (const { id } of await stage.broker.connections.list()) await stage.broker.accounts.remove(id);
  });

  const links = () => stage.broker.consentLinks;
  const partner = () => stage.info.partner.tenantId;
  const grace = () => {
    const found = stage.info.partner.users.find((user) => user.admin);
    if (!found) throw new Error('the partner has no administrator');
    return found;
  };

  async function make(more: { tenantId?: string; permissions?: string[] } = {}) {
    count += 1;
    const { id, url } = await links().create({
      alias: `partner-${count}`,
      permissions: ['Files.ReadWrite.All'],
      createdBy: stage.person('admin').id,
      ...more,
    });
    const ticket = url.split('/').at(-1) ?? '';
    return { id, ticket, alias: `partner-${count}` };
  }

  /** The state of a way to Microsoft, as whoever holds the link can get it. */
  async function leave(ticket: string): Promise<string> {
    const { key } = await links().view(ticket);
    const url = new URL(await links().begin(ticket, key ?? ''));
    return url.searchParams.get('state') ?? '';
  }

  const claim = (state: string, tenant: string, more: Record<string, string> = {}): Promise<ConsentOutcome> =>
    links().finish(new URLSearchParams({ state, tenant, admin_consent: 'True', ...more }));

  /** As the administrator does it, in a browser, through Microsoft's pages. */
  async function consent(ticket: string): Promise<URLSearchParams> {
    const { key } = await links().view(ticket);
    const start = await links().begin(ticket, key ?? '');
    stage.serve(undefined);
    const browser = createBrowser();
    const end = await passSignIn(browser, await browser.open(start), grace(), stage.site.url);
    stage.serve(stage.app);
    return end.url.searchParams;
  }

  const aliases = async () => (await stage.broker.connections.list()).map(({ alias }) => alias);

  it('connects the tenant whose administrator consented, once', async () => {
    const { ticket, alias } = await make();
    const query = await consent(ticket);
    expect(query.get('tenant')).toBe(partner());
    const outcome = await links().finish(query);
    expect(outcome).toMatchObject({ status: 'connected', link: { status: 'connected' } });
    expect(await stage.broker.connections.get(alias)).toMatchObject({
      kind: 'app',
      tenantId: partner(),
      health: 'active',
      scopes: expect.arrayContaining(['Files.ReadWrite.All']),
    });

    expect(await codeOf(links().finish(query))).toBe('flow_mismatch');
    expect((await links().view(ticket)).key).toBeUndefined();
    expect(await codeOf(links().begin(ticket, 'whatever'))).toBe('gone');
  });

  it('records nothing for a tenant that was only named', async () => {
    const { id, ticket } = await make();
    const outcome = await claim(await leave(ticket), partner());
    expect(outcome.status).toBe('proving');
    expect(await aliases()).toEqual([]);

    // The last try of the queue ends it.
    await links().prove({ link: id, attempt: 8 });
    expect((await links().list())[0]).toMatchObject({
      status: 'refused',
      reason: { code: expect.any(String) },
    });
    expect(await aliases()).toEqual([]);
  });

  it('believes no tenant that is connected already, unless the link is tied to it', async () => {
    const own = await make();
    expect(await claim(await leave(own.ticket), stage.info.tenantId)).toMatchObject({ status: 'refused' });
    expect(await aliases()).toEqual([]);

    const tied = await make({ tenantId: stage.info.tenantId });
    expect(await claim(await leave(tied.ticket), stage.info.tenantId)).toMatchObject({ status: 'connected' });

    const again = await make();
    expect(await claim(await leave(again.ticket), stage.info.tenantId)).toMatchObject({ status: 'refused' });
  });

  it('believes no other tenant than the one that the link is tied to', async () => {
    const { ticket } = await make({ tenantId: stage.info.tenantId });
    expect(await claim(await leave(ticket), partner())).toMatchObject({ status: 'refused' });
    expect(await aliases()).toEqual([]);
  });

  it('does not take “admin_consent=True” beside an error for a yes, and leaves the link open', async () => {
    const { ticket } = await make();
    const outcome = await claim(await leave(ticket), partner(), { error: 'consent_required' });
    expect(outcome).toMatchObject({ status: 'declined', link: { status: 'open' } });
    expect((await links().view(ticket)).key).toBeDefined();
  });

  it('waits for what Microsoft passes on late, and connects then', async () => {
    await stage.identity({ consentDelaySeconds: 3_600 });
    const { id, ticket, alias } = await make();
    expect(await links().finish(await consent(ticket))).toMatchObject({ status: 'proving' });
    await links().prove({ link: id, attempt: 1 });
    expect((await links().list())[0]?.status).toBe('proving');
    expect(await aliases()).toEqual([]);

    await stage.identity({ consentDelaySeconds: 0 });
    await links().prove({ link: id, attempt: 2 });
    expect((await links().list())[0]?.status).toBe('connected');
    expect(await aliases()).toEqual([alias]);
    // A message that comes twice does nothing more.
    await links().prove({ link: id, attempt: 2 });
    expect(await aliases()).toEqual([alias]);
  });

  it('refuses a consent that does not cover what was asked, and says what is missing', async () => {
    const { id, ticket } = await make({ permissions: ['Sites.FullControl.All'] });
    expect(await links().finish(await consent(ticket))).toMatchObject({ status: 'proving' });
    await links().prove({ link: id, attempt: 8 });
    const [link] = await links().list();
    expect(link).toMatchObject({ status: 'refused', reason: { code: 'consent_required' } });
    expect(link?.reason?.message).toContain('Sites.FullControl.All');
    expect(await aliases()).toEqual([]);
  });

  it('is spent by one of many that come back at once', async () => {
    const { ticket } = await make({ tenantId: stage.info.tenantId });
    const states = await Promise.all(Array.from({ length: 6 }, () => leave(ticket)));
    const ends = await Promise.all(
      states.map((state) =>
        claim(state, stage.info.tenantId).then(
          ({ status }) => status,
          (error: unknown) => (isAppError(error) ? error.code : String(error)),
        ),
      ),
    );
    expect(ends.filter((end) => end === 'connected')).toHaveLength(1);
    expect(ends.filter((end) => end === 'gone')).toHaveLength(5);
    expect(await aliases()).toHaveLength(1);
  });

  it('is not spent by whoever looks at the page, and needs the key of the page', async () => {
    const { ticket } = await make();
    for (let look = 0; look < 3; look += 1) expect((await links().view(ticket)).link.status).toBe('open');
    expect(await codeOf(links().begin(ticket, 'guessed'))).toBe('forbidden');
    expect(await codeOf(links().view('no-such-ticket'))).toBe('not_found');
    expect(await leave(ticket)).toMatch(/^[\w-]{43}$/);
  });

  it('expires after three days, and a way back after an hour', async () => {
    const { ticket } = await make();
    const state = await leave(ticket);
    stage.time.offset = 61 * 60_000;
    expect(await codeOf(claim(state, partner()))).toBe('flow_expired');
    stage.time.offset = 72 * 3_600_000 + 1_000;
    expect((await links().view(ticket)).link.status).toBe('expired');
    expect(await codeOf(links().begin(ticket, 'whatever'))).toBe('gone');
  });
});
