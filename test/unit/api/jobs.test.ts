import { HttpRequest } from '@azure/functions';
import type { Handler } from '../../../src/api/http.ts';
import { sessionCookieName } from '../../../src/broker/sessions.ts';
import { catalogue } from '../../../src/reports/catalogue/index.ts';
import { type ApiStage, createApiStage, type Loose } from '../../support/api-stage.ts';
import { createJobPumps } from '../../support/job-pumps.ts';

describe('the API of jobs and runs', () => {
  let stage: ApiStage;
  let finish: (id: string) => Promise<Loose>;
  let bruno: Record<string, string>;

  beforeAll(async () => {
    stage = await createApiStage();
    const worked = createJobPumps(stage);
    finish = async (id) => {
      await worked(async () => {
        const { state } = (await get(stage.app.http.runs.get, { id })).body;
        return !['waiting', 'running'].includes(String(state));
      });
      return (await get(stage.app.http.runs.get, { id })).body;
    };
    bruno = await sessionOf('bruno.keller');
  }, 60_000);
  afterAll(() => stage.stop());

  async function sessionOf(upn: string): Promise<Record<string, string>> {
    const connected = await stage.connect(upn);
    const { id, upn: username, displayName: name } = stage.person(upn);
    const { tenantId } = stage.info;
    const person = { objectId: id, tenantId, name, username, connectionId: connected.id };
    const cookie = await stage.broker.sessions.begin({ ...person, homeAccountId: `${id}.${tenantId}` });
    const session = await stage.broker.sessions.find(cookie.value);
    return { cookie: `${sessionCookieName}=${cookie.value}`, 'x-csrf-token': session?.csrf ?? '' };
  }

  const get = (handler: Handler, params: Record<string, string> = {}, query = '') =>
    stage.call(handler, { params, query });

  const put = (name: string, change: Record<string, unknown> = {}, headers?: Record<string, string>) =>
    stage.call(stage.app.http.jobs.put, {
      method: 'PUT',
      params: { name },
      body: {
        report: 'largest',
        target: { kind: 'drive', driveId: stage.info.siteDriveId },
        connection: 'contoso',
        schedule: { cron: '0 6 * * *' },
        ...change,
      },
      ...(headers ? { headers } : {}),
    });

  async function run(name: string): Promise<Loose> {
    const { body } = await stage.call(stage.app.http.jobs.start, { method: 'POST', params: { name } });
    return finish(String(body.id));
  }

  /** The answer itself: a file, or a page. */
  function raw(
    handler: Handler,
    params: Record<string, string>,
    more: { headers?: Record<string, string>; form?: Record<string, string> } = {},
  ) {
    const form = more.form && new URLSearchParams(more.form).toString();
    return handler(
      new HttpRequest({
        method: form === undefined ? 'GET' : 'POST',
        url: `${stage.config.publicUrl}/x`,
        params,
        headers: {
          cookie: stage.administratorHeaders.cookie,
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...more.headers,
        },
        ...(form === undefined ? {} : { body: { string: form } }),
      }),
    );
  }

  it('refuses a definition with every problem and its path, and keeps nothing', async () => {
    const { status, body } = await put('wrong', {
      report: 'largest',
      parameters: { top: 0 },
      connection: 'x',
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'invalid_request',
      details: { problems: [{ path: 'parameters.top' }, { path: 'connection' }] },
    });
    expect((await get(stage.app.http.jobs.get, { name: 'wrong' })).status).toBe(404);
  });

  it('tells what a run will cost, before and after the first', async () => {
    expect(await put('priced')).toMatchObject({ status: 201, body: { warnings: [] } });
    const before = (await get(stage.app.http.jobs.estimate, { name: 'priced' })).body;
    expect(before).toMatchObject({ known: false, text: expect.stringContaining('RU') });
    const { progress } = await run('priced');
    const { estimate } = (await get(stage.app.http.jobs.get, { name: 'priced' })).body;
    expect(estimate).toMatchObject({ known: true, drives: 1, items: progress?.items });
    expect(Number(estimate?.units)).toBeLessThanOrEqual(Number(progress?.units));
    const unsaved = await stage.call(stage.app.http.jobs.estimateOf, { method: 'POST', body: {} });
    expect(unsaved.status).toBe(400);
  });

  it('gives the files of a run, whole and in parts, as files and never as pages', async () => {
    await put('files', { outputs: ['csv', 'html'] });
    const { id, files } = await run('files');
    expect(files).toMatchObject([{ name: 'files.csv' }, { name: 'files.html' }]);
    const file = stage.app.http.runFile;
    const whole = await raw(file, { id: String(id), file: 'files.csv' });
    const text = String(whole.body);
    expect(whole.status).toBe(200);
    expect(whole.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="files-\d{4}-[\d-]+\.csv"$/),
      'x-content-type-options': 'nosniff',
    });
    expect(text.split('\r\n')[0]).toContain('path');
    const part = await raw(file, { id: String(id), file: 'files.csv' }, { headers: { range: 'bytes=3-9' } });
    expect(part).toMatchObject({
      status: 206,
      headers: { 'content-range': expect.stringMatching(/^bytes 3-9\//) },
    });
    expect(String(part.body)).toBe(
      Buffer.from(whole.body as Buffer)
        .subarray(3, 10)
        .toString(),
    );
    const page = await raw(file, { id: String(id), file: 'files.html' });
    expect(page.headers).toMatchObject({
      'content-disposition': expect.stringContaining('attachment'),
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    for (const name of ['other.csv', '../files.csv', 'summary.json'])
      expect((await raw(file, { id: String(id), file: name })).status).toBe(404);
  });

  it('shows jobs, runs and files of a person to that person and to administrators only', async () => {
    const own = { connection: 'bruno.keller@contoso.example', target: { kind: 'user', user: 'me' } };
    expect((await put('brunos', own, bruno)).status).toBe(201);
    expect((await put('brunos', {}, bruno)).status).toBe(400);
    await put('admins');
    const { id } = await run('brunos');
    const theirs = await run('admins');
    const asBruno = (handler: Handler, params: Record<string, string> = {}, query = '') =>
      stage.call(handler, { params, query, headers: bruno });
    const { http } = stage.app;
    expect((await asBruno(http.jobs.list)).body.value).toMatchObject([{ name: 'brunos' }]);
    expect((await asBruno(http.runs.list)).body.value).toMatchObject([{ id }]);
    expect((await asBruno(http.runs.get, { id: String(id) })).status).toBe(200);
    const absent = [
      asBruno(http.jobs.get, { name: 'admins' }),
      asBruno(http.runs.get, { id: String(theirs.id) }),
      asBruno(http.runFile, { id: String(theirs.id), file: 'admins.csv' }),
      asBruno(http.why, {}, '?job=admins&at=2026-03-02T06:00:00Z'),
      stage.call(http.runs.cancel, { method: 'POST', params: { id: String(theirs.id) }, headers: bruno }),
      stage.call(http.jobs.remove, { method: 'DELETE', params: { name: 'admins' }, headers: bruno }),
    ];
    expect((await Promise.all(absent)).map(({ status }) => status)).toEqual(absent.map(() => 404));
    expect((await put('admins', own, bruno)).status).toBe(409);
  });

  it('lists runs of all jobs, newest first, page by page', async () => {
    const names: string[] = [];
    let query = '?limit=2';
    for (let page = 0; page < 20 && query !== ''; page += 1) {
      const { body } = await get(stage.app.http.runs.list, {}, query);
      names.push(...(body.value as unknown as { id: string }[]).map(({ id }) => id));
      query = body.nextLink === undefined ? '' : new URL(String(body.nextLink)).search;
    }
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(4);
    const failed = await get(stage.app.http.runs.list, {}, '?state=failed');
    expect(failed.body.value).toEqual([]);
  });

  it('says why, for a moment that is written as a time', async () => {
    await put('asked');
    const answer = await get(stage.app.http.why, {}, '?job=asked&at=2020-01-01T06:00:00%2B01:00');
    expect(answer).toMatchObject({
      status: 200,
      body: { reason: 'before_job', at: '2020-01-01T05:00:00.000Z' },
    });
    expect((await get(stage.app.http.why, {}, '?job=asked&at=yesterday')).status).toBe(400);
    expect((await get(stage.app.http.why, {}, '?job=never&at=2026-01-01T06:00:00Z')).status).toBe(404);
    expect((await get(stage.app.http.jobs.occurrences, { name: 'asked' })).body).toEqual({ value: [] });
  });

  it('describes every report so that a script can ask for it', async () => {
    const { value } = (await get(stage.app.http.reports.list)).body as unknown as { value: Loose[] };
    expect(value.map(({ name }) => String(name))).toEqual(Object.keys(catalogue));
    for (const { name, columns, parameters, needs } of value) {
      expect({ name, type: parameters?.type }).toEqual({ name, type: 'object' });
      expect(Array.isArray(needs)).toBe(true);
      if (String(name) !== 'query') expect((columns as unknown as unknown[]).length).toBeGreaterThan(1);
    }
    const query = (await get(stage.app.http.reports.get, { name: 'query' })).body;
    expect(query.views?.files).toMatchObject({ columns: expect.arrayContaining([expect.anything()]) });
    expect((await get(stage.app.http.reports.get, { name: 'nonsense' })).status).toBe(404);
    const kinds = (await get(stage.app.http.reports.kinds)).body;
    expect(kinds.outputs).toEqual(['csv', 'xlsx', 'html', 'jsonl', 'parquet']);
  });

  describe('a report that does not arrive', () => {
    let id: string;
    let csrf: string;
    beforeAll(async () => {
      csrf = stage.administratorHeaders['x-csrf-token'];
      await put('lost', { deliveries: [{ kind: 'drive', driveId: 'b!nowhere', folder: '/Reports' }] });
      id = String((await run('lost')).id);
    });

    it('is made all the same, and its delivery says why it failed', async () => {
      const { body } = await get(stage.app.http.runs.get, { id });
      expect(body).toMatchObject({
        state: 'succeeded',
        files: [{ name: 'lost.csv' }],
        deliveries: [{ number: 1, kind: 'drive', state: 'failed', error: { code: expect.any(String) } }],
      });
    });

    it('can be delivered again by a button that needs no script, and by nobody who forges it', async () => {
      const { http } = stage.app;
      const page = await raw(http.runPage, { id });
      expect(page.status).toBe(200);
      expect(page.headers).toMatchObject({
        'content-security-policy': expect.not.stringContaining('unsafe'),
      });
      expect(String(page.body)).toContain(`action="/runs/${id}/deliveries/1/retry"`);
      expect(String(page.body)).toContain('lost.csv');
      expect(String(page.body)).not.toContain('<script');
      const params = { id, number: '1' };
      expect((await raw(http.retryDelivery, params, { form: { csrf: 'forged' } })).status).toBe(403);
      const home = await raw(http.home, {});
      expect(String(home.body)).toContain('A report of lost did not arrive');
      const pressed = await raw(http.retryDelivery, params, { form: { csrf } });
      expect(pressed).toMatchObject({ status: 303, headers: { location: `/runs/${id}` } });
      const { body } = await get(http.runs.get, { id });
      expect(body.deliveries).toMatchObject([{ state: 'waiting' }]);
    });
  });

  it('starts and cancels a run by the buttons of the console', async () => {
    const csrf = stage.administratorHeaders['x-csrf-token'];
    const { http } = stage.app;
    await put('pressed');
    const started = await raw(http.startRun, { name: 'pressed' }, { form: { csrf } });
    const { location } = started.headers as Record<string, string>;
    const id = decodeURIComponent(String(location).split('/').at(-1) ?? '');
    expect((await raw(http.cancelRun, { id }, { form: { csrf } })).status).toBe(303);
    expect((await get(http.runs.get, { id })).body).toMatchObject({ state: 'cancelled' });
    const page = String((await raw(http.runPage, { id })).body);
    expect(page).toContain('A person cancelled it.');
    expect(page).toContain(`action="/runs/${id}/retry"`);
    const again = await raw(http.retryRun, { id }, { form: { csrf } });
    expect(again.status).toBe(303);
  });
});
