import { catalogue } from '../../../src/reports/catalogue/index.ts';
import { type ApiStage, createApiStage } from '../../support/api-stage.ts';
import { createJobPumps } from '../../support/job-pumps.ts';

/** What a report is asked where its defaults would find nothing here. */
const asked: Readonly<Record<string, Record<string, unknown>>> = {
  'stale-content': { months: 1 },
  query: { query: 'SELECT kind, count(*) AS items FROM items GROUP BY kind ORDER BY kind' },
};

describe('a job of each kind of report', () => {
  let stage: ApiStage;
  let work: (ids: readonly string[]) => Promise<void>;

  beforeAll(async () => {
    stage = await createApiStage();
    const worked = createJobPumps(stage);
    work = (ids) =>
      worked(async () => {
        const states = await Promise.all(ids.map(async (id) => (await runOf(id)).state));
        return states.every((state) => state !== 'waiting' && state !== 'running');
      }, 90_000);
    const site = `/drives/${stage.info.siteDriveId}`;
    await stage.control('POST', `${site}/changes`, { create: 5, share: 5 });
  }, 60_000);
  afterAll(() => stage.stop());

  const runOf = async (id: string) =>
    (await stage.call(stage.app.http.runs.get, { params: { id } })).body as unknown as Run;

  interface Run {
    readonly state: string;
    readonly error?: { readonly message: string };
    readonly progress: { readonly calls: number; readonly units: number };
    readonly result: {
      readonly rows: number;
      readonly coverage: { readonly drives: number; readonly read: number };
      readonly changes?: string;
    };
    readonly files: readonly { readonly name: string; readonly format: string; readonly size: number }[];
    readonly deliveries: readonly { readonly state: string }[];
    readonly drives: readonly { readonly outcome: string }[];
  }

  async function start(names: readonly string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const name of names) {
      const { body, status } = await stage.call(stage.app.http.jobs.start, {
        method: 'POST',
        params: { name },
      });
      expect({ status, body }).toMatchObject({ status: 202 });
      ids.push(String(body.id));
    }
    return ids;
  }

  it('runs from its schedule to its files, in every form, over every target', async () => {
    const { users, siteDriveId } = stage.info;
    const person = users.find((user) => !user.admin);
    const site = { kind: 'drive', driveId: siteDriveId };
    const targets: Readonly<Record<string, unknown>> = {
      'quota-forecast': { kind: 'all_drives' },
      'inactive-drives': { kind: 'all_sites' },
      people: { kind: 'user', user: person?.upn },
      largest: { kind: 'all_drives' },
    };
    const names = Object.keys(catalogue);
    for (const name of names) {
      const { status, body } = await stage.call(stage.app.http.jobs.put, {
        method: 'PUT',
        params: { name },
        body: {
          report: name,
          parameters: asked[name] ?? {},
          target: targets[name] ?? site,
          connection: 'contoso',
          schedule: { cron: '0 6 * * *' },
          outputs: name === 'file-inventory' ? ['csv', 'xlsx', 'html', 'jsonl', 'parquet'] : ['jsonl'],
          deliveries:
            name === 'file-inventory' ? [{ kind: 'drive', driveId: siteDriveId, folder: '/Reports' }] : [],
        },
      });
      expect({ name, status, body }).toEqual({ name, status: 201, body: expect.anything() });
    }
    const ids = await start(names);
    await work(ids);
    const runs = new Map(
      await Promise.all(ids.map(async (id, index) => [names[index], await runOf(id)] as const)),
    );

    for (const [name, run] of runs)
      expect({ name, state: run.state, error: run.error }).toEqual({ name, state: 'succeeded' });
    const whole = runs.get('file-inventory');
    expect(whole?.files.map(({ name }) => name)).toEqual(
      ['csv', 'xlsx', 'html', 'jsonl', 'parquet'].map((form) => `file-inventory.${form}`),
    );
    expect(whole?.deliveries).toMatchObject([{ state: 'delivered' }]);
    expect(runs.get('anonymous-links')?.result.rows).toBeGreaterThan(0);
    expect(runs.get('largest')?.result.coverage.read).toBeGreaterThan(3);
    expect(runs.get('quota-forecast')?.result.coverage.read).toBeGreaterThan(3);
    expect(runs.get('people')?.result.rows).toBe(users.length);
    expect(runs.get('query')?.result.rows).toBeGreaterThan(1);
    expect(whole?.progress.units).toBeGreaterThan(0);
  }, 120_000);

  it('tells in its next run what has changed since, at the price of what has changed', async () => {
    stage.time.offset += 60_000;
    const site = `/drives/${stage.info.siteDriveId}`;
    await stage.control('POST', `${site}/changes`, { create: 3 });
    const names = ['file-inventory', 'growth', 'anonymous-links'];
    const ids = await start(names);
    await work(ids);
    const [inventory, growth, links] = await Promise.all(ids.map(runOf));
    // The report of the run before lies in the library too, by now.
    expect(inventory?.result.changes).toMatch(/^\d+ added.* since the last run\.$/);
    expect(growth?.result.rows).toBeGreaterThan(0);
    expect(links?.result.changes).toBe('Nothing changed since the last run.');
    expect(inventory?.progress.calls).toBeLessThan(20);
  }, 60_000);
});
