import { tmpdir } from 'node:os';
import { createDucks, fileList } from '../../../../src/inventory/duck.ts';
import type { Snapshot } from '../../../../src/inventory/inventory.ts';
import { catalogue } from '../../../../src/reports/catalogue/index.ts';
import type { ViewName } from '../../../../src/reports/columns.ts';
import { createReportEngine } from '../../../../src/reports/engine.ts';
import type { GatherState, GatherTask } from '../../../../src/reports/gather/gathering.ts';
import { listDrives, type PlannedDrive } from '../../../../src/reports/gather/list-drives.ts';
import { createGatherWorld, type GatherWorld } from '../../../support/gather-world.ts';
import { scripted } from '../../../support/scripted-batch.ts';

const withDuck = createDucks();

describe('gathering', () => {
  let world: GatherWorld;
  let drive: PlannedDrive;
  let snapshot: Snapshot;
  /** Ids of what is shared, asked one by one. */
  let shared: string[];
  let linked: string;

  beforeAll(async () => {
    world = await createGatherWorld();
    const site = world.tenant.directory.data.sites[0]?.driveId ?? '';
    const { renamed } = (await world.control('POST', `/drives/${site}/changes`, { rename: 20 })) as {
      renamed: string[];
    };
    const [first = '', second = '', third = ''] = renamed;
    const item = (id: string) => `/drives/${site}/items/${id}`;
    const [, bruno] = world.tenant.directory.users(world.tenantId);
    linked = second;
    await world.asApp('POST', `${item(first)}/createLink`, { type: 'edit', scope: 'anonymous' });
    await world.asApp('POST', `${item(second)}/createLink`, { type: 'view', scope: 'organization' });
    await world.asApp('POST', `${item(third)}/invite`, {
      recipients: [{ email: bruno?.mail }, { email: 'guest@fabrikam.example' }],
      roles: ['write'],
      requireSignIn: true,
    });
    await world.control('POST', `/drives/${site}/changes`, { share: 15 });
    for await (const each of listDrives(world.client, { kind: 'drive', driveId: site })) drive = each;
    snapshot = await world.crawl(site);
    shared = await ask(
      await opened(snapshot),
      "SELECT item_id FROM rows WHERE unique_permissions AND kind <> 'root'",
    ).then((rows) => rows.map((row) => String(row.item_id)));
  });
  // A new minute, a new budget.
  afterEach(() => {
    world.offset.ms += 70_000;
  });
  afterAll(() => world.stop());

  async function opened(of: Snapshot): Promise<readonly string[]> {
    return (await world.inventory.open(of)).files;
  }

  function ask(files: readonly string[], query: string) {
    return withDuck({ folder: tmpdir(), memoryLimitMb: 200 }, async (duck) => {
      await duck.run(`CREATE VIEW rows AS SELECT * FROM read_parquet(${fileList(files)})`);
      return duck.rows(query);
    });
  }

  const taskOf = (runId: string, views: readonly ViewName[], more: Partial<GatherTask> = {}): GatherTask => ({
    runId,
    views,
    client: world.client,
    tenantId: world.tenantId,
    drives: [{ drive, snapshot }],
    ...more,
  });

  async function permissionsOf(task: GatherTask, state: GatherState) {
    const { sources, close } = await world.gathering.open(task, state);
    try {
      const order = 'ORDER BY item_id, permission_id, grantee_mail';
      const rows = await ask(
        sources.permissions ?? [],
        `SELECT * REPLACE (expires_at::VARCHAR AS expires_at) FROM rows ${order}`,
      );
      return { rows, notes: sources.notes };
    } finally {
      await close();
    }
  }

  it('reads permissions of shared items only, many in one call', async () => {
    const before = world.calls.length;
    const task = taskOf('run-1', ['permissions', 'items']);
    const { state } = await world.gather(task);
    const calls = world.calls.slice(before);
    expect(shared.length).toBeGreaterThan(15);
    expect(calls.length).toBeLessThanOrEqual(shared.length / 5);
    const asked = calls.flatMap(({ body }) => body.match(/items\/[^/"]+\/permissions/g) ?? []);
    expect(asked.map((text) => text.split('/')[1]).sort()).toEqual([...shared].sort());

    const { rows } = await permissionsOf(task, state);
    const each = (wanted: object) =>
      rows.filter((row) => Object.entries(wanted).every(([name, value]) => row[name] === value));
    expect(each({ link_scope: 'anonymous', role: 'write', grantee_kind: 'anyone' })).toHaveLength(1);
    expect(
      each({ item_id: linked, link_scope: 'organization', grantee_kind: 'organization', link_type: 'view' }),
    ).toHaveLength(1);
    expect(
      each({ kind: 'direct', role: 'write', grantee_mail: 'guest@fabrikam.example', grantee_kind: 'guest' }),
    ).toHaveLength(1);
    expect(new Set(rows.map((row) => row.item_id))).toEqual(new Set(shared));
  });

  it('ends in the same rows whatever it is cut into, and whatever was lost on the way', async () => {
    const whole = taskOf('run-whole', ['permissions', 'versions'], { versionsOf: 30 });
    const first = await world.gather(whole);
    const task = taskOf('run-cut', ['permissions', 'versions'], { versionsOf: 30 });
    let state: GatherState | undefined;
    let units = 0;
    for (let done = false; !done; units += 1) {
      const deadline = () => Date.now() + 30;
      // The worker dies after its work and before anybody knows of it.
      if (units % 2 === 1) await world.gathering.unit(task, state, deadline());
      const unit = await world.gathering.unit(task, state, deadline());
      ({ done } = unit);
      state = JSON.parse(JSON.stringify(unit.state)) as GatherState;
    }
    expect(units).toBeGreaterThan(3);
    expect(JSON.stringify(state).length).toBeLessThan(30 * 1024);
    const same = await permissionsOf(task, state as GatherState);
    expect(same.rows).toEqual((await permissionsOf(whole, first.state)).rows);
    const versions = async (of: GatherTask, at: GatherState) => {
      const { sources, close } = await world.gathering.open(of, at);
      const rows = await ask(
        sources.versions ?? [],
        'SELECT item_id, version_id, size::VARCHAR AS size FROM rows ORDER BY ALL',
      );
      await close();
      return rows;
    };
    const read = await versions(task, state as GatherState);
    expect(read).toEqual(await versions(whole, first.state));
    expect(new Set(read.map((row) => row.item_id)).size).toBe(30);
  });

  it('asks again for what was refused within a batch, and only for that', async () => {
    let refusals = 6;
    const client = scripted(world.client, () => refusals-- > 0, 429, { 'Retry-After': '0' });
    const task = taskOf('run-refused', ['permissions'], { client });
    const { state } = await world.gather(task);
    const { rows, notes } = await permissionsOf(task, state);
    expect(new Set(rows.map((row) => row.item_id))).toEqual(new Set(shared));
    expect(notes).toEqual([]);
  });

  it('says what it may not read', async () => {
    const [denied = ''] = shared;
    const client = scripted(world.client, (url) => url.includes(denied), 403);
    const task = taskOf('run-denied', ['permissions'], { client });
    const { state } = await world.gather(task);
    expect((await permissionsOf(task, state)).notes).toEqual([
      'Permissions of 1 item could not be read: this connection may not read them.',
    ]);
  });

  it('reads people, groups and credentials of apps', async () => {
    const task = taskOf('run-directory', ['people', 'groups', 'apps', 'drives']);
    const { state } = await world.gather(task);
    const { sources, close } = await world.gathering.open(task, state);
    await close();
    const users = world.tenant.directory.users(world.tenantId);
    expect(sources.people?.map(({ id }) => id).sort()).toEqual(users.map(({ id }) => id).sort());
    expect(sources.people?.[0]).toMatchObject({ enabled: true, guest: false, createdAt: expect.any(Number) });
    const finance = sources.groups?.find(({ name }) => name === 'Finance');
    expect(finance).toMatchObject({ driveId: drive.driveId, ownerCount: 1, memberCount: 3 });
    expect(sources.groups?.find(({ name }) => name === 'Sales')).toMatchObject({
      ownerCount: null,
      memberCount: 1,
    });
    expect(sources.groups?.filter(({ deletedAt }) => typeof deletedAt === 'number')).toHaveLength(1);
    const secrets = world.tenant.directory.data.applications.flatMap((app) => app.secrets);
    expect(sources.apps?.filter(({ credentialKind }) => credentialKind === 'secret')).toHaveLength(
      secrets.length,
    );
    expect(sources.drives).toMatchObject([
      { driveId: drive.driveId, outcome: 'read', readAt: snapshot.readAt },
    ]);
  });

  it('keeps how full drives were, once a day', async () => {
    const views: ViewName[] = ['drives', 'drive_history'];
    const history = async (runId: string) => {
      const task = taskOf(runId, views);
      const { state } = await world.gather(task);
      const { sources, close } = await world.gathering.open(task, state);
      await close();
      return sources.driveHistory ?? [];
    };
    const before = (await history('run-quota-1')).length;
    expect(before).toBe(1);
    expect(await history('run-quota-2')).toHaveLength(1);
    world.offset.ms += 24 * 60 * 60_000;
    const later = await history('run-quota-3');
    expect(later).toHaveLength(2);
    expect(later[1]).toMatchObject({
      driveId: drive.driveId,
      quotaUsed: drive.quotaUsed,
      quotaTotal: drive.quotaTotal,
    });
  });

  it('feeds every report of the catalogue', async () => {
    const views = [...new Set(Object.values(catalogue).flatMap(({ reads }) => reads))];
    const task = taskOf('run-all', views);
    const { state } = await world.gather(task);
    const { sources, close } = await world.gathering.open(task, state);
    const engine = createReportEngine({ ports: { clock: Date.now }, tempDir: tmpdir(), memoryLimitMb: 200 });
    for (const report of Object.values(catalogue)) {
      const parameters =
        report.name === 'query'
          ? { query: 'SELECT count(*) AS n FROM items' }
          : report.name === 'access'
            ? { path: '/' }
            : {};
      const made = await engine.run(report, parameters, sources);
      const aboutDrives = !['people', 'app-credentials', 'automation-health'].includes(report.name);
      expect(made.coverage.line).toBe(
        aboutDrives ? '1 of 1 drive read.' : 'This report is not about drives.',
      );
      await made.close();
    }
    await close();
  });

  it('removes what it gathered after some days, and nothing else', async () => {
    const gathered = async () => {
      const names: string[] = [];
      for await (const { name } of world.storage.blobs('inventory').list('gathered/')) names.push(name);
      return names.length;
    };
    expect(await gathered()).toBeGreaterThan(10);
    expect(await world.gathering.sweep()).toBe(0);
    world.offset.ms += 5 * 24 * 60 * 60_000;
    const many = await gathered();
    expect(await world.gathering.sweep()).toBe(many);
    expect(await gathered()).toBe(0);
    expect(await world.inventory.isKept(snapshot)).toBe(true);
  });
});
