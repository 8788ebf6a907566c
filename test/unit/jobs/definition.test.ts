import type { Connection } from '../../../src/broker/connection.ts';
import { checkDefinition, type JobOwner, warningsOf } from '../../../src/jobs/check-definition.ts';
import { job } from '../../../src/jobs/job.ts';
import { aJob, anna } from '../../support/a-job.ts';

const app: Connection = {
  id: 'con_app',
  kind: 'app',
  alias: 'contoso',
  tenantId: 'tenant-1',
  scopes: ['User.Read.All', 'Files.ReadWrite.All', 'Sites.ReadWrite.All'],
  health: 'active',
  createdAt: 0,
  createdBy: 'anna',
  epoch: 1,
};
const bruno: Connection = {
  ...app,
  id: 'con_bruno',
  kind: 'user',
  alias: 'bruno@contoso.example',
  createdBy: 'bruno',
  scopes: ['User.Read', 'Files.ReadWrite.All', 'Sites.Read.All'],
};
const all = new Map([app, bruno].flatMap((each) => [[each.id, each] as const, [each.alias, each] as const]));
const connections = { get: (name: string) => Promise.resolve(all.get(name)) };
const asBruno: JobOwner = { objectId: 'bruno', administrator: false, connectionId: 'con_bruno' };

async function problemsOf(given: unknown, owner: JobOwner = anna): Promise<Record<string, string>> {
  const error = await checkDefinition(given, connections, owner).then(
    () => undefined,
    (thrown: { details?: { problems?: { path: string; message: string }[] } }) => thrown,
  );
  return Object.fromEntries((error?.details?.problems ?? []).map(({ path, message }) => [path, message]));
}

