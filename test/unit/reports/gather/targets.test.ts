import { readDrives } from '../../../../src/reports/gather/drive-pages.ts';
import { listDrives, type PlannedDrive } from '../../../../src/reports/gather/list-drives.ts';
import type { JobTarget } from '../../../../src/reports/gather/target.ts';
import { createGatherWorld, type GatherWorld } from '../../../support/gather-world.ts';
import { scripted } from '../../../support/scripted-batch.ts';

describe('the drives of a target', () => {
  let world: GatherWorld;
  beforeAll(async () => {
    world = await createGatherWorld();
  });
  afterAll(() => world.stop());

  const people = () => world.tenant.directory.users(world.tenantId);
  const site = () => world.tenant.directory.data.sites.filter(({ tenantId }) => tenantId === world.tenantId);

  async function list(target: JobTarget): Promise<PlannedDrive[]> {
    const found: PlannedDrive[] = [];
    for await (const drive of listDrives(world.client, target)) found.push(drive);
    return found;
  }
  const ids = (drives: readonly PlannedDrive[]) => drives.map(({ driveId }) => driveId).sort();

  it('are one drive, with its owner and its quota', async () => {
    const [first] = people();
    const [drive] = await list({ kind: 'user', user: first?.upn ?? '' });
    expect(drive).toMatchObject({
      driveId: first?.driveId,
      kind: 'business',
      ownerId: first?.id,
      ownerMail: first?.mail,
      outcome: 'open',
    });
    expect(drive?.quotaTotal).toBeGreaterThan(drive?.quotaUsed ?? 0);
    expect(ids(await list({ kind: 'drive', driveId: first?.driveId ?? '' }))).toEqual([first?.driveId]);
  });

  it('are the libraries of a site, which is named by its id or by its address', async () => {
    const [finance] = site();
    const byId = await list({ kind: 'site', site: finance?.id ?? '' });
    expect(byId.map(({ driveId }) => driveId)).toContain(finance?.driveId);
    expect(byId[0]?.siteName).toBe('Finance');
    const host = new URL(finance?.webUrl ?? '').host;
    expect(ids(await list({ kind: 'site', site: `${host}:/sites/Finance` }))).toEqual(ids(byId));
  });

  it('are the OneDrives of the members of a group', async () => {
    const members = people().filter(({ department }) => department === 'Finance');
    const { value } = (await world.asApp('GET', '/groups')) as {
      value: { id: string; displayName: string }[];
    };
    const group = value.find(({ displayName }) => displayName === 'Finance')?.id ?? '';
    expect(ids(await list({ kind: 'group', group }))).toEqual(members.map(({ driveId }) => driveId).sort());
  });

  it('are all of them, each once, and people without a drive with the reason', async () => {
    await world.control('POST', '/users', { count: 120, password: 'Passw0rd!2026' });
    const newest = people().at(-1);
    const client = scripted(world.client, (url) => url.includes(newest?.id ?? '-'), 404);
    const found: PlannedDrive[] = [];
    for await (const drive of listDrives(client, { kind: 'all_drives' })) found.push(drive);
    const sites = await list({ kind: 'all_sites' });
    const [without, ...more] = found.filter(({ outcome }) => outcome !== 'open');
    const wanted = [...people().slice(0, -1), ...sites].map(({ driveId }) => driveId);
    expect(ids(found.filter(({ outcome }) => outcome === 'open'))).toEqual(wanted.sort());
    expect(without).toEqual({
      driveId: `user/${newest?.id}`,
      name: newest?.displayName,
      outcome: 'skipped',
      reason: 'has no OneDrive',
    });
    expect(more).toEqual([]);
  });

  it('go on at a cursor, page by page', async () => {
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof readDrives>> = await readDrives(
        world.client,
        { kind: 'all_drives' },
        cursor,
      );
      all.push(...page.drives.map(({ driveId }) => driveId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect([...new Set(all)].sort()).toEqual(ids(await list({ kind: 'all_drives' })));
  });

  it('say what may not be read, and why', async () => {
    const [finance] = site();
    const client = scripted(world.client, (url) => url.includes(finance?.id ?? '-'), 403);
    const found: PlannedDrive[] = [];
    for await (const drive of listDrives(client, { kind: 'all_sites' })) found.push(drive);
    expect(found).toEqual([
      {
        driveId: `site/${finance?.id}`,
        name: 'Finance',
        outcome: 'denied',
        reason: 'this connection may not read it',
      },
    ]);
  });

  it('are refused in words that name the one thing that is not there', async () => {
    await expect(list({ kind: 'user', user: 'nobody@contoso.example' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('nobody@contoso.example'),
    });
  });
});
