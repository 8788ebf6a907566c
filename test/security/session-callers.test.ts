import { type ApiStage, createApiStage } from '../support/api-stage.ts';
import { asProgram, signInProgram } from '../support/programs.ts';

describe('a person in the console as a caller', () => {
  let stage: ApiStage;
  beforeAll(async () => {
    stage = await createApiStage();
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  const grant = { connection: '*@contoso.example', delivery: ['token'], scopes: ['.default'] };

  async function signedIn(upn: string) {
    const { browser } = await stage.signIn(stage.person(upn));
    const reply = await browser.fetch(`${stage.site.url}/api/session`);
    const { csrf, connectionId } = (await reply.json()) as { csrf: string; connectionId: string };
    const token = async (id = connectionId, body: unknown = {}, headers: Record<string, string> = {}) => {
      const answer = await browser.fetch(`${stage.site.url}/api/connections/${id}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf-token': csrf, ...headers },
        body: JSON.stringify(body),
      });
      return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) };
    };
    return { browser, id: connectionId, token };
  }

  /** Policies of this test alone. */
  async function policy(caller: object, more: object = {}) {
    const domain = stage.person('emma.larsen').upn.split('@')[1];
    const made = await stage.put('people', {
      caller: { kind: 'session', ...caller },
      grant: { ...grant, connection: `*@${domain}`, ...more },
    });
    stage.time.offset += 5_000;
    return made;
  }

  it('gets a token of their own connection where a policy says so, and it is on record as theirs', async () => {
    const emma = await signedIn('emma.larsen');
    expect(await emma.token()).toMatchObject({ status: 403, body: { error: { code: 'policy_denied' } } });
    expect((await policy({})).status).toBe(201);
    const answer = await emma.token();
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    const me = await fetch(`${stage.config.graphUrl}/v1.0/me`, {
      headers: { authorization: `Bearer ${answer.body.access_token}` },
    });
    expect(await me.json()).toMatchObject({ userPrincipalName: stage.person('emma.larsen').upn });
    const { events } = await stage.broker.audit.list({ limit: 5 });
    expect(events[0]).toMatchObject({
      action: 'token.issue',
      outcome: 'granted',
      actor: { kind: 'person', objectId: stage.person('emma.larsen').id },
      policy: { name: 'people' },
    });
  });

  it('[25] gets none of another’s connection, an administrator neither, whatever the policy names', async () => {
    await policy({});
    const emma = await signedIn('emma.larsen');
    const admin = await signedIn('admin');
    for (const [who, id] of [
      [emma, admin.id],
      [admin, emma.id],
      [admin, stage.person('emma.larsen').upn],
      [admin, 'contoso'],
      [emma, `con_${'a'.repeat(20)}`],
    ] as const) {
      expect(await who.token(id)).toMatchObject({ status: 403, body: { error: { code: 'policy_denied' } } });
    }
    await policy({}, { connection: ['contoso', emma.id] });
    expect((await admin.token('contoso')).status).toBe(403);
    expect((await admin.token(emma.id)).status).toBe(403);
    expect((await emma.token()).status).toBe(200);
  });

  it('[25] loses what was connected as theirs when the person of the account signs in', async () => {
    const david = stage.person('david.okafor');
    const bruno = await signedIn('bruno.keller');
    const { connections } = stage.broker;
    const account = {
      tenantId: stage.info.tenantId,
      objectId: david.id,
      homeAccountId: `${david.id}.${stage.info.tenantId}`,
      username: david.upn,
      displayName: david.displayName,
      scopes: ['User.Read'],
    };
    const connectFor = stage.person('bruno.keller').id;
    const { id } = await connections.saveUser({ ...account, connectFor });
    const path = `${stage.site.url}/api/connections/${id}`;
    expect((await bruno.browser.fetch(path)).status).toBe(200);
    expect((await signedIn('david.okafor')).id).toBe(id);
    expect((await bruno.browser.fetch(path)).status).toBe(404);
    await policy({});
    expect((await bruno.token(id)).status).toBe(403);
    await expect(connections.saveUser({ ...account, connectFor })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('is let through by name where the policy names people', async () => {
    await policy({ people: [stage.person('emma.larsen').id.toUpperCase()] });
    expect((await (await signedIn('emma.larsen')).token()).status).toBe(200);
    expect((await (await signedIn('chiara.rossi')).token()).status).toBe(403);
  });

  it('needs the session and its CSRF token, or a policy that lets in programs too', async () => {
    await policy({});
    const emma = await signedIn('emma.larsen');
    expect((await emma.token(emma.id, {}, { 'x-csrf-token': 'x' })).status).toBe(403);
    expect((await emma.token(emma.id, {}, { origin: 'https://evil.example' })).status).toBe(403);
    const { body } = await signInProgram(stage, emma.browser);
    const path = `/api/connections/${emma.id}/token`;
    const byProgram = async () => asProgram(stage, body.access_token, path, { method: 'POST' });
    expect((await byProgram()).status).toBe(403);
    await policy({ programs: true });
    expect((await byProgram()).status).toBe(200);
    expect((await fetch(stage.site.url + path, { method: 'POST' })).status).toBe(401);
  });

  it('[26] is refused what the policy does not grant, and what it does not know', async () => {
    await policy({}, { maxTtlSeconds: 60 });
    const emma = await signedIn('emma.larsen');
    expect((await emma.token(emma.id, { min_ttl: 61 })).status).toBe(400);
    expect((await emma.token(emma.id, { audience: 'contoso' })).status).toBe(400);
    expect((await emma.token(emma.id, { resource: 'https://vault.azure.net' })).body.error.code).toBe(
      'invalid_target',
    );
    await policy({}, { scopes: ['User.Read'] });
    expect((await emma.token(emma.id, { scope: 'Files.Read' })).body.error.code).toBe('invalid_scope');
  });

  it('is explained like other callers, and a policy for the proxy is refused', async () => {
    await policy({});
    const emma = await signedIn('emma.larsen');
    const explain = async (objectId: string) =>
      (
        await stage.call(stage.app.http.explain, {
          method: 'POST',
          body: { caller: { kind: 'session', objectId }, audience: emma.id },
        })
      ).body;
    expect(await explain(stage.person('emma.larsen').id)).toMatchObject({
      outcome: 'granted',
      policy: 'people',
    });
    const refused = await explain(stage.person('admin').id);
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'no_policy' });
    expect(JSON.stringify(refused.policies)).toContain('own connection');
    for (const delivery of [['proxy'], ['identity'], ['token', 'identity']]) {
      expect((await policy({}, { delivery })).status).toBe(400);
    }
    expect((await policy({ people: ['emma'] })).status).toBe(400);
    expect((await policy({ role: 'x' })).status).toBe(400);
  });
});
