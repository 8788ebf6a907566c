import { access } from '../../../../src/reports/catalogue/access.ts';
import { testDrive } from '../../../support/report-drive.ts';
import { testPermissions } from '../../../support/report-permissions.ts';
import { createReportWorld, type ReportWorld, type TestItem } from '../../../support/report-world.ts';

describe('who can reach what', () => {
  let world: ReportWorld;
  const drive = testDrive({ driveId: 'one', folders: 25, files: 250, seed: 61 }).map((each, index) => ({
    ...each,
    unique_permissions: index % 11 === 0,
  }));
  const permissions = testPermissions(drive, 62);
  const byId = new Map(drive.map((each) => [each.item_id, each]));
  const sources = async () => ({
    items: [await world.items(drive)],
    permissions: [await world.permissions(permissions)],
  });
  /** The item and what it lies in, up to the root. */
  const chainOf = (start: TestItem): TestItem[] => {
    const above = start.parent_id === null ? undefined : byId.get(start.parent_id);
    return [start, ...(above ? chainOf(above) : [])];
  };
  const isIn = (each: TestItem, top: TestItem) => chainOf(each).includes(top);
  const keys = (pairs: readonly (readonly [unknown, unknown])[]) =>
    pairs.map((pair) => pair.join(' ')).sort();

  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  it('is every permission, with the files that it reaches', async () => {
    const { rows } = await world.make(access, {}, await sources());
    const own = permissions.filter(({ kind }) => kind !== 'inherited');
    expect(keys(rows.map(({ item_id, permission_id }) => [item_id, permission_id]))).toEqual(
      keys(own.map(({ item_id, permission_id }) => [item_id, permission_id])),
    );
    for (const row of rows) {
      const top = byId.get(String(row.item_id));
      if (!top) throw new Error('no such item');
      const files = drive.filter((each) => each.kind === 'file' && isIn(each, top));
      expect([row.path, row.files]).toEqual([top.path, files.length]);
      const bytes = files.reduce((sum, { size }) => sum + (size ?? 0), 0);
      expect(row.bytes ?? 0).toBe(bytes);
    }
  });

  it('answers for one path: what is on it, above it as far as inheritance goes, and below it', async () => {
    const deep = drive.filter(({ depth, kind }) => depth >= 3 && kind === 'file').slice(0, 12);
    expect(deep.length).toBeGreaterThan(5);
    for (const target of deep) {
      const chain = chainOf(target);
      const broken = chain.findIndex(({ unique_permissions }) => unique_permissions);
      const reaching = broken < 0 ? chain : chain.slice(0, broken + 1);
      const expected = permissions.filter(
        ({ kind, item_id }) => kind !== 'inherited' && reaching.some((each) => each.item_id === item_id),
      );
      const { rows } = await world.make(access, { path: target.path }, await sources());
      expect([target.path, keys(rows.map(({ item_id, permission_id }) => [item_id, permission_id]))]).toEqual(
        [target.path, keys(expected.map(({ item_id, permission_id }) => [item_id, permission_id]))],
      );
      for (const { item_id, relation } of rows)
        expect(relation).toBe(item_id === target.item_id ? 'on it' : 'above it');
    }
  });

  it('answers for a folder with what lies below it too', async () => {
    const folder = drive.find(
      ({ kind, depth, child_count }) => kind === 'folder' && depth === 1 && (child_count ?? 0) > 3,
    );
    if (!folder) throw new Error('no such folder');
    const { rows } = await world.make(access, { path: `${folder.path}/` }, await sources());
    const below = permissions.filter(({ kind, item_id }) => {
      const at = byId.get(item_id);
      return kind !== 'inherited' && at && at !== folder && isIn(at, folder);
    });
    expect(
      keys(
        rows.filter(({ relation }) => relation === 'below it').map((row) => [row.item_id, row.permission_id]),
      ),
    ).toEqual(keys(below.map(({ item_id, permission_id }) => [item_id, permission_id])));
  });

  it('answers for one person: what is theirs by name, address or id, and what is open to all', async () => {
    const isOpen = (scope: string | null | undefined) => scope === 'anonymous' || scope === 'organization';
    const expected = permissions.filter(
      (each) => each.kind !== 'inherited' && (each.grantee_id === 'g1' || isOpen(each.link_scope)),
    );
    for (const principal of ['g1', 'ZOË', 'Zoe@Fabrikam']) {
      const { rows } = await world.make(access, { principal }, await sources());
      expect(keys(rows.map(({ item_id, permission_id }) => [item_id, permission_id]))).toEqual(
        keys(expected.map(({ item_id, permission_id }) => [item_id, permission_id])),
      );
    }
  });

  it('is nothing for a path that is not there', async () => {
    expect((await world.make(access, { path: '/not there' }, await sources())).rows).toEqual([]);
  });
});
