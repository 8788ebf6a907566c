import { type ApiStage, createApiStage } from '../support/api-stage.ts';
import {
  asProgram,
  cliId,
  postForm,
  postToken,
  type SignedInBrowser,
  signInProgram,
} from '../support/programs.ts';

describe('tokens of the broker’s own, for people’s own programs', () => {
  let stage: ApiStage;
  let emma: SignedInBrowser;
  beforeAll(async () => {
    stage = await createApiStage();
    emma = (await stage.signIn(stage.person('emma.larsen'))).browser;
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  const refresh = (token: string | undefined) =>
    postToken(stage, { grant_type: 'refresh_token', refresh_token: token ?? '' });
  const session = async (token: string | undefined) => asProgram(stage, token, '/api/session');
  describe('tokens of one’s own', () => {
    it('are renewed by a refresh token that is good once; used again, it ends all that came of it', async () => {
      const { body: first } = await signInProgram(stage, emma);
      const { body: second } = await refresh(first.refresh_token);
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect((await session(second.access_token)).status).toBe(200);
      const reused = await refresh(first.refresh_token);
      expect(reused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect((await session(second.access_token)).status).toBe(401);
      expect((await refresh(second.refresh_token)).body.error).toBe('invalid_grant');
      expect(stage.lines).toContainEqual(expect.objectContaining({ event: 'refresh_token_reused' }));
      const { events } = await stage.broker.audit.list({ limit: 50, outcome: 'refused' });
      expect(events).toContainEqual(expect.objectContaining({ reason: 'refresh_token_reused' }));
    });

    it('[4] are given to one of 10 that use a refresh token at the same time, and end then', async () => {
      const { body } = await signInProgram(stage, emma);
      const ends = await Promise.all(Array.from({ length: 10 }, () => refresh(body.refresh_token)));
      const won = ends.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      expect((await session(won[0]?.body.access_token)).status).toBe(401);
    });

    it('end after an hour, a month without use, and three months at the latest', async () => {
      const day = 24 * 3600_000;
      const { body: idle } = await signInProgram(stage, emma);
      stage.time.offset = 3600_000 + 1_000;
      expect((await session(idle.access_token)).status).toBe(401);
      stage.time.offset = 31 * day;
      expect((await refresh(idle.refresh_token)).body.error).toBe('invalid_grant');
      stage.time.offset = 0;
      let { body: used } = await signInProgram(stage, emma);
      for (let age = 25; age <= 75; age += 25) {
        stage.time.offset = age * day;
        ({ body: used } = await refresh(used.refresh_token));
      }
      expect(used.access_token).toMatch(/^gva_/);
      stage.time.offset = 91 * day;
      expect((await refresh(used.refresh_token)).body.error).toBe('invalid_grant');
    });

    it('end on every instance when either is revoked; revoking what is unknown is no error', async () => {
      const other = stage.instance();
      for (const kind of ['access_token', 'refresh_token'] as const) {
        const { body } = await signInProgram(stage, emma);
        const token = body[kind] ?? '';
        expect((await postForm(stage, '/oauth2/revoke', { client_id: cliId, token })).status).toBe(200);
        expect(await other.broker.authorization.tokens.find(body.access_token ?? '')).toBeUndefined();
        expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
      }
      const unknown = await postForm(stage, '/oauth2/revoke', { client_id: cliId, token: 'x' });
      expect(unknown.status).toBe(200);
      const nobody = await postForm(stage, '/oauth2/revoke', { client_id: 'nobody', token: 'x' });
      expect(nobody.body.error).toBe('invalid_client');
    });

    it('[48] end with the connection of their person', async () => {
      const { browser } = await stage.signIn(stage.person('farid.haddad'));
      const { body } = await signInProgram(stage, browser);
      const found = await stage.broker.connections.get(stage.person('farid.haddad').upn.toLowerCase());
      await stage.broker.connections.setHealth(found?.id ?? '', 'needs_sign_in');
      expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
      const again = await signInProgram(stage, (await stage.signIn(stage.person('farid.haddad'))).browser);
      await stage.broker.accounts.remove(found?.id ?? '');
      expect((await session(again.body.access_token)).status).toBe(401);
    });

    it('[28] are stored as hashes, in rows that are encrypted', async () => {
      const { body } = await signInProgram(stage, emma);
      const dump: string[] = [];
      for (const name of ['grants', 'flows'] as const) {
        const { z } = await import('zod');
        const table = stage.storage.sealedTable({ name, schema: z.unknown() });
        for await (const row of table.list()) dump.push(JSON.stringify(row));
      }
      expect(dump.length).toBeGreaterThan(0);
      expect(dump.join()).not.toContain(body.access_token);
      expect(dump.join()).not.toContain(body.refresh_token);
      expect(dump.join()).not.toMatch(/gv[ardc]_[a-z2-7]{20}_/);
    });

    it('[15] appear in no log, audit row or address', async () => {
      const { body } = await signInProgram(stage, emma);
      await refresh(body.refresh_token);
      await refresh(body.refresh_token);
      const { events } = await stage.broker.audit.list({ limit: 500 });
      expect(JSON.stringify([events, stage.lines])).not.toMatch(/gv[ardc]_[a-z2-7]{20}_/);
      const inAddress = await fetch(`${stage.site.url}/oauth2/token?refresh_token=x`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id: cliId }),
      });
      expect(inAddress.status).toBe(400);
    });

    it('[18] a wrong, another’s or a doubled Authorization header opens nothing, even beside a session', async () => {
      const { body } = await signInProgram(stage, emma);
      for (const authorization of [
        'Bearer gva_aaaaaaaaaaaaaaaaaaaa_0000000000000000000000000000000000000000000',
        `Bearer ${body.refresh_token}`,
        `Bearer ${body.access_token}, Bearer ${body.access_token}`,
        `Basic ${body.access_token}`,
        'Bearer',
      ]) {
        const answer = await emma.fetch(`${stage.site.url}/api/session`, { headers: { authorization } });
        expect(answer.status).toBe(401);
      }
    });

    it('have a scope of their own and no other', async () => {
      const { body } = await signInProgram(stage, emma);
      const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token ?? '' };
      expect((await postToken(stage, { ...form, scope: 'Files.Read' })).body.error).toBe('invalid_scope');
      expect((await postToken(stage, { ...form, client_secret: 'x' })).body.error).toBe('invalid_client');
      expect((await postToken(stage, { ...form, scope: 'api' })).status).toBe(200);
    });
  });

  it('[17] sends no CORS headers', async () => {
    const { body } = await signInProgram(stage, emma);
    const answers = [
      await fetch(`${stage.site.url}/oauth2/token`, {
        method: 'POST',
        headers: { origin: 'https://evil.example' },
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: body.refresh_token ?? '',
          client_id: cliId,
        }),
      }),
      await fetch(`${stage.site.url}/device`, { headers: { origin: 'https://evil.example' } }),
    ];
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});
