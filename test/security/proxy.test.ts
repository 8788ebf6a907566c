import { toAnswer } from '../../src/api/graph-proxy/answer.ts';
import { createServeCall } from '../../src/api/graph-proxy/serve-call.ts';
import { AppError } from '../../src/errors.ts';
import { type ApiStage, createApiStage } from '../support/api-stage.ts';
import { createGraphCaller, type GraphCaller } from '../support/graph-caller.ts';

describe('the proxy of Graph', () => {
  let stage: ApiStage;
  let caller: GraphCaller;
  beforeAll(async () => {
    stage = await createApiStage();
    caller = await createGraphCaller(stage);
    await stage.put('reads-files', {
      caller: { kind: 'api_key', id: caller.script.id },
      grant: {
        connection: caller.alias,
        delivery: ['proxy'],
        scopes: ['.default'],
        proxy: [
          { methods: ['GET'], path: '/me/drive' },
          { methods: ['GET', 'PUT'], path: '/me/drive/root:/Public/**' },
          { methods: ['GET'], path: '/me/drive/root/delta' },
        ],
      },
    });
  }, 60_000);
  afterAll(() => stage.stop());
  beforeEach(() => caller.outgoing.splice(0));

  it('[54] speaks to the Graph of the cloud, whatever Host and its relatives say', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-original-url': '/v1.0/users',
    };
    const answer = await caller.raw('/graph/v1.0/me/drive', { headers });
    expect(answer.status).toBe(200);
    const targets = caller.graphCalls().map(({ url }) => url.href);
    expect(targets).toEqual([`${stage.urls.graph}/v1.0/me/drive`]);
  });

  it.each([
    '/graph/v1.0/me/drive/root:/Public/..%2fSecret/x',
    '/graph/v1.0/me/drive/root:/Public/%252e%252e/Secret',
    '/graph/v1.0/me/drive/root:/Public/%2e%2e/Secret/x',
    '/graph/v1.0/me/drive/root:/Public/../Secret/x',
    '/graph/v1.0/me/drive/root:/Public%2fx',
    '/graph/v1.0/me/drive/root:/Public%5cx',
    '/graph/v1.0/me/drive/root:/Public//x',
    '/graph/v1.0/me/drive/root:/Public/x%00',
    '/graph/v1.0/me/drive/root:/Public/x%3fy',
    '/graph/v1.0/me/drive/root:/Public/x/..:/content',
    '/graph/v1.0//evil.example/me/drive',
    '/graph/v1.0/@evil.example/me/drive',
    '/graph/v1.0/https://evil.example/me/drive',
    '/graph/v1.0/me/drive;@evil.example',
    '/graph/v1.0/ME/drive',
    '/graph/v1.0/me/drive/',
    '/graph/v1.0/../../v1.0/users',
    '/graph/v1.0/users',
    '/graph/beta/me/drive',
    '/graph/v1.0/me/drive?%24expand=root',
    '/graph/v1.0/me/drive?expand=root',
    '/graph/v1.0/me/drive?%20$expand=root',
    '/graph/v1.0/me/drive?$EXPAND%20=root',
    '/graph/v1.0/me/drive/root:/Public/..%20/Secret/x',
    '/graph/v1.0/me/drive/root:/Public/.%20./Secret/x',
    '/graph/v1.0/me/drive/root:/Public/%20/x',
    '/graph/v1.0/me/drive/root:/Public/x:/$query',
    '/graph/v1.0/$metadata',
    '/graph/v1.0/$entity?$id=users/x',
  ])('[54] lets %s through to nobody', async (target) => {
    const answer = await caller.raw(target);
    expect([400, 403, 404]).toContain(answer.status);
    expect(caller.graphCalls()).toEqual([]);
  });

  it('[54] judges each part of a batch, however $batch is spelled', async () => {
    const wide = await stage.caller('posts anything');
    await stage.put('posts-anything', {
      caller: { kind: 'api_key', id: wide.id },
      grant: {
        connection: caller.alias,
        delivery: ['proxy'],
        scopes: ['.default'],
        proxy: [{ methods: ['POST'], path: '/**' }],
      },
    });
    stage.time.offset += 6_000;
    const parts = { requests: [{ id: '1', method: 'DELETE', url: '/me/drive/root:/Public/x' }] };
    const nested = {
      id: '1',
      method: 'POST',
      url: '/%24batch',
      headers: { 'content-type': 'application/json' },
    };
    for (const [target, body] of [
      ['/graph/v1.0/$batch', parts],
      ['/graph/v1.0/$BATCH', parts],
      ['/graph/v1.0/%24batch', parts],
      ['/graph/v1.0/%24%62atch', parts],
      ['/graph/v1.0/$batch', { requests: [{ ...nested, body: parts }] }],
    ] as const) {
      const answer = await caller.raw(target, {
        method: 'POST',
        headers: { authorization: `Bearer ${wide.id}.${wide.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const responses = (answer.body.responses ?? [answer]) as unknown as { status: number }[];
      expect(responses.map(({ status }) => [400, 403].includes(status))).toEqual([true]);
    }
    expect(caller.graphCalls()).toEqual([]);
  });

  it('[54] sends Graph none of the credentials, cookies and forwarding headers of the caller', async () => {
    await caller.raw('/graph/v1.0/me/drive', {
      headers: {
        cookie: '__Host-session=stolen',
        'proxy-authorization': 'Basic eDp5',
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-proto': 'http',
        forwarded: 'for=10.0.0.1',
        te: 'trailers',
        'x-http-method-override': 'DELETE',
        'x-identity-header': caller.secret,
        'x-valet-connection': caller.alias,
        origin: 'https://evil.example',
        prefer: 'respond-async',
      },
    });
    const [call] = caller.graphCalls();
    const names = [...(call?.headers.keys() ?? [])].sort();
    expect(names).toEqual(['accept', 'authorization', 'client-request-id', 'prefer', 'user-agent']);
    expect(call?.headers.get('authorization')).toMatch(/^Bearer eyJ/);
    expect(call?.headers.get('authorization')).not.toContain(caller.script.key);
  });

  it('[54] neither follows nor passes on a redirect of Graph that is no address of contents', async () => {
    await stage.fault({
      listener: 'graph',
      path: '/v1.0/me/drive/root:/Public/**',
      times: 1,
      // biome-ignore lint/suspicious/noThenProperty: the tenant calls it so
      then: { status: 307, headers: { location: 'https://evil.example/steal' } },
    });
    const answer = await caller.raw('/graph/v1.0/me/drive/root:/Public/x.txt:/content', {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    });
    await stage.control('DELETE', '/faults');
    expect(answer.status).toBe(502);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.text).not.toContain('evil.example');
    expect(caller.outgoing.some(({ url }) => url.hostname === 'evil.example')).toBe(false);
  });

  it('[54] reads the contents behind a redirect itself, without the token, and keeps their address', async () => {
    const put = await caller.raw('/graph/v1.0/me/drive/root:/Public/note.txt:/content', {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      body: 'the contents',
    });
    expect(put.status).toBe(201);
    caller.outgoing.splice(0);
    const answer = await caller.raw('/graph/v1.0/me/drive/root:/Public/note.txt:/content');
    expect([answer.status, answer.text, answer.headers.get('location')]).toEqual([200, 'the contents', null]);
    const [, contents] = caller.graphCalls();
    expect(contents?.url.origin).toBe(stage.urls.files);
    expect(contents?.headers.get('authorization')).toBeNull();
    expect(answer.headers.get('content-disposition')).toBe('attachment');
  });

  it('[33] gives no address that works without a token, and none of the tokens', async () => {
    const item = await caller.raw('/graph/v1.0/me/drive/root:/Public/note.txt');
    expect(item.body.name).toBe('note.txt');
    expect(item.text).not.toMatch(/downloadUrl|tempauth|eyJ/);
    const session = await caller.raw('/graph/v1.0/me/drive/root:/Public/big.bin:/createUploadSession', {
      method: 'POST',
    });
    expect(session.status).toBe(403);
    for (const answer of [item, session]) {
      expect([...answer.headers].join('\n')).not.toMatch(/eyJ|set-cookie|tempauth/i);
    }
  });

  it('[57] asks Graph nothing while the record can’t be written', async () => {
    const forwarded: unknown[] = [];
    const { grantAccess, getToken } = stage.broker;
    const calls = createServeCall({
      grantAccess,
      getToken,
      audit: { record: () => Promise.reject(new AppError('storage_unavailable', 'away')) },
      forward: async (...call) => {
        forwarded.push(call);
        throw new Error('Graph was asked');
      },
      appId: stage.config.entra.clientId,
      graphUrl: stage.config.graphUrl,
      publicUrl: stage.site.url,
    });
    const asker = {
      requestId: 'r',
      caller: { kind: 'api_key', id: caller.script.id, name: 'x' },
      audience: caller.alias,
    } as const;
    const call = { method: 'GET', version: 'v1.0', address: '/me/drive', headers: {} } as const;
    const admitted = await calls.admit(asker, call);
    await expect(calls.serve(admitted)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(forwarded).toEqual([]);
  });

  it('[33] takes out addresses that hold a token in another address, and those of a preview', () => {
    const body = {
      id: '1',
      thumbnails: [{ small: { url: 'https://m.example/thumb?docid=https%3A%2F%2Fx%3Ftempauth%3Dsecret' } }],
      getUrl: 'https://embed.example/secret',
      postParameters: 'access_token=secret',
      '@odata.nextLink': `${stage.urls.graph}/v1.0/me/drive/root/children?$skiptoken=next`,
    };
    const answer = toAnswer(
      {
        status: 200,
        headers: new Headers({ 'content-type': 'application/json' }),
        bytes: new Uint8Array(Buffer.from(JSON.stringify(body))),
        contents: false,
      },
      { graphUrl: stage.urls.graph, publicUrl: stage.site.url, addresses: false },
    );
    expect(JSON.parse(String(answer.body))).toEqual({
      id: '1',
      thumbnails: [{ small: {} }],
      '@odata.nextLink': `${stage.site.url}/graph/v1.0/me/drive/root/children?$skiptoken=next`,
    });
  });

  it('[55] believes no header but Authorization, whatever it is called', async () => {
    const proof = `Bearer ${caller.secret}`;
    const tricks: Record<string, string>[] = [
      { authorization: '' },
      { authorization: '', x_authorization: proof, 'x-forwarded-authorization': proof },
      {
        authorization: '',
        'x-ms-client-principal': 'eyJ1c2VySWQiOiJhZG1pbiJ9',
        'x-auth-request-user': 'admin',
      },
      { authorization: '', 'x-functions-key': 'anything', 'user-agent': 'AlwaysOn' },
      {
        authorization: '',
        'user-agent': 'kube-probe/1.30',
        'x-forwarded-uri': '/healthz',
        'x-original-uri': '/healthz',
      },
      { authorization: `${proof}, ${proof}` },
      { authorization: `Bearer ${caller.script.key}` },
      { authorization: `Bearer ${caller.script.id}.${caller.script.key.slice(0, -1)}` },
      { authorization: '', cookie: stage.administratorHeaders.cookie },
    ];
    for (const headers of tricks) {
      for (const path of [
        '/graph/v1.0/me/drive',
        '/identity?api-version=2019-08-01&resource=https://graph.microsoft.com',
      ]) {
        const answer = await caller.raw(path, { headers });
        expect({ headers, status: [400, 401].includes(answer.status) }).toEqual({ headers, status: true });
      }
      if ('cookie' in headers) continue;
      // A caller's key opens nothing of the administration either, whatever it is called.
      for (const path of ['/api/connections', '/api/callers', '/api/people/me/export']) {
        const answer = await caller.raw(path, { headers });
        expect({ headers, path, status: answer.status }).toEqual({ headers, path, status: 401 });
      }
    }
    expect(caller.graphCalls()).toEqual([]);
  });
});
