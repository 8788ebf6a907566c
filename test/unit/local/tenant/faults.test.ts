import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestTenant, type TestTenant } from '../../../support/tenant.ts';
import { waitFor } from '../../../support/wait-for.ts';

describe('faults of the local tenant, as a plain client sees them', () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await startTestTenant();
  }, 30_000);
  afterAll(() => tenant?.stop());
  afterEach(async () => {
    await tenant.control('DELETE', '/control/faults');
    await tenant.control('DELETE', '/control/identity');
  });

  const fault = (rule: object, strike: object) =>
    // biome-ignore lint/suspicious/noThenProperty: the rule's own word; it is sent, never awaited
    tenant.control('POST', '/control/faults', { ...rule, then: strike });
  const drive = () => `/drives/${tenant.info.siteDriveId}`;

  it.each([
    [{ status: 429, retryAfter: 7 }, 429, '7'],
    [{ status: 429 }, 429, null],
    [{ status: 503, retryAfter: 3 }, 503, '3'],
    [{ status: 503 }, 503, null],
    [{ status: 500 }, 500, null],
    [{ status: 504 }, 504, null],
  ])('%j is answered once, and the next call goes through', async (strike, status, retryAfter) => {
    await fault({ path: '/v1.0/users', method: 'GET', times: 1 }, strike);
    const struck = await tenant.graph('/users');
    expect([struck.status, struck.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect((await tenant.graph('/users')).status).toBe(200);
  });

  it('strikes the n-th call only, or each n-th', async () => {
    await fault({ path: '/v1.0/organization', nth: 2 }, { status: 500 });
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await tenant.graph('/organization')).status);
    expect(statuses).toEqual([200, 500, 200]);
    await tenant.control('DELETE', '/control/faults');
    await fault({ path: '/v1.0/organization', every: 2 }, { status: 500 });
    const again = [];
    for (let call = 0; call < 4; call += 1) again.push((await tenant.graph('/organization')).status);
    expect(again).toEqual([200, 500, 200, 500]);
  });

  it('strikes with a probability that the seed repeats', async () => {
    await fault({ path: '/v1.0/organization', probability: 0.5 }, { status: 500 });
    const statuses = new Set<number>();
    for (let call = 0; call < 30; call += 1) statuses.add((await tenant.graph('/organization')).status);
    expect(statuses).toEqual(new Set([200, 500]));
  });

  it('answers slowly', async () => {
    await fault({ path: '/v1.0/users', times: 1 }, { delayMs: 300 });
    const startedAt = performance.now();
    expect((await tenant.graph('/users')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(290);
  });

  it('cuts the connection before an answer, and in the middle of one', async () => {
    await fault({ path: '/v1.0/users', times: 1 }, { cut: 'before' });
    await expect(tenant.graph('/users')).rejects.toThrow();
    await fault({ path: '/v1.0/users', times: 1 }, { cut: 'mid' });
    await expect(tenant.graph('/users').then((answer) => answer.text())).rejects.toThrow();
  });

  it('sends JSON that is none', async () => {
    await fault({ path: '/v1.0/users', times: 1 }, { wrongJson: true });
    const answer = await tenant.graph('/users');
    expect(answer.status).toBe(200);
    await expect(answer.json()).rejects.toThrow();
  });

  it.each(['none', 'resyncChangesApplyDifferences', 'resyncApplyDifferences'])(
    'ends delta links with 410 and a Location to start from, spelling %s',
    async (goneInner) => {
      const latest = (await (await tenant.graph(`${drive()}/root/delta?token=latest`)).json()) as Record<
        string,
        string
      >;
      await tenant.control('PATCH', `/control/drives/${tenant.info.siteDriveId}`, {
        expireCursors: true,
        goneInner,
      });
      const gone = await tenant.graph(latest['@odata.deltaLink'] ?? '');
      expect(gone.status).toBe(410);
      const { error } = (await gone.json()) as { error: { code: string; innerError: { code?: string } } };
      expect(error.code).toBe('resyncRequired');
      expect(error.innerError.code).toBe(goneInner === 'none' ? undefined : goneInner);
      expect((await tenant.graph(gone.headers.get('location') ?? '')).status).toBe(200);
    },
  );

  it('puts empty pages and repeated rows into a delta feed', async () => {
    await tenant.control('PATCH', `/control/drives/${tenant.info.siteDriveId}`, {
      emptyPages: 1,
      repeatPages: 1,
    });
    const first = (await (await tenant.graph(`${drive()}/root/delta`)).json()) as {
      value: unknown[];
      '@odata.nextLink': string;
    };
    expect(first.value).toEqual([]);
    const next = (await (await tenant.graph(first['@odata.nextLink'])).json()) as { value: { id: string }[] };
    const ids = next.value.map((row) => row.id);
    expect(new Set(ids).size).toBeLessThan(ids.length);
  });

  it('shows a change later than it happened', async () => {
    const { siteDriveId } = tenant.info;
    const latest = (await (await tenant.graph(`${drive()}/root/delta?token=latest`)).json()) as Record<
      string,
      string
    >;
    await tenant.control('PATCH', `/control/drives/${siteDriveId}`, { visibilityDelayMs: 600 });
    await tenant.control('POST', `/control/drives/${siteDriveId}/changes`, { create: 1 });
    await tenant.control('PATCH', `/control/drives/${siteDriveId}`, { visibilityDelayMs: 0 });
    const read = async () =>
      ((await (await tenant.graph(latest['@odata.deltaLink'] ?? '')).json()) as { value: unknown[] }).value
        .length;
    expect(await read()).toBe(0);
    await waitFor(async () => (await read()) > 0, { timeout: 5000 });
  });

  it('refuses a locked file with 423, and a full drive with 507', async () => {
    const put = await tenant.graph(`${drive()}/root:/locked.txt:/content`, { method: 'PUT', body: 'x' });
    const { id } = (await put.json()) as { id: string };
    await tenant.control('POST', `/control/drives/${tenant.info.siteDriveId}/items/${id}/lock`, {
      seconds: 60,
    });
    const patch = await tenant.graph(`${drive()}/items/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'other.txt' }),
    });
    expect(patch.status).toBe(423);
    await tenant.control('PATCH', `/control/drives/${tenant.info.siteDriveId}`, { quota: 1 });
    const full = await tenant.graph(`${drive()}/root:/more.txt:/content`, { method: 'PUT', body: 'x' });
    expect(full.status).toBe(507);
    await tenant.control('PATCH', `/control/drives/${tenant.info.siteDriveId}`, { quota: 1024 ** 4 });
  });

  describe('in the identity platform', () => {
    const password = (scope = 'User.Read offline_access') => {
      const plain = tenant.info.users.at(-1);
      return tenant.token({
        grant_type: 'password',
        username: plain?.upn ?? '',
        password: plain?.password ?? '',
        scope,
      });
    };
    const refresh = (token: unknown) =>
      tenant.token({
        grant_type: 'refresh_token',
        refresh_token: String(token),
        scope: 'User.Read offline_access',
      });

    it('a refresh token keeps working after its use, unless rotation is strict', async () => {
      const { body } = await password();
      expect((await refresh(body.refresh_token)).status).toBe(200);
      expect((await refresh(body.refresh_token)).status).toBe(200);
      await tenant.control('PATCH', '/control/identity', { strictRotation: true });
      expect((await refresh(body.refresh_token)).status).toBe(200);
      expect((await refresh(body.refresh_token)).body).toMatchObject({
        error: 'invalid_grant',
        suberror: 'bad_token',
      });
    });

    it('revoked sessions end refresh tokens with 50173', async () => {
      const { body } = await password();
      const { upn } = tenant.info.users.at(-1) ?? { upn: '' };
      await tenant.control('PATCH', `/control/users/${upn}`, { revokeSessions: true });
      expect((await refresh(body.refresh_token)).body).toMatchObject({
        error: 'invalid_grant',
        error_codes: [50173],
      });
    });

    it('a second factor that is asked for later comes with claims to pass on', async () => {
      await waitFor(async () => (await refresh((await password()).body.refresh_token)).status === 200);
      const { body } = await password();
      await tenant.control('PATCH', '/control/identity', { requireMfa: ['*'] });
      const refused = await refresh(body.refresh_token);
      expect(refused.body).toMatchObject({ error_codes: [50076], suberror: 'basic_action' });
      expect(JSON.parse(String(refused.body.claims))).toHaveProperty('access_token');
    });

    it('throttles with Retry-After, and blocks by Conditional Access', async () => {
      await tenant.control('PATCH', '/control/identity', { throttleSeconds: 9 });
      const body = new URLSearchParams({ grant_type: 'client_credentials' });
      const throttled = await fetch(`${tenant.info.loginUrl}/${tenant.info.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body,
      });
      expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '9']);
      await tenant.control('PATCH', '/control/identity', { throttleSeconds: null, block: ['*'] });
      expect((await password()).body).toMatchObject({ error_codes: [53003] });
    });

    it('a skewed clock gives tokens that have not begun', async () => {
      await tenant.control('PUT', '/control/clock', { offsetSeconds: 7200 });
      const { body } = await tenant.token({
        grant_type: 'client_credentials',
        scope: 'https://graph.microsoft.com/.default',
      });
      await tenant.control('PUT', '/control/clock', { offsetSeconds: 0 });
      const claims = JSON.parse(
        Buffer.from(String(body.access_token).split('.')[1] ?? '', 'base64url').toString(),
      ) as { nbf: number };
      expect(claims.nbf).toBeGreaterThan(Date.now() / 1000 + 7000);
    });

    it('an expired client secret is 7000222, and a new one works', async () => {
      const ask = (secret?: string) =>
        tenant.token({
          grant_type: 'client_credentials',
          scope: 'https://graph.microsoft.com/.default',
          ...(secret ? { client_secret: secret } : {}),
        });
      await tenant.control('POST', `/control/applications/${tenant.info.clientId}/secrets/expire`);
      expect((await ask()).body).toMatchObject({ error: 'invalid_client', error_codes: [7000222] });
      const { secretText } = await tenant.control(
        'POST',
        `/control/applications/${tenant.info.clientId}/secrets`,
      );
      expect((await ask(String(secretText))).status).toBe(200);
    });

    it('Key Vault and the managed identity can be down', async () => {
      await fault({ listener: 'vault' }, { status: 503 });
      await fault({ listener: 'control', path: '/msi/token' }, { status: 500 });
      expect((await fetch(`${tenant.info.vaultUrl}/secrets/x?api-version=7.5`)).status).toBe(503);
      const identity = await fetch(
        `${tenant.info.identityEndpoint}?api-version=2019-08-01&resource=https://vault.azure.net`,
      );
      expect(identity.status).toBe(500);
    });
  });

  describe('in notifications', () => {
    let server: Server;
    let taps: string[];
    let url: string;
    beforeEach(async () => {
      taps = [];
      server = createServer((request, response) => {
        const token = new URL(request.url ?? '/', 'http://localhost').searchParams.get('validationToken');
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          if (token === null)
            taps.push(
              ...(
                JSON.parse(Buffer.concat(chunks).toString()) as { value: { resource: string }[] }
              ).value.map((each) => each.resource),
            );
          response.writeHead(token === null ? 202 : 200, { 'content-type': 'text/plain' }).end(token ?? '');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://localhost:${(server.address() as AddressInfo).port}/notifications`;
      await tenant.control('PATCH', '/control/graph', { notificationDebounceMs: 20 });
    });
    afterEach(async () => {
      await tenant.control('PUT', '/control/notifications', {});
      await tenant.control('DELETE', '/control/subscriptions');
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const subscribe = (driveId = tenant.info.siteDriveId) =>
      tenant.graph('/subscriptions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          changeType: 'updated',
          notificationUrl: url,
          resource: `/drives/${driveId}/root`,
          expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
          clientState: 'secret',
        }),
      });
    const touch = (driveId = tenant.info.siteDriveId) =>
      tenant.control('POST', `/control/drives/${driveId}/changes`, { create: 1 });

    it('one is sent for a change, none when it is lost, several when it repeats, and later when it is late', async () => {
      expect((await subscribe()).status).toBe(201);
      await touch();
      await waitFor(() => taps.length === 1);

      await tenant.control('PUT', '/control/notifications', { lose: 1 });
      await touch();
      await waitFor(async () => {
        const { counters } = await tenant.control('GET', '/control/calls');
        return (counters as Record<string, number>).notificationsLost === 1;
      });
      expect(taps.length).toBe(1);

      await tenant.control('PUT', '/control/notifications', { repeat: 3 });
      await touch();
      await waitFor(() => taps.length === 4);

      await tenant.control('PUT', '/control/notifications', { lateMs: 300 });
      const startedAt = performance.now();
      await touch();
      await waitFor(() => taps.length === 5);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(290);
    });

    it('is tried again until the subscriber answers', async () => {
      await tenant.control('PATCH', '/control/graph', { retryPauseMs: 20, firstTimeoutMs: 200 });
      expect((await subscribe()).status).toBe(201);
      server.close();
      server.closeAllConnections();
      await touch();
      await waitFor(async () => {
        const { counters } = await tenant.control('GET', '/control/calls');
        return ((counters as Record<string, number>).notificationsFailed ?? 0) >= 2;
      });
      await new Promise<void>((resolve) => server.listen(Number(new URL(url).port), '127.0.0.1', resolve));
      await waitFor(() => taps.length === 1, { timeout: 15_000 });
    });

    it('a subscription needs the handshake, and there is one for a drive', async () => {
      expect((await subscribe()).status).toBe(201);
      expect((await subscribe()).status).toBe(409);
      const deaf = url;
      url = 'http://localhost:9/nobody';
      const refused = await subscribe(tenant.info.users[1]?.driveId);
      url = deaf;
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: { code: 'ValidationError' } });
    });
  });
});
