import { startTestTenant, type TestTenant } from '../../../support/tenant.ts';

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { readonly error?: { readonly code: string } };
}

describe('Graph at the local tenant', () => {
  let tenant: TestTenant;
  let base: string;
  beforeAll(async () => {
    tenant = await startTestTenant();
    base = `/drives/${tenant.info.siteDriveId}`;
  }, 30_000);
  afterAll(() => tenant?.stop());

  async function call(
    method: string,
    at: string,
    sent?: unknown,
    more: Record<string, string> = {},
  ): Promise<Told> {
    const text = typeof sent === 'string';
    const answer = await tenant.graph(at, {
      method,
      redirect: 'manual',
      headers: { ...(sent === undefined || text ? {} : { 'content-type': 'application/json' }), ...more },
      ...(sent === undefined ? {} : { body: text ? sent : JSON.stringify(sent) }),
    });
    const read = await answer.text();
    const body = read.startsWith('{') ? (JSON.parse(read) as Told['body']) : {};
    return { status: answer.status, headers: answer.headers, body };
  }
  const put = async (name: string, text: string) =>
    (await call('PUT', `${base}/root:/${name}:/content`, text)).body as {
      id: string;
      eTag: string;
      cTag: string;
    };

  it('says which data centre answered, and echoes the client’s request id', async () => {
    const { headers } = await call('GET', base, undefined, { 'client-request-id': 'mine' });
    expect(headers.get('client-request-id')).toBe('mine');
    expect(JSON.parse(headers.get('x-ms-ags-diagnostic') ?? '')).toHaveProperty('ServerInfo');
  });

  it('gives former versions their own bytes, and keeps the current one to itself', async () => {
    const { id } = await put('versions.txt', 'first');
    await put('versions.txt', 'second');
    const former = await call('GET', `${base}/items/${id}/versions/1.0/content`);
    expect(former.status).toBe(302);
    expect(await (await fetch(former.headers.get('location') ?? '')).text()).toBe('first');
    expect((await call('GET', `${base}/items/${id}/versions/2.0/content`)).status).toBe(400);
    expect((await call('DELETE', `${base}/items/${id}/versions/2.0`)).status).toBe(400);
    expect((await call('DELETE', `${base}/items/${id}/versions/1.0`)).status).toBe(204);
    expect((await call('GET', `${base}/items/${id}/versions/1.0`)).status).toBe(404);
  });

  it('answers 304 to who has the content already', async () => {
    const { id, cTag } = await put('known.txt', 'known');
    expect(
      (await call('GET', `${base}/items/${id}/content`, undefined, { 'if-none-match': cTag })).status,
    ).toBe(304);
  });

  it('moves by the path of the destination', async () => {
    await call('POST', `${base}/root/children`, { name: 'There', folder: {} });
    const { id } = await put('mover.txt', 'm');
    const path = `/drives/${tenant.info.siteDriveId}/root:/There`;
    const moved = await call('PATCH', `${base}/items/${id}`, { parentReference: { path } });
    expect(moved.body.parentReference).toMatchObject({ name: 'There', path });
  });

  it('lets a taken name be rescued from the upload session that holds the bytes', async () => {
    await put('taken.bin', 'old');
    const begun = await call('POST', `${base}/root:/free.bin:/createUploadSession`, {
      item: { '@microsoft.graph.conflictBehavior': 'fail' },
    });
    const uploadUrl = String(begun.body.uploadUrl);
    const fragment = (range: string, body: string) =>
      fetch(uploadUrl, { method: 'PUT', headers: { 'content-range': range }, body });
    await put('free.bin', 'came between');
    expect((await fragment('bytes 0-3/4', 'ours')).status).toBe(409);
    const rescued = await call('PUT', `${base}/root`, {
      name: 'rescued.bin',
      '@microsoft.graph.sourceUrl': uploadUrl,
    });
    expect(rescued.body).toMatchObject({ name: 'rescued.bin', size: 4 });
    expect((await fetch(uploadUrl)).status).toBe(404);
  });

  it('keeps a taken name from an upload session without behaviour, unless it sends times as rclone does', async () => {
    await put('session.txt', 'old');
    const end = async (item: object) => {
      const begun = await call('POST', `${base}/root:/session.txt:/createUploadSession`, { item });
      const headers = { 'content-range': 'bytes 0-2/3' };
      return fetch(String(begun.body.uploadUrl), { method: 'PUT', headers, body: 'new' });
    };
    expect((await end({})).status).toBe(409);
    const fileSystemInfo = { lastModifiedDateTime: '2026-01-01T00:00:00Z' };
    expect((await end({ fileSystemInfo })).status).toBe(200);
  });

  it('refuses a total that changes between fragments with 416', async () => {
    const begun = await call('POST', `${base}/root:/two.bin:/createUploadSession`, {});
    const send = (range: string, length: number) =>
      fetch(String(begun.body.uploadUrl), {
        method: 'PUT',
        headers: { 'content-range': range },
        body: Buffer.alloc(length),
      });
    expect((await send('bytes 0-327679/327690', 327_680)).status).toBe(202);
    const answer = await send('bytes 327680-327690/327691', 11);
    expect(answer.status).toBe(416);
    expect(JSON.stringify(await answer.json())).toContain('fragmentLengthMismatch');
  });

  it('restores on a business drive only by the switch', async () => {
    const { id } = await put('gone.txt', 'g');
    await call('DELETE', `${base}/items/${id}`);
    expect((await call('POST', `${base}/items/${id}/restore`, {})).status).toBe(404);
    await tenant.control('PATCH', '/control/graph', { restoreOnBusiness: 'allow' });
    expect((await call('POST', `${base}/items/${id}/restore`, {})).body).toMatchObject({
      id,
      name: 'gone.txt',
    });
    await tenant.control('PATCH', '/control/graph', { restoreOnBusiness: 'refuse' });
  });

  it('invites whom it knows and says whom it does not', async () => {
    const { id } = await put('shared.txt', 's');
    const recipients = [
      { email: tenant.info.users[1]?.upn },
      { objectId: '00000000-0000-0000-0000-000000000000' },
    ];
    const told = await call('POST', `${base}/items/${id}/invite`, { recipients, roles: ['read'] });
    expect(told.status).toBe(207);
    expect(told.body.value).toMatchObject([{ roles: ['read'] }, { error: { code: 'invalidRequest' } }]);
  });

  it('shows the site’s groups as inherited, and refuses to end them at the file', async () => {
    const { id } = await put('inherits.txt', 'i');
    const { body } = await call('GET', `${base}/items/${id}/permissions`);
    const groups = (body.value as { id: string; roles: string[]; inheritedFrom?: object }[]).filter(
      (one) => one.inheritedFrom,
    );
    expect(groups.map((one) => one.roles[0])).toEqual(['owner', 'write', 'read']);
    expect((await call('DELETE', `${base}/items/${id}/permissions/${groups[0]?.id}`)).status).toBe(403);
  });

  it('finds an item by its own address', async () => {
    const { id, webUrl } = (await put('address.txt', 'a')) as unknown as { id: string; webUrl: string };
    const share = `u!${Buffer.from(webUrl).toString('base64url')}`;
    expect((await call('GET', `/shares/${share}/driveItem`)).body.id).toBe(id);
  });

  it('reads and writes the columns of a row by its number', async () => {
    const lists = await call('GET', `/sites/${tenant.info.siteId}/lists`);
    const [list] = lists.body.value as { id: string }[];
    const at = `/sites/${tenant.info.siteId}/lists/${list?.id}`;
    const rows = await call('GET', `${at}/items?$expand=fields&$top=1`);
    const [row] = rows.body.value as { id: string }[];
    await call('PATCH', `${at}/items/${row?.id}/fields`, { Title: 'By number' });
    expect((await call('GET', `${at}/items/${row?.id}?$expand=fields`)).body.fields).toMatchObject({
      Title: 'By number',
    });
    expect((await call('GET', `${at}/columns`)).status).toBe(200);
  });

  it('asks for the header and the count before an advanced query of the directory', async () => {
    const eventual = { ConsistencyLevel: 'eventual' };
    const at = "/users?$filter=endsWith(mail,'contoso.example')";
    expect((await call('GET', at)).body.error?.code).toBe('Request_UnsupportedQuery');
    expect((await call('GET', at, undefined, eventual)).status).toBe(400);
    const found = await call('GET', `${at}&$count=true`, undefined, eventual);
    expect(found.body['@odata.count']).toBeGreaterThan(3);
    const farid = await call('GET', '/users?$search="displayName:Fari"&$count=true', undefined, eventual);
    expect(farid.body.value).toHaveLength(1);
    expect((await call('GET', '/users?$top=1000')).status).toBe(400);
  });

  it('reads the third spelling of a delta token, and prices an enumeration double', async () => {
    const spent = async () => {
      const { value } = (await tenant.control('GET', '/control/ledger')) as { value: { spent: number }[] };
      return value.reduce((sum, one) => sum + one.spent, 0);
    };
    const before = await spent();
    expect((await call('GET', `${base}/root/delta?(token='latest')`)).body.value).toEqual([]);
    expect((await spent()) - before).toBe(1);
    await call('GET', `${base}/root/delta`);
    expect((await spent()) - before).toBe(3);
  });

  it('gives paths to the feed only when the root is asked by its id, as the onedrive client does', async () => {
    const { id } = (await call('GET', `${base}/root`)).body;
    const pathsOf = ({ body }: Told) =>
      (body.value as { root?: object; parentReference: { path?: string } }[])
        .filter((row) => !row.root)
        .map((row) => row.parentReference.path);
    expect(new Set(pathsOf(await call('GET', `${base}/root/delta`)))).toEqual(new Set([undefined]));
    const told = await call('GET', `${base}/items/${id}/delta?$top=20`);
    expect(pathsOf(told)).toContain(`/drives/${tenant.info.siteDriveId}/root:`);
    expect(told.body['@odata.nextLink']).toContain(`/items/${id}/delta?`);
  });

  it('filters children by their kind and by nothing else', async () => {
    const told = await call('GET', `${base}/root/children?$filter=folder ne null`);
    const kinds = (told.body.value as { folder?: object }[]).map((one) => one.folder !== undefined);
    expect(new Set(kinds)).toEqual(new Set([true]));
    expect((await call('GET', `${base}/root/children?$filter=name eq 'x'`)).status).toBe(400);
  });

  it('knows the root site by its host alone, and counts calls under the names of documentation', async () => {
    expect((await call('GET', '/sites/contoso.sharepoint.com:/')).body).toMatchObject({ root: {} });
    const { counts } = (await tenant.control('GET', '/control/calls')) as { counts: { graph: object } };
    expect(counts.graph).toHaveProperty('GET /{drive}/{item}/children');
  });

  it('opens a site to an app with Sites.Selected when the site was granted, and no sooner', async () => {
    const apps = await call('GET', "/applications?$filter=displayName eq 'Legacy Sync'");
    const [{ appId }] = apps.body.value as [{ appId: string }];
    const made = await tenant.control('POST', `/control/applications/${appId}/secrets`, {});
    const tokenOf = async (client: Record<string, string>) => {
      const scope = 'https://graph.microsoft.com/.default';
      return String(
        (await tenant.token({ grant_type: 'client_credentials', scope, ...client })).body.access_token,
      );
    };
    const other = { client_id: appId, client_secret: String(made.secretText) };
    const grantTo = (token: string) =>
      fetch(`${tenant.info.graphUrl}/v1.0/sites/${tenant.info.siteId}/permissions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ roles: ['read'], grantedTo: { application: { id: appId } } }),
      });
    const read = async (token: string, init: RequestInit = {}) =>
      (
        await fetch(`${tenant.info.graphUrl}/v1.0${base}/root/children`, {
          ...init,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        })
      ).status;
    await tenant.control('PUT', `/control/applications/${appId}/roles`, { roles: ['Sites.Selected'] });
    const selected = await tokenOf(other);
    expect([await read(selected), (await grantTo(selected)).status]).toEqual([403, 403]);
    await tenant.control('PUT', `/control/applications/${appId}/roles`, { roles: ['Sites.FullControl.All'] });
    expect((await grantTo(await tokenOf(other))).status).toBe(201);
    expect(await read(selected)).toBe(200);
    expect(await read(selected, { method: 'POST', body: '{"name":"no","folder":{}}' })).toBe(403);
  });

  it('copies what a folder holds without the folder', async () => {
    await put('Holder/inside.txt', 'x');
    const { id } = (await call('GET', `${base}/root:/Holder`)).body;
    const target = (await call('POST', `${base}/root/children`, { name: 'Target', folder: {} })).body;
    const parentReference = { driveId: tenant.info.siteDriveId, id: target.id };
    const told = await call('POST', `${base}/items/${id}/copy`, { parentReference, childrenOnly: true });
    expect(told.status).toBe(202);
    expect((await call('GET', `${base}/root:/Target/inside.txt`)).status).toBe(200);
  });
});
