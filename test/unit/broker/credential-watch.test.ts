import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SecretClient } from '@azure/keyvault-secrets';
import { certificateSecret, clientSecretSecret } from '../../../src/broker/app-credential.ts';
import { type BrokerStage, createBrokerStage } from '../../support/broker-stage.ts';
import { askJson, sessionOf } from '../../support/people.ts';
import { receiveWebhooks } from '../../support/webhook-receiver.ts';

const day = 24 * 3_600_000;

interface Told {
  readonly type: string;
  readonly data: { readonly credential: { readonly daysLeft: number } };
}

describe('the credential of the app', () => {
  let stage: BrokerStage;
  let receiver: Awaited<ReturnType<typeof receiveWebhooks>>;
  let client: SecretClient;
  beforeAll(async () => {
    receiver = await receiveWebhooks();
    stage = await createBrokerStage({
      settings: { GRAPH_VALET_NOTICE_WEBHOOK: receiver.url, GRAPH_VALET_NOTICE_WEBHOOK_SECRET: 'notice-key' },
    });
    await stage.storage.vault.add('notice-key', `whsec_${Buffer.alloc(32, 5).toString('base64')}`);
    client = new SecretClient(stage.config.vaultUrl, stage.storage.credential(), {
      disableChallengeResourceVerification: true,
    });
  });
  afterAll(async () => {
    await stage.stop();
    await receiver.stop();
  });
  beforeEach(() => {
    stage.time.offset = 0;
    receiver.received.length = 0;
  });

  /** By the attributes of its secret. */
  async function endsIn(days: number): Promise<void> {
    const secret = await stage.storage.vault.secret(clientSecretSecret);
    const expiresOn = new Date(Date.now() + days * day);
    await client.updateSecretProperties(clientSecretSecret, secret?.version ?? '', { expiresOn });
  }
  /** Each a process of its own, as after a restart. */
  async function checkAndSend(): Promise<void> {
    const app = stage.instance();
    await app.notices.credential.check();
    await app.notices.send();
  }
  const told = () => receiver.received.map(({ body }) => body as unknown as Told);

  it('is warned of once at 30, 14, 7 and 1 days, and when it has expired, whatever restarts', async () => {
    await endsIn(60);
    const start = stage.time.offset;
    for (const passed of [0, 29, 31, 31, 40, 46.5, 47, 53.5, 54, 59.5, 59.6, 61, 62]) {
      stage.time.offset = start + passed * day;
      await checkAndSend();
    }
    expect(told().map(({ type }) => type)).toEqual(Array(5).fill('credential.expires'));
    expect(told().map(({ data }) => data.credential.daysLeft)).toEqual([29, 14, 7, 1, 0]);
    // The one that follows is warned of by its own end.
    await endsIn(66);
    await checkAndSend();
    expect(told().at(-1)?.data.credential.daysLeft).toBe(4);
    expect(JSON.stringify(told())).not.toContain(
      (await stage.storage.vault.secret(clientSecretSecret))?.value,
    );
  });

  it('is warned of in /readyz, which stays ready, and in the console', async () => {
    await endsIn(12);
    const app = stage.instance();
    stage.serve(app);
    const ready = await askJson(`${stage.site.url}/readyz`, 'GET', {});
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({
      status: 'ready',
      warnings: ['The client secret of this app expires in 12 days.'],
    });
    const { headers } = await sessionOf(stage, 'admin');
    const page = await (await fetch(`${stage.site.url}/`, { headers })).text();
    expect(page).toContain('The client secret of this app expires in 12 days.');
    const emma = await sessionOf(stage, 'emma.larsen');
    expect(await (await fetch(`${stage.site.url}/`, { headers: emma.headers })).text()).not.toContain(
      'expires in 12 days',
    );
    stage.serve(stage.app);
  });

  it('is asked of the app registration too, where an app connection may read it', async () => {
    await endsIn(3_000);
    const app = stage.tenant.directory.data.applications.find(({ appId }) => appId === stage.info.clientId);
    const end = Date.parse(app?.secrets[0]?.endDateTime ?? '');
    expect(end).toBeGreaterThan(Date.now() + 20 * day);
    stage.time.offset = end - Date.now() - 9.5 * day;
    expect(await stage.instance().notices.credential.ending()).toBeUndefined();
    stage.time.offset = 0;
    await stage.broker.connectTenant({
      alias: 'reader',
      tenantId: stage.info.tenantId,
      permissions: ['Application.Read.All'],
      createdBy: stage.person('admin').id,
    });
    // Known from now on in the memory of this process, and read anew an hour later.
    expect(await stage.app.notices.credential.ending()).toBeUndefined();
    stage.time.offset = end - Date.now() - 9.5 * day;
    expect(await stage.instance().notices.credential.ending()).toMatchObject({
      kind: 'secret',
      daysLeft: 10,
    });
  });

  it('has no end when it is a managed identity, and the end of the certificate when it is one', async () => {
    const federated = stage.instance({}, { entra: { ...stage.config.entra, credential: 'federated' } });
    expect(await federated.notices.credential.ending()).toBeUndefined();

    const pem = readFileSync(stage.info.certificateFile, 'utf8');
    await stage.storage.vault.add(certificateSecret, pem);
    const end = Date.parse(new X509Certificate(pem).validTo);
    stage.time.offset = end - Date.now() - 2.5 * day;
    const proving = stage.instance({}, { entra: { ...stage.config.entra, credential: 'certificate' } });
    expect(await proving.notices.credential.ending()).toMatchObject({ kind: 'certificate', daysLeft: 3 });
    stage.time.offset = end - Date.now() - 40 * day;
    const early = stage.instance({}, { entra: { ...stage.config.entra, credential: 'certificate' } });
    expect(await early.notices.credential.ending()).toBeUndefined();
  });
});