describe('a definition of a job', () => {
  it('gets its defaults', async () => {
    const { schedule, report, target, connection } = aJob();
    const given = { schedule: { cron: schedule.cron }, report, target, connection };
    expect(await checkDefinition(given, connections, anna)).toEqual({
      ...given,
      schedule: { cron: '0 6 * * *', timeZone: 'UTC', missed: 'run_once' },
      parameters: {},
      outputs: ['csv'],
      deliveries: [],
      overlap: 'skip',
      keepDays: 90,
      enabled: true,
    });
  });

  it('is refused with every problem at once, each with its path', async () => {
    const problems = await problemsOf({
      ...aJob(),
      schedule: { cron: '61 * * * *', timeZone: 'Europe/London' },
      report: 'largest',
      parameters: { top: 0, colour: 'red' },
      target: { kind: 'drive' },
      connection: 'nobody',
      outputs: ['csv', 'csv'],
      deliveries: [{ kind: 'drive', driveId: 'd', folder: '/a:b' }, { kind: 'pigeon' }],
      overlap: 'pile up',
      delivery: {},
    });
    expect(Object.keys(problems).sort()).toEqual([
      'connection',
      'deliveries.0.folder',
      'deliveries.1.kind',
      'delivery',
      'outputs',
      'overlap',
      'parameters.colour',
      'parameters.top',
      'schedule.cron',
      'target.driveId',
    ]);
    expect(problems['parameters.colour']).toBe('is not known here');
    expect(problems.connection).toBe('names no connection');
  });

  it.each([undefined, null, 'a text', 7, []])('is refused when it is %p', async (given) => {
    await expect(checkDefinition(given, connections, anna)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('is refused for a report that no catalogue has, even one that every object has', async () => {
    expect(await problemsOf({ ...aJob(), report: 'constructor' })).toMatchObject({
      report: expect.stringContaining('file-inventory'),
    });
  });

  it('names each permission that the connection lacks, and what needs it', async () => {
    const error = await checkDefinition(
      {
        ...aJob({ report: 'oversharing', target: { kind: 'group', group: 'g' } }),
        deliveries: [{ kind: 'mail', to: ['anna@contoso.example'], from: 'reports@contoso.example' }],
      },
      connections,
      anna,
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      details: {
        problems: [
          {
            path: 'connection',
            message: 'lacks the permission GroupMember.Read.All, which the report oversharing needs',
          },
          { path: 'connection', message: 'lacks the permission Mail.Send, which the delivery mail needs' },
        ],
      },
    });
  });

  it('warns of a permission without which the report is made, and tells less', async () => {
    const definition = aJob({ report: 'anonymous-links' });
    expect(await problemsOf(definition)).toEqual({});
    expect(warningsOf(definition, app)).toEqual([
      { path: 'connection', message: expect.stringContaining('Sites.FullControl.All') },
    ]);
    expect(warningsOf(aJob(), app)).toEqual([]);
  });

  it('takes a wider permission for the one that is needed', async () => {
    expect(await problemsOf(aJob({ target: { kind: 'all_sites' } }))).toEqual({});
    expect(await problemsOf(aJob({ target: { kind: 'all_drives' } }))).toEqual({});
  });

  it('refuses a delivery that can not work with the connection', async () => {
    const deliveries = [{ kind: 'mail', to: ['anna@contoso.example'] }];
    expect(await problemsOf(aJob({ deliveries }))).toMatchObject({
      'deliveries.0.from': 'must name a mailbox: this connection is no person',
    });
  });

  it.each([
    ['SELECT nonsense FROM files', 'nonsense'],
    ['SELEC 1', 'syntax error'],
    ['DROP TABLE files', 'only SELECT is possible'],
    ["SELECT * FROM read_csv('/etc/passwd')", 'read_csv'],
  ])('refuses the query %s before it is ever run', async (query, word) => {
    const problems = await problemsOf(aJob({ report: 'query', parameters: { query } }));
    expect(problems).toEqual({ 'parameters.query': expect.stringContaining(word) });
  });

  it('takes a query that the views can answer', async () => {
    const query = 'SELECT extension, sum(size) AS bytes FROM files GROUP BY ALL -- and no more';
    expect(await problemsOf(aJob({ report: 'query', parameters: { query } }))).toEqual({});
  });

  it('lets a person use their own connection, and nobody else’s', async () => {
    const own = aJob({ connection: 'bruno@contoso.example', target: { kind: 'user', user: 'me' } });
    expect(await problemsOf(own, asBruno)).toEqual({});
    const absent = await problemsOf(aJob({ connection: 'nobody' }), asBruno);
    expect(await problemsOf(aJob(), asBruno)).toEqual(absent);
    expect(absent).toEqual({ connection: 'names no connection of yours' });
  });

  it('keeps what is the installation’s from people who do not administer it', async () => {
    const own = { connection: 'con_bruno' };
    expect(await problemsOf(aJob({ ...own, report: 'automation-health' }), asBruno)).toEqual({
      report: 'is for administrators of this installation',
    });
    const query = { report: 'query', parameters: { query: 'SELECT * FROM rules' } };
    expect(await problemsOf(aJob({ ...own, ...query }), asBruno)).toHaveProperty('report');
    const webhook = { kind: 'webhook', url: 'https://contoso.example/hook' };
    expect(await problemsOf(aJob({ ...own, deliveries: [webhook] }), asBruno)).toEqual({
      'deliveries.0.kind': 'is for administrators of this installation',
    });
  });

  it('is read when an earlier version stored it', () => {
    const { schedule: _, ...rest } = aJob();
    const { outputs: _outputs, deliveries: _deliveries, ...old } = rest;
    const stored = {
      name: 'daily',
      createdAt: 1,
      changedAt: 1,
      owner: 'anna',
      definition: {
        ...{ report: old.report, target: old.target, connection: old.connection, enabled: true },
        schedule: { cron: '0 6 * * *', timeZone: 'UTC' },
        delivery: { driveId: 'drive-1', folder: '/Reports' },
      },
    };
    expect(job.parse(stored).definition).toMatchObject({
      outputs: ['csv'],
      deliveries: [{ kind: 'drive', driveId: 'drive-1', folder: '/Reports', onConflict: 'date_stamp' }],
    });
  });
});
