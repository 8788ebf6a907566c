import { createOutbox } from '../../../src/broker/notices/outbox.ts';
import { signWebhook } from '../../../src/outbound/sign-webhook.ts';
import { type BrokerStage, createBrokerStage } from '../../support/broker-stage.ts';
import { sessionOf } from '../../support/people.ts';
import { receiveWebhooks } from '../../support/webhook-receiver.ts';

const minute = 60_000;
const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

interface SentMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly body: string;
}

describe('notices of connections', () => {
  let stage: BrokerStage;
  let receiver: Awaited<ReturnType<typeof receiveWebhooks>>;
  beforeAll(async () => {
    receiver = await receiveWebhooks();
    stage = await createBrokerStage({
      settings: {
        GRAPH_VALET_NOTICE_WEBHOOK: receiver.url,
        GRAPH_VALET_NOTICE_WEBHOOK_SECRET: 'notice-key',
        GRAPH_VALET_NOTICE_MAIL_CONNECTION: 'mailer',
        GRAPH_VALET_NOTICE_MAIL_FROM: 'admin@contoso.example',
      },
      tenant: {},
    });
    await stage.storage.vault.add('notice-key', secret);
    await stage.broker.connectTenant({
      alias: 'mailer',
      tenantId: stage.info.tenantId,
      permissions: ['Mail.Send'],
      createdBy: stage.person('admin').id,
    });
  });
  afterAll(async () => {
    await stage.stop();
    await receiver.stop();
  });
  beforeEach(async () => {
    await stage.heal();
    await stage.control('DELETE', '/outbox');
    receiver.received.length = 0;
    receiver.answer.status = 204;
  });

  const mails = async () => (await stage.control<{ value: SentMail[] }>('GET', '/outbox')).value;

  /** Connected, and then no longer accepted by Microsoft, which Graph Valet learns at the next refresh. */
  async function endSignIn(upn: string) {
    const connection = await stage.connect(upn);
    const outbox = createOutbox(stage.storage);
    for (const open of await outbox.open()) await outbox.remove(open);
    await stage.fault({
      listener: 'login',
      path: '/*/oauth2/v2.0/token',
      times: 1,
      // biome-ignore lint/suspicious/noThenProperty: a rule is never awaited, and its `then` is no function
      then: { status: 400, body: { error: 'invalid_grant', error_codes: [50173] } },
    });
    const refresh = () =>
      stage.broker
        .getToken({ connectionId: connection.id, forceRefresh: true })
        .catch((error: { code: string }) => error.code);
    expect(await refresh()).toBe('reauth_required');
    return { connection, refresh };
  }

  it('tell a signed webhook and the owner, once for the change and not for each failure', async () => {
    const { connection, refresh } = await endSignIn('emma.larsen');
    expect(await refresh()).toBe('reauth_required');
    // Another instance that learns the same at the same moment.
    const reason = { code: 'reauth_required', message: 'again' };
    await stage.broker.connections.setHealth(connection.id, 'needs_sign_in', reason);
    await stage.app.notices.send();
    await stage.app.notices.send();

    expect(receiver.received).toHaveLength(1);
    const [told] = receiver.received;
    const username = stage.person('emma.larsen').upn;
    const link = `${stage.config.publicUrl}/auth/sign-in?login_hint=${encodeURIComponent(username)}`;
    expect(told?.body).toMatchObject({
      type: 'connection.needs_sign_in',
      data: {
        connection: { id: connection.id, alias: connection.alias, username },
        reason: { code: 'reauth_required' },
        reauth_url: link,
      },
    });
    const id = told?.headers['webhook-id'] ?? '';
    const at = Number(told?.headers['webhook-timestamp']) * 1000;
    expect(told?.headers).toMatchObject(signWebhook({ id, at, body: told?.text ?? '' }, secret));

    const sent = await mails();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ from: stage.person('admin').upn, to: [username] });
    expect(sent[0]?.body).toContain(link);
    // [33] [15]
    expect(JSON.stringify([told, sent, stage.lines])).not.toMatch(/eyJ|whsec_|refresh_token/);
  });

  it('lead to the sign-in of that account, and tell when it works again', async () => {
    await endSignIn('farid.haddad');
    await stage.app.notices.send();
    const link = String(receiver.received[0]?.body.data?.reauth_url);
    const leaves = await fetch(link, { redirect: 'manual' });
    const location = new URL(leaves.headers.get('location') ?? '');
    expect(location.searchParams.get('login_hint')).toBe(stage.person('farid.haddad').upn);

    await stage.connect('farid.haddad');
    await stage.app.notices.send();
    expect(receiver.received.map(({ body }) => body.type)).toEqual([
      'connection.needs_sign_in',
      'connection.recovered',
    ]);
    expect((await mails()).map(({ subject }) => subject)[1]).toMatch(/works again/);
    await stage.connect('farid.haddad');
    await stage.app.notices.send();
    expect(receiver.received).toHaveLength(2);
  });

  it('are tried again later with the same id, and only where they were not taken', async () => {
    receiver.answer.status = 503;
    await endSignIn('emma.larsen');
    await stage.app.notices.send();
    await stage.app.notices.send();
    expect(receiver.received).toHaveLength(1);
    stage.time.offset = 2 * minute;
    receiver.answer.status = 204;
    await stage.app.notices.send();
    await stage.app.notices.send();
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(await mails()).toHaveLength(1);
  });

  it('are not lost when the process dies between a notice and the note that it was sent', async () => {
    await endSignIn('emma.larsen');
    const sent = new Promise<void>((resolve) => {
      const dying = stage.instance({
        fetch: async (...call) => {
          await globalThis.fetch(...call);
          resolve();
          return new Promise(() => {});
        },
      });
      void dying.notices.send();
    });
    await sent;
    await stage.instance().notices.send();
    expect(receiver.received).toHaveLength(1);
    stage.time.offset = 4 * minute;
    await stage.instance().notices.send();
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect(await mails()).toHaveLength(1);
  });

  it('are given up after three days and shown then', async () => {
    receiver.answer.status = 500;
    await endSignIn('emma.larsen');
    for (const hours of [0, 1, 12, 73]) {
      stage.time.offset = hours * 60 * minute;
      await stage.app.notices.send();
    }
    const asked = receiver.received.length;
    stage.time.offset = 90 * 60 * minute;
    await stage.app.notices.send();
    expect(receiver.received).toHaveLength(asked);
    expect(await stage.app.notices.givenUp()).toHaveLength(1);
    stage.time.offset = 40 * 24 * 60 * minute;
    await stage.app.notices.send();
    expect(await stage.app.notices.givenUp()).toHaveLength(0);
  });

  it('are tried by an administrator, who hears what became of it, and sees what is still to be told', async () => {
    const { ask } = await sessionOf(stage, 'admin');
    const well = await ask('POST', '/api/notices/test');
    expect(well.body).toEqual({
      results: [
        { channel: 'webhook', ok: true },
        { channel: 'mail', ok: true },
      ],
    });
    expect(receiver.received[0]?.body.type).toBe('test');
    expect((await mails())[0]?.to).toEqual([stage.person('admin').upn]);

    receiver.answer.status = 404;
    const ill = await ask('POST', '/api/notices/test');
    expect(ill.body).toMatchObject({
      results: [{ channel: 'webhook', ok: false, problem: 'The webhook answered 404.' }, { ok: true }],
    });
    const { connection } = await endSignIn('emma.larsen');
    await stage.app.notices.send();
    const { body } = await ask('GET', '/api/notices');
    expect(body).toMatchObject({
      value: [
        {
          kind: 'connection.needs_sign_in',
          connection: { id: connection.id },
          deliveredBy: ['mail'],
          failures: 1,
        },
      ],
    });
    const emma = await sessionOf(stage, 'emma.larsen');
    expect((await emma.ask('GET', '/api/notices')).status).toBe(403);
    expect((await emma.ask('POST', '/api/notices/test')).status).toBe(403);
  });

  it('are forgotten with the connection that they are about', async () => {
    const { connection } = await endSignIn('emma.larsen');
    await stage.broker.connections.remove(connection.id);
    await stage.app.notices.send();
    expect(receiver.received).toHaveLength(0);
    expect(await createOutbox(stage.storage).open()).toHaveLength(0);
  });

  it('go nowhere where no receiver is named', async () => {
    const silent = stage.instance({}, { notices: { webhook: undefined, mail: undefined } });
    await endSignIn('emma.larsen');
    await silent.notices.send();
    await stage.app.notices.send();
    expect(receiver.received).toHaveLength(0);
    expect(await mails()).toHaveLength(0);
  });
});
