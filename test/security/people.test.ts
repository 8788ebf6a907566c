import { createErasures } from '../../src/broker/people/erasures.ts';
import { withoutPerson } from '../../src/broker/people/without-person.ts';
import { sealedTableNames } from '../../src/storage/sealed-tables.ts';
import { type ApiStage, basic, createApiStage } from '../support/api-stage.ts';
import { type Ask, askJson } from '../support/people.ts';
import { asProgram, signInProgram } from '../support/programs.ts';

describe('what is held about a person', () => {
  let stage: ApiStage;
  let admin: Ask;
  beforeAll(async () => {
    stage = await createApiStage();
    admin = (method, path, body) => askJson(stage.site.url + path, method, stage.administratorHeaders, body);
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.heal());

  /** A person with a session, a program, a caller that has had a token of theirs, and a job that acts as them. */
  async function present(upn: string) {
    const person = stage.person(upn);
    const { browser } = await stage.signIn(person);
    const reply = await browser.fetch(`${stage.site.url}/api/session`);
    const session = (await reply.json()) as { csrf: string; connectionId: string };
    const cookie = Object.entries(browser.cookies(stage.site.url))
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    const headers = { cookie, 'x-csrf-token': session.csrf };
    const ask: Ask = (method, path, body) => askJson(stage.site.url + path, method, headers, body);
    const program = (await signInProgram(stage, browser)).body;
    const made = await stage.broker.callers.create({
      name: `export of ${person.upn}`,
      createdBy: person.id,
      expiresInDays: 30,
    });
    const alias = person.upn.toLowerCase();
    const policy = `for-${upn.replace('.', '-')}`;
    await stage.put(policy, {
      caller: { kind: 'api_key', id: made.caller.id },
      grant: { connection: alias, delivery: ['token'], scopes: ['.default'] },
    });
    stage.time.offset += 5_000;
    const token = async () =>
      stage.token({ grant_type: 'client_credentials', audience: alias }, basic(made.caller.id, made.key));
    const answer = await token();
    if (answer.status !== 200) throw new Error(`no token: ${JSON.stringify(answer.body)}`);
    return {
      person,
      ask,
      browser,
      program,
      alias,
      policy,
      id: session.connectionId,
      caller: made.caller,
      secrets: [
        made.key,
        String(answer.body.access_token),
        program.access_token,
        program.refresh_token,
        cookie,
      ],
      token,
    };
  }

  /** Every row of every table, opened, as text. */
  async function everything(): Promise<string> {
    const found: string[] = [];
    const open = [
      'connections',
      'callers',
      'policies',
      'leases',
      'jobs',
      'rules',
      'runs',
      'operations',
      'audit',
    ];
    const tables = [
      ...open.map((name) => stage.storage.table({ name, schema: stage.anything })),
      ...sealedTableNames.map((name) => stage.storage.sealedTable({ name, schema: stage.anything })),
    ];
    for (const table of tables) {
      const { name } = table;
      for await (const { partition, row, value } of table.list()) {
        found.push(JSON.stringify([name, partition, row, value]));
      }
    }
    return found.join('\n');
  }

  it('[33] is exported to the person, without a token, key, code or hash', async () => {
    const emma = await present('emma.larsen');
    const answer = await emma.ask('GET', '/api/people/me/export');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('attachment');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({
      objectId: emma.person.id,
      connections: [{ id: emma.id, alias: emma.alias, username: emma.person.upn }],
      tokens: [
        { connectionId: emma.id, refreshToken: true, accessTokens: [{ expiresAt: expect.any(String) }] },
      ],
      programs: [{ clientId: 'graph-valet-cli' }],
      callers: [{ id: emma.caller.id }],
      policies: [{ name: emma.policy }],
      audit: { complete: true },
    });
    expect(answer.body.sessions).toHaveLength(1);
    const events = answer.body.audit?.events as unknown as { action: string; actor: { kind: string } }[];
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['person.export', 'token.issue', 'cli.sign_in']),
    );
    for (const secret of emma.secrets) expect(answer.text).not.toContain(secret);
    expect(answer.text).not.toMatch(/eyJ|gv[akrdc]_|"hash":"[0-9a-f]{64}","createdAt"/);
    expect(answer.text).not.toContain(emma.caller.keys[0]?.hash);
    const byAdmin = await admin('GET', `/api/people/${emma.person.id.toUpperCase()}/export`);
    expect(byAdmin.body).toMatchObject({ objectId: emma.person.id, connections: [{ id: emma.id }] });
  });

  it('is for the person and administrators: nobody else sees or ends it', async () => {
    const chiara = await present('chiara.rossi');
    const bruno = await present('bruno.keller');
    const path = `/api/people/${chiara.person.id}`;
    expect((await bruno.ask('GET', `${path}/export`)).status).toBe(403);
    expect((await bruno.ask('DELETE', path)).status).toBe(403);
    expect((await bruno.ask('DELETE', `/api/people/me?username=${chiara.person.upn}`)).status).toBe(403);
    expect((await bruno.ask('GET', '/api/people/a%2Fb/export')).status).toBe(400);
    const nobody: Ask = (method, at) => askJson(stage.site.url + at, method, {});
    expect((await nobody('GET', '/api/people/me/export')).status).toBe(401);
    const withoutCsrf = await bruno.browser.fetch(`${stage.site.url}/api/people/me`, { method: 'DELETE' });
    expect(withoutCsrf.status).toBe(403);
    expect((await chiara.token()).status).toBe(200);
    expect((await bruno.ask('GET', '/api/session')).status).toBe(200);
    const own = await bruno.ask('GET', '/api/people/me/export');
    expect(own.text).not.toContain(chiara.person.id);
    expect(own.text).not.toContain(chiara.alias);
  });

  it('[48] is erased: rights and sign-ins end, and what stays names a pseudonym', async () => {
    const emma = await present('emma.larsen');
    const chiara = await present('chiara.rossi');
    await stage.put('people', {
      caller: { kind: 'session', people: [emma.person.id, chiara.person.id] },
      grant: { connection: [emma.alias, chiara.alias], delivery: ['token'], scopes: ['.default'] },
    });
    const job = await stage.call(stage.app.http.jobs.put, {
      method: 'PUT',
      params: { name: 'nightly' },
      body: {
        schedule: { cron: '0 6 * * 1-5', timeZone: 'Europe/London' },
        report: 'file-inventory',
        target: { kind: 'drive', driveId: 'b!x' },
        connection: emma.alias,
      },
    });
    expect(job.status).toBe(201);
    const answer = await emma.ask('DELETE', '/api/people/me');
    expect(answer).toMatchObject({
      status: 200,
      body: {
        connections: 1,
        sessions: expect.any(Number),
        programs: expect.any(Number),
        names: 'replaced',
        left: {
          callers: expect.arrayContaining([emma.caller.id]),
          jobs: ['nightly'],
          policies: expect.arrayContaining([emma.policy, 'people']),
        },
      },
    });
    expect(Number(answer.body.sessions)).toBeGreaterThan(0);
    expect(Number(answer.body.programs)).toBeGreaterThan(0);
    expect((await emma.ask('GET', '/api/session')).status).toBe(401);
    expect((await asProgram(stage, emma.program.access_token, '/api/session')).status).toBe(401);
    expect((await emma.token()).status).toBe(403);

    const rows = await everything();
    expect(rows).toContain(chiara.person.id);
    expect(rows).toContain(chiara.alias);
    const naming = rows.split('\n').filter((row) => {
      const text = row.toLowerCase();
      return text.includes(emma.person.id) || text.includes(emma.alias) || text.includes('emma larsen');
    });
    // What callers go on asking for by name, after the erasure, is what they say.
    expect(naming.filter((row) => !row.includes('no_such_connection'))).toEqual([]);
    const { events } = await stage.broker.audit.list({ limit: 1_000 });
    const erasure = events.find(({ action }) => action === 'person.erase');
    expect(erasure?.actor).toMatchObject({ kind: 'person', name: expect.stringMatching(/^erased/) });
    const pseudonym = erasure?.actor.kind === 'person' ? erasure.actor.objectId : '';
    expect(pseudonym).toMatch(/^[0-9a-f-]{36}$/);
    const issued = events.filter(
      ({ action, connection }) => action === 'token.issue' && connection?.id === emma.id,
    );
    expect(issued.length).toBeGreaterThan(0);
    expect(new Set(issued.map(({ connection }) => connection?.alias))).toEqual(
      new Set([erasure?.actor.kind === 'person' ? erasure.actor.name : '']),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        action: 'cli.sign_in',
        actor: { kind: 'person', objectId: pseudonym, name: 'erased person' },
      }),
    );

    const saved = await stage.call(stage.app.http.jobs.get, { params: { name: 'nightly' } });
    expect(JSON.stringify(saved.body)).toContain('"erased-');

    // Whoever gets that user name next is not led to by the policies of before.
    await stage.signIn(emma.person);
    stage.time.offset += 5_000;
    expect((await emma.token()).status).toBe(403);
    expect((await chiara.token()).status).toBe(200);
  });

  it('is erased to the end when the process that began it stops', async () => {
    const bruno = await present('bruno.keller');
    await present('chiara.rossi');
    const erasures = createErasures({ storage: stage.storage, ports: stage.ports });
    const person = { objectId: bruno.person.id, usernames: [bruno.person.upn], aliases: [bruno.alias] };
    const id = await erasures.begin(person, erasures.newPseudonym());
    let rounds = 0;
    while (!(await erasures.work(0, id)) && rounds < 500) rounds += 1;
    expect(rounds).toBeGreaterThan(5);
    const names = (await everything())
      .split('\n')
      .filter(
        (row) =>
          !/^\["(connections|sessions|grants|tokens|flows","code)"/.test(row) &&
          row.includes(bruno.person.id),
      );
    expect(names).toEqual([]);
    await erasures.begin(person, erasures.newPseudonym());
    await stage.app.sweep();
    expect(await everything()).not.toContain('["erasures"');
  });

  it('is replaced where a text is a name, and kept where it only looks like one', () => {
    const person = { objectId: 'AAAA-1', usernames: ['e@x.org'], aliases: ['inbox', 'e@x.org'] };
    const pseudonym = { objectId: 'BBBB-2', name: 'erased-1' };
    const without = (document: unknown, texts = true) =>
      withoutPerson(document, person, pseudonym, { texts });
    expect(without({ folder: 'inbox', note: 'exorg', connection: 'other' })).toBeUndefined();
    expect(without({ grant: { connection: ['Inbox', 'b'] }, to: ['e@x.org'] }, false)).toEqual({
      grant: { connection: ['erased-1', 'b'] },
      to: ['e@x.org'],
    });
    expect(
      without({
        actor: { kind: 'person', objectId: 'aaaa-1', name: 'E. X.' },
        request: { path: '/users/E@X.ORG/drive/aaaa-1' },
        other: { objectId: 'CCCC-3', name: 'F' },
        at: 5,
        none: null,
      }),
    ).toEqual({
      actor: { kind: 'person', objectId: 'BBBB-2', name: 'erased person' },
      request: { path: '/users/erased-1/drive/BBBB-2' },
      other: { objectId: 'CCCC-3', name: 'F' },
      at: 5,
      none: null,
    });
  });
});
