import { type ApiStage, basic, createApiStage, type Loose } from '../../support/api-stage.ts';
import { createGraphCaller, type GraphCaller } from '../../support/graph-caller.ts';
import { claimShapes } from '../../support/oidc-issuer.ts';

describe('the proxy of Graph', () => {
  let stage: ApiStage;
  let caller: GraphCaller;
  const proxy = [
    { methods: ['GET'], path: '/me' },
    { methods: ['GET'], path: '/me/drive/**', expand: true },
    { methods: ['GET'], path: '/drives/**' },
    { methods: ['PUT', 'POST', 'PATCH', 'DELETE'], path: '/me/drive/root:/Public/**' },
  ];
  const grantOf = (more: object = {}) => ({
    connection: caller.alias,
    delivery: ['proxy'],
    scopes: ['.default'],
    proxy,
    ...more,
  });
  beforeAll(async () => {
    stage = await createApiStage();
    caller = await createGraphCaller(stage);
    await stage.put('script', { caller: { kind: 'api_key', id: caller.script.id }, grant: grantOf() });
  }, 60_000);
  afterAll(() => stage.stop());
  beforeEach(async () => {
    stage.time.offset += 60_000;
    caller.outgoing.splice(0);
  });

  const events = async (requestId: string | null) =>
    (await stage.broker.audit.list({ limit: 200 })).events.filter((event) => event.requestId === requestId);

  it('serves a caller by Bearer, by Basic and by a token of its issuer', async () => {
    await stage.put('workflow', {
      caller: { kind: 'oidc', issuer: stage.issuer.url, claims: { repository_id: '74' } },
      grant: grantOf(),
    });
    const token = await stage.idToken(claimShapes.gitHubActions);
    const proofs = [{}, basic(caller.script.id, caller.script.key), { authorization: `Bearer ${token}` }];
    for (const headers of proofs) {
      const answer = await caller.raw('/graph/v1.0/me?$select=userPrincipalName', { headers });
      expect([answer.status, answer.body.userPrincipalName]).toEqual([200, stage.person('admin').upn]);
    }
  });

  it('records each call once, with the policy that decided, before Graph is asked', async () => {
    const answer = await caller.raw('/graph/v1.0/me');
    const [event, ...others] = await events(answer.headers.get('x-request-id'));
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      action: 'graph.call',
      outcome: 'granted',
      delivery: 'proxy',
      policy: { name: 'script' },
      request: { method: 'GET', path: '/me' },
      tokenSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const refused = await caller.raw('/graph/v1.0/users');
    expect(refused.status).toBe(403);
    expect(await events(refused.headers.get('x-request-id'))).toMatchObject([
      { outcome: 'refused', reason: 'request_beyond_policy', request: { path: '/users' } },
    ]);
  });

  it("answers its own errors in Graph's shape, and passes Graph's errors on as they are", async () => {
    const refused = await caller.raw('/graph/v1.0/users');
    expect(refused.body.error).toMatchObject({
      code: 'policy_denied',
      message: expect.any(String),
      innerError: { 'request-id': refused.headers.get('x-request-id') },
    });
    const missing = await caller.raw('/graph/v1.0/me/drive/root:/Public/nothing.txt');
    expect([missing.status, missing.body.error?.code]).toEqual([404, 'itemNotFound']);
  });

  it('leads the pages of a list and of a feed back to itself, and they go on', async () => {
    for (const start of [
      '/graph/v1.0/me/drive/root/children?$top=1',
      '/graph/v1.0/me/drive/root/delta?$top=2',
    ]) {
      let next: string | undefined = start;
      const names: string[] = [];
      for (let pages = 0; next !== undefined && pages < 4; pages += 1) {
        const answer = await caller.raw(next);
        expect(answer.status).toBe(200);
        expect(answer.text).not.toContain(stage.urls.graph);
        const { value } = answer.body as unknown as { value: { name: string }[] };
        names.push(...value.map(({ name }) => name));
        const link = String(answer.body['@odata.nextLink'] ?? '');
        expect(link === '' || link.startsWith(`${stage.site.url}/graph/v1.0/`)).toBe(true);
        next = link === '' ? undefined : link.slice(stage.site.url.length);
      }
      expect(new Set(names).size).toBeGreaterThan(2);
    }
  });

  it('lets Graph say when to come back, and says so itself while a pause lasts', async () => {
    await stage.fault({
      listener: 'graph',
      path: '/v1.0/me',
      times: 1,
      // biome-ignore lint/suspicious/noThenProperty: the tenant calls it so
      then: { status: 429, retryAfter: 30 },
    });
    const first = await caller.raw('/graph/v1.0/me');
    const second = await caller.raw('/graph/v1.0/me');
    await stage.control('DELETE', '/faults');
    for (const answer of [first, second]) {
      expect([answer.status, answer.body.error?.code]).toEqual([429, 'throttled']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(20);
    }
    expect(caller.graphCalls()).toHaveLength(1);
  });

  it('asks for a part of the contents where the caller does', async () => {
    await caller.raw('/graph/v1.0/me/drive/root:/Public/range.txt:/content', {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      body: '0123456789',
    });
    const part = await caller.raw('/graph/v1.0/me/drive/root:/Public/range.txt:/content', {
      headers: { range: 'bytes=2-4' },
    });
    expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
  });

  it('writes with the eTag that the caller saw, and says when another was faster', async () => {
    const at = '/graph/v1.0/me/drive/root:/Public/tag.txt';
    const headers = { 'content-type': 'application/json' };
    const made = await caller.raw(`${at}:/content`, {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      body: 'a',
    });
    const wrong = await caller.raw(at, {
      method: 'PATCH',
      headers: { ...headers, 'if-match': '"{0},1"' },
      body: JSON.stringify({ name: 'renamed.txt' }),
    });
    expect(wrong.status).toBe(412);
    const right = await caller.raw(at, {
      method: 'PATCH',
      headers: { ...headers, 'if-match': String(made.body.eTag) },
      body: JSON.stringify({ name: 'renamed.txt' }),
    });
    expect(right.status).toBe(200);
    expect((await caller.raw(at.replace('tag', 'renamed'), { method: 'DELETE' })).status).toBe(204);
  });

  it('leaves addresses that need no token where the rule says so, and beta where it says beta', async () => {
    const open = await stage.caller('open');
    await stage.put('open', {
      caller: { kind: 'api_key', id: open.id },
      grant: grantOf({ proxy: [{ methods: ['GET'], path: '/me/drive/**', downloads: true, beta: true }] }),
    });
    await caller.raw('/graph/v1.0/me/drive/root:/Public/open.txt:/content', {
      method: 'PUT',
      headers: { 'content-type': 'text/plain' },
      body: 'open',
    });
    const headers = basic(open.id, open.key);
    const item = await caller.raw('/graph/v1.0/me/drive/root:/Public/open.txt', { headers });
    const address = String(item.body['@microsoft.graph.downloadUrl']);
    expect(await (await fetch(address)).text()).toBe('open');
    caller.outgoing.splice(0);
    await caller.raw('/graph/beta/me/drive/root', { headers });
    expect(caller.graphCalls().map(({ url }) => url.pathname)).toEqual(['/beta/me/drive/root']);
    expect((await caller.raw('/graph/v1.0/me/drive/root?$expand=children', { headers })).status).toBe(403);
  });

  it('needs the connection named by a caller that may use several', async () => {
    const two = await stage.caller('two');
    const grant = grantOf({ connection: [caller.alias, 'contoso'] });
    await stage.put('two', { caller: { kind: 'api_key', id: two.id }, grant });
    const headers = basic(two.id, two.key);
    const unnamed = await caller.raw('/graph/v1.0/me', { headers });
    expect([unnamed.status, unnamed.body.error?.code]).toEqual([400, 'invalid_request']);
    expect(unnamed.text).toContain('x-valet-connection');
    const named = await caller.raw('/graph/v1.0/me', {
      headers: { ...headers, 'x-valet-connection': caller.alias },
    });
    expect(named.status).toBe(200);
    const foreign = await caller.raw('/graph/v1.0/me', {
      headers: { ...headers, 'x-valet-connection': 'other' },
    });
    expect([foreign.status, foreign.body.error?.code]).toEqual([403, 'policy_denied']);
    const nobody = await stage.caller('nobody');
    const denied = await caller.raw('/graph/v1.0/me', { headers: basic(nobody.id, nobody.key) });
    expect([denied.status, denied.body.error?.code]).toEqual([403, 'policy_denied']);
    expect(await events(denied.headers.get('x-request-id'))).toHaveLength(1);
  });

  describe('a batch', () => {
    const post = (requests: unknown, headers = {}) =>
      caller.raw('/graph/v1.0/$batch', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ requests }),
      });
    const statuses = (body: Loose) =>
      (body.responses as unknown as { id: string; status: number }[]).map(({ id, status }) => [id, status]);

    it('is judged part by part: what is not granted is refused alone', async () => {
      const answer = await post([
        { id: '1', method: 'GET', url: '/me' },
        { id: '2', method: 'GET', url: '/users' },
        { id: '3', method: 'DELETE', url: '/me' },
        { id: '4', method: 'GET', url: 'https://evil.example/me' },
        { id: '5', method: 'GET', url: '/me/drive/../../users' },
        {
          id: '6',
          method: 'POST',
          url: '/$batch',
          body: { requests: [] },
          headers: { 'content-type': 'application/json' },
        },
        {
          id: '7',
          method: 'GET',
          url: 'me/drive/root',
          headers: { Authorization: 'Bearer x', Cookie: 'a=b' },
        },
      ]);
      expect(answer.status).toBe(200);
      expect(statuses(answer.body)).toEqual([
        ['1', 200],
        ['2', 403],
        ['3', 403],
        ['4', 400],
        ['5', 403],
        ['6', 400],
        ['7', 200],
      ]);
      const calls = caller.graphCalls();
      expect(calls.map(({ url }) => url.pathname).sort()).toEqual(['/v1.0/me', '/v1.0/me/drive/root']);
      expect(
        calls.some(({ headers }) => headers.has('cookie') || headers.get('authorization') === 'Bearer x'),
      ).toBe(false);
      expect(await events(answer.headers.get('x-request-id'))).toHaveLength(5);
    });

    it('does not begin what depends on a part that failed', async () => {
      const folder = { name: 'made', folder: {}, '@microsoft.graph.conflictBehavior': 'rename' };
      const json = { 'Content-Type': 'application/json' };
      const answer = await post([
        { id: 'a', method: 'GET', url: '/users' },
        {
          id: 'b',
          method: 'PUT',
          url: '/me/drive/root:/Public/never.txt:/content',
          dependsOn: ['a'],
          headers: { 'content-type': 'text/plain' },
          body: 'eA',
        },
        {
          id: 'c',
          method: 'PUT',
          url: '/me/drive/root:/Public/dep.txt:/content',
          headers: { 'content-type': 'text/plain' },
          body: 'aGVsbG8',
        },
        { id: 'd', method: 'GET', url: '/me/drive/root:/Public/dep.txt:/content', dependsOn: ['c'] },
        {
          id: 'e',
          method: 'POST',
          url: '/me/drive/root:/Public/sub:/children',
          headers: json,
          body: folder,
          dependsOn: ['b'],
        },
      ]);
      expect(statuses(answer.body)).toEqual([
        ['a', 403],
        ['b', 424],
        ['c', 201],
        ['d', 200],
        ['e', 424],
      ]);
      const [, , , d] = answer.body.responses as unknown as { body: string }[];
      expect(Buffer.from(d?.body ?? '', 'base64').toString()).toBe('hello');
      expect(caller.graphCalls().some(({ url }) => url.pathname.includes('never'))).toBe(false);
    });

    it('counts a proof that is good once for all of its parts, and never again', async () => {
      await stage.put('once', {
        caller: { kind: 'oidc', issuer: stage.issuer.url, claims: { repository_id: '75' }, singleUse: true },
        grant: grantOf(),
      });
      const seconds = Math.floor(stage.ports.clock() / 1000);
      const token = await stage.idToken({
        ...claimShapes.gitHubActions,
        repository_id: '75',
        iat: seconds,
        exp: seconds + 600,
      });
      const parts = [
        { id: '1', method: 'GET', url: '/me' },
        { id: '2', method: 'GET', url: '/me' },
      ];
      const headers = { authorization: `Bearer ${token}` };
      const first = await post(parts, headers);
      expect(statuses(first.body)).toEqual([
        ['1', 200],
        ['2', 200],
      ]);
      const again = await post(parts, headers);
      expect(statuses(again.body)).toEqual([
        ['1', 400],
        ['2', 400],
      ]);
    });

    it.each([
      ['no parts', []],
      ['21 parts', Array.from({ length: 21 }, (_, at) => ({ id: String(at), method: 'GET', url: '/me' }))],
      [
        'one id twice',
        [
          { id: 'a', method: 'GET', url: '/me' },
          { id: 'A', method: 'GET', url: '/me' },
        ],
      ],
    ])('of %s is refused', async (_, requests) => {
      const answer = await post(requests);
      expect([answer.status, answer.body.error?.code]).toEqual([400, 'invalid_request']);
    });
  });
});
