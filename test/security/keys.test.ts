import { randomBytes } from 'node:crypto';
import { SecretClient } from '@azure/keyvault-secrets';
import type { RunningApp } from '../../src/app.ts';
import { createStorageClients } from '../../src/storage/clients.ts';
import { freshFor } from '../../src/storage/key-ring.ts';
import { activeForMs, prepareForMs } from '../../src/storage/key-rotation.ts';
import { type BrokerStage, createBrokerStage } from '../support/broker-stage.ts';
import { type Ask, askJson, sessionOf } from '../support/people.ts';

const minute = 60_000;
const cacheKey = 'graph-valet-cache-key';

describe('the keys that seal what is stored', () => {
  let stage: BrokerStage;
  let admin: Ask;
  beforeAll(async () => {
    stage = await createBrokerStage();
    admin = (await sessionOf(stage, 'admin')).ask;
  });
  afterAll(() => stage.stop());

  const keys = async (query = '') => (await admin('GET', `/api/keys${query}`)).body as unknown as KeysView;
  const rowsOf = async (id: string) =>
    (await keys('?rows=true')).keys.find((each) => each.id === id)?.rows ?? 0;
  /** Sessions of the console end in between. */
  const pass = async (ms: number) => {
    stage.time.offset += ms + minute;
    admin = (await sessionOf(stage, 'admin')).ask;
  };
  async function until(phase: string, app: RunningApp = stage.app) {
    for (let tick = 0; tick < 20 && (await keys()).phase !== phase; tick += 1)
      await app.keyRotation.advance();
    expect((await keys()).phase).toBe(phase);
  }

  it('[51] [56] are shown to administrators only', async () => {
    const emma = (await sessionOf(stage, 'emma.larsen')).ask;
    expect((await emma('GET', '/api/keys')).status).toBe(403);
    expect((await emma('POST', '/api/keys/rotate')).status).toBe(403);
    expect((await askJson(`${stage.site.url}/api/keys`, 'GET', {})).status).toBe(401);
  });

  it('[51] say what to do where Key Vault lets the app only read', async () => {
    await stage.fault({
      listener: 'vault',
      method: 'PUT',
      // biome-ignore lint/suspicious/noThenProperty: a rule is never awaited, and its `then` is no function
      then: { status: 403, body: { error: { code: 'Forbidden', message: 'Caller is not authorized.' } } },
    });
    const refused = await admin('POST', '/api/keys/rotate');
    expect(refused.status).toBe(403);
    expect(refused.body.error?.message).toMatch(/Add a version to the secret "graph-valet-cache-key"/);
    await stage.control('DELETE', '/faults');
    expect(await keys()).toMatchObject({ phase: 'steady' });
  });

  it('[51] are rotated while tokens are served: prepare, active, rewrap, retire', async () => {
    const connection = await stage.connect('emma.larsen');
    const serves = async (app: RunningApp) =>
      (await app.broker.getToken({ connectionId: connection.id })).objectId;
    const before = (await keys()).keys;
    expect(before).toHaveLength(1);
    const first = before[0]?.id ?? '';
    const slow = stage.instance();
    await serves(slow);

    const begun = await admin('POST', '/api/keys/rotate');
    expect(begun.status).toBe(202);
    expect(begun.body).toMatchObject({ phase: 'prepare' });
    expect((await admin('POST', '/api/keys/rotate')).status).toBe(409);
    const second = (await keys()).keys.find(({ use }) => use === 'next')?.id ?? '';

    // Nothing is sealed with the next key before every instance holds it.
    await stage.app.keyRotation.advance();
    expect((await keys()).phase).toBe('prepare');
    await stage.connect('farid.haddad');
    expect(await rowsOf(second)).toBe(0);
    await pass(prepareForMs);
    await stage.app.keyRotation.advance();
    expect((await keys()).phase).toBe('active');
    await pass(freshFor);
    await stage.connect('farid.haddad');
    expect(await rowsOf(second)).toBeGreaterThan(0);
    expect(await rowsOf(first)).toBeGreaterThan(0);
    expect(await serves(stage.instance())).toBe(connection.objectId);
    expect(await serves(slow)).toBe(connection.objectId);

    // Retire is refused while a row uses the key, or an instance may still seal with it.
    const early = await admin('POST', `/api/keys/${first}/retire`);
    expect(early.status).toBe(409);
    expect(early.body).toMatchObject({ error: { code: 'conflict', details: { rows: expect.any(Number) } } });
    expect((await admin('POST', `/api/keys/${second}/retire`)).status).toBe(409);
    expect((await admin('POST', `/api/keys/${'0'.repeat(32)}/retire`)).status).toBe(404);

    await pass(activeForMs);
    await until('retire');
    expect((await keys('?rows=true')).keys.find(({ id }) => id === first)).toMatchObject({
      use: 'old',
      rows: 0,
    });
    await until('steady');
    const after = await keys();
    expect(after.keys.find(({ id }) => id === first)).toMatchObject({ use: 'retired', enabled: false });
    expect(after.progress).toMatchObject({ unreadable: 0 });
    expect(after.progress?.rewrapped).toBeGreaterThan(0);
    expect(await serves(stage.instance())).toBe(connection.objectId);
    expect(await serves(slow)).toBe(connection.objectId);
    const audited = await stage.broker.audit.list({ limit: 50 });
    expect(audited.events.map(({ action }) => action)).toContain('key.rotate');
  });

  it('[51] a rewrap that was killed goes on, and a row that no key opens is left alone and keeps its key', async () => {
    const table = stage.storage.sealedTable({ name: 'grants', schema: stage.anything });
    await Promise.all(
      Array.from({ length: 150 }, (_, i) => table.insert(`rewrap-${i % 7}`, `row-${i}`, { i })),
    );
    const old = (await keys()).keys.find(({ use }) => use === 'active')?.id ?? '';
    // Moved to another place, it no longer opens, with whatever key.
    const raw = await createStorageClients(stage.config.storage, stage.storage.credential).table('grants');
    const { document } = await raw.getEntity<{ document: string }>('rewrap-0', 'row-0');
    await raw.createEntity({ partitionKey: 'rewrap-0', rowKey: 'row-moved', document });

    expect((await admin('POST', '/api/keys/rotate')).status).toBe(202);
    await pass(prepareForMs);
    await stage.app.keyRotation.advance();
    await pass(activeForMs);
    await stage.app.keyRotation.advance();
    expect((await keys()).phase).toBe('rewrap');

    // The platform is away after the first rows: the work unit dies.
    let reads = 0;
    const dying = stage.instance({
      random: (n) => {
        reads += 1;
        if (reads > 120) throw new Error('killed');
        return randomBytes(n);
      },
    });
    await expect(dying.keyRotation.advance()).rejects.toThrow();
    expect(await rowsOf(old)).toBeGreaterThan(20);
    await until('retire');
    expect(await rowsOf(old)).toBe(1);
    await stage.app.keyRotation.advance();
    const stuck = await keys();
    expect(stuck).toMatchObject({ phase: 'retire', rowsLeft: 1, progress: { unreadable: 1 } });
    expect((await admin('POST', `/api/keys/${old}/retire`)).status).toBe(409);
    for (let i = 0; i < 150; i += 40) {
      expect((await table.get(`rewrap-${i % 7}`, `row-${i}`))?.value).toEqual({ i });
    }

    // Once the row is gone, a later look finds the key free.
    await raw.deleteEntity('rewrap-0', 'row-moved');
    await pass(24 * 60 * minute);
    await until('steady');
    expect((await keys()).keys.find(({ id }) => id === old)?.use).toBe('retired');
  });

  it('[51] a version that an administrator added is taken when the key is old, where the settings say how old', async () => {
    const aged = stage.instance({}, { keyRotationDays: 90 });
    const added = await stage.storage.vault.add(cacheKey, randomBytes(32).toString('base64'));
    await aged.keyRotation.advance();
    expect(await keys()).toMatchObject({ phase: 'steady' });
    await pass(91 * 24 * 60 * minute);
    await stage.app.keyRotation.advance();
    expect(await keys()).toMatchObject({ phase: 'steady' });
    await aged.keyRotation.advance();
    expect(await keys()).toMatchObject({ phase: 'prepare' });
    expect((await keys()).keys.find(({ use }) => use === 'next')?.id).toBe(added.version);
  });

  it('[51] that do not open what is stored serve nothing, and seal nothing', async () => {
    const rows = await stage.storage.keyRotation.count();
    const client = new SecretClient(stage.config.vaultUrl, stage.storage.credential(), {
      disableChallengeResourceVerification: true,
    });
    await (await client.beginDeleteSecret(cacheKey)).pollUntilDone();
    await client.purgeDeletedSecret(cacheKey);
    await client.setSecret(cacheKey, randomBytes(32).toString('base64'));
    const raw = await createStorageClients(stage.config.storage, stage.storage.credential).table('keys');
    await raw.deleteEntity('ring', 'state');
    stage.serve(stage.instance());

    const ready = await askJson(`${stage.site.url}/readyz`, 'GET', {});
    expect(ready.status).toBe(503);
    expect(ready.body.checks).toContainEqual(
      expect.objectContaining({ name: 'keys', ok: false, problem: expect.stringMatching(/do not open/) }),
    );
    const signIn = await fetch(`${stage.site.url}/auth/sign-in`, { redirect: 'manual' });
    expect(signIn.status).toBe(500);
    expect(signIn.headers.get('location')).toBeNull();
    const device = await fetch(`${stage.site.url}/oauth2/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'graph-valet-cli' }),
    });
    expect(device.status).toBe(500);
    expect((await admin('GET', '/api/keys')).status).toBe(500);
    const connection = (await stage.broker.connections.list()).find(({ kind }) => kind === 'user');
    const token = stage.instance().broker.getToken({ connectionId: connection?.id ?? '' });
    await expect(token).rejects.toMatchObject({ code: 'credential_undecryptable' });
    expect(await stage.storage.keyRotation.count()).toEqual(rows);
  });
});

interface KeysView {
  readonly phase: string;
  readonly progress?: { readonly rewrapped: number; readonly unreadable: number };
  readonly rowsLeft?: number;
  readonly keys: readonly {
    readonly id: string;
    readonly use: string;
    readonly enabled: boolean;
    readonly rows?: number;
  }[];
}
