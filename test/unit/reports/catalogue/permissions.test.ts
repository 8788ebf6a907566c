import { anonymousLinks } from '../../../../src/reports/catalogue/anonymous-links.ts';
import { externalSharing } from '../../../../src/reports/catalogue/external-sharing.ts';
import { oversharing } from '../../../../src/reports/catalogue/oversharing.ts';
import { permissionMatrix } from '../../../../src/reports/catalogue/permission-matrix.ts';
import { testDrive } from '../../../support/report-drive.ts';
import { testPermissions } from '../../../support/report-permissions.ts';
import {
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
  type TestItem,
  type TestPermission,
  type TestRow,
} from '../../../support/report-world.ts';

describe('reports on permissions', () => {
  let world: ReportWorld;
  const drive = testDrive({ driveId: 'one', folders: 20, files: 250, seed: 51 }).map((each, index) => ({
    ...each,
    unique_permissions: index % 7 === 0,
  }));
  const permissions = testPermissions(drive, 52);
  const people = [
    { id: 'g1', mail: 'other@fabrikam.com', guest: true, lastSignIn: reportNow - 3.5 * dayMs },
    { id: 'x', mail: 'LI_tailspin.com#ext#@contoso.com', guest: true, lastSignIn: reportNow - 10 * dayMs },
    { id: 'u1', mail: 'ada@contoso.com', guest: false, enabled: true },
    { id: 'u9', mail: 'old@contoso.com', guest: false, enabled: false },
  ];
  const groups = [
    { id: 'grp2', name: 'Sales', memberCount: 250 },
    { id: 'grp3', name: 'Small team', memberCount: 5 },
  ];
  const sources = async () => ({
    items: [await world.items(drive)],
    permissions: [await world.permissions(permissions)],
    drives: [readDrive('one', { siteName: 'Team' })],
    people,
    groups,
  });
  const itemOf = (permission: TestPermission): TestItem => {
    const found = drive.find(({ item_id }) => item_id === permission.item_id);
    if (!found) throw new Error('an item is missing');
    return found;
  };
  const keysOf = (rows: readonly TestRow[]) =>
    rows.map(({ item_id, permission_id }) => `${item_id} ${permission_id}`).sort();
  const keysOfGrants = (grants: readonly TestPermission[]) =>
    grants.map(({ item_id, permission_id }) => `${item_id} ${permission_id}`).sort();

  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  describe('links for anyone', () => {
    const riskOf = (each: TestPermission) => {
      const points =
        (each.role !== 'read' || each.link_type === 'edit' ? 2 : 0) +
        (itemOf(each).kind === 'file' ? 0 : 1) +
        (each.expires_at == null ? 1 : 0) +
        (each.has_password ? 0 : 1);
      return points >= 4 ? 'high' : points >= 2 ? 'medium' : 'low';
    };
    const anyone = permissions.filter(({ link_scope }) => link_scope === 'anonymous');

    it.each([true, false])(
      'are all that open without a sign-in, by their risk (inherited: %s)',
      async (inherited) => {
        const expected = anyone.filter(({ kind }) => inherited || kind !== 'inherited');
        const { rows, totals, result } = await world.make(anonymousLinks, { inherited }, await sources());
        expect(keysOf(rows)).toEqual(keysOfGrants(expected));
        for (const row of rows) {
          const source = expected.find(({ permission_id }) => permission_id === row.permission_id);
          if (!source) throw new Error('no such permission');
          expect(row).toMatchObject({ risk: riskOf(source), path: itemOf(source).path });
          const left = source.expires_at == null ? null : Math.floor((source.expires_at - reportNow) / dayMs);
          expect(row.days_left).toBe(left);
        }
        expect(totals).toEqual({
          links: expected.length,
          high: expected.filter((each) => riskOf(each) === 'high').length,
          endless: expected.filter(({ expires_at }) => expires_at == null).length,
          open: expected.filter(({ has_password }) => !has_password).length,
        });
        expect(result.charts[0]?.rows.reduce((sum, { value }) => sum + value, 0)).toBe(expected.length);
      },
    );

    it('can be asked for by risk', async () => {
      const { rows } = await world.make(anonymousLinks, { risks: ['high'] }, await sources());
      const expected = anyone.filter((each) => each.kind !== 'inherited' && riskOf(each) === 'high');
      expect(keysOf(rows)).toEqual(keysOfGrants(expected));
    });
  });

  describe('people outside', () => {
    const domains: Readonly<Record<string, string>> = {
      g1: 'fabrikam.com',
      g2: 'tailspin.com',
      g3: '',
      u1: 'contoso.com',
      u2: 'partner.example',
    };

    it('are guests, with the domain that they come from and their last sign-in', async () => {
      const expected = permissions.filter(
        (each) => each.grantee_kind === 'guest' && each.kind !== 'inherited',
      );
      const { rows, totals } = await world.make(externalSharing, {}, await sources());
      expect(keysOf(rows)).toEqual(keysOfGrants(expected));
      const idle: Readonly<Record<string, number | null>> = { g1: 3, g2: 10, g3: null };
      for (const row of rows) {
        expect(row.domain).toBe(domains[String(row.grantee_id)]);
        expect(row.idle_days).toBe(idle[String(row.grantee_id)]);
      }
      expect(totals).toEqual({
        grants: expected.length,
        guests: new Set(expected.map(({ grantee_id }) => grantee_id)).size,
        domains: 2,
        items: new Set(expected.map(({ item_id }) => item_id)).size,
      });
    });

    it('are people of other domains too where the own domains are named', async () => {
      const { rows } = await world.make(
        externalSharing,
        { internalDomains: ['@Contoso.com'] },
        await sources(),
      );
      const expected = permissions.filter(
        (each) => (each.grantee_kind === 'guest' || each.grantee_id === 'u2') && each.kind !== 'inherited',
      );
      expect(keysOf(rows)).toEqual(keysOfGrants(expected));
      const some = await world.make(externalSharing, { domains: ['Tailspin.com'] }, await sources());
      expect(new Set(some.rows.map(({ grantee_id }) => grantee_id))).toEqual(new Set(['g2']));
    });
  });

  describe('what is shared with too many', () => {
    const whyOf = (each: TestPermission) => {
      if (each.link_scope === 'organization') return 'organisation link';
      if (each.grantee_id === 'grp1') return 'everyone';
      return each.grantee_id === 'grp2' ? 'large group' : undefined;
    };

    it('is open to the organisation, to everyone or to a large group', async () => {
      const expected = permissions.filter((each) => each.kind !== 'inherited' && whyOf(each));
      const { rows, totals } = await world.make(oversharing, {}, await sources());
      expect(keysOf(rows)).toEqual(keysOfGrants(expected));
      for (const row of rows) {
        const source = expected.find(({ permission_id }) => permission_id === row.permission_id);
        if (!source) throw new Error('no such permission');
        const why = whyOf(source);
        expect(row).toMatchObject({ why, audience: why === 'large group' ? 250 : 1, site: 'Team' });
      }
      expect(totals).toMatchObject({
        grants: expected.length,
        writable: expected.filter(({ role }) => role !== 'read').length,
      });
    });

    it('depends on what a large group is, and on names in other languages', async () => {
      const only = async (parameters: object) => {
        const { rows } = await world.make(oversharing, parameters, await sources());
        return new Set(rows.map(({ grantee_id }) => grantee_id));
      };
      expect(await only({ largeGroup: 251 })).toEqual(new Set([null, 'grp1']));
      expect(await only({ largeGroup: 2, everyoneGroups: ['BACKUP'] })).toEqual(
        new Set([null, 'grp1', 'grp2', 'grp3', 'app1']),
      );
    });
  });

  describe('the matrix of permissions', () => {
    it('has a row for each permission, with who has it and how', async () => {
      const expected = permissions.filter(({ kind }) => kind !== 'inherited');
      const { rows, totals } = await world.make(permissionMatrix, {}, await sources());
      expect(keysOf(rows)).toEqual(keysOfGrants(expected));
      for (const row of rows) {
        const source = expected.find(({ permission_id }) => permission_id === row.permission_id);
        if (!source) throw new Error('no such permission');
        const names = { anonymous: 'anyone', organization: 'everyone in the organisation', users: undefined };
        const link = source.link_scope as keyof typeof names | null;
        expect(row).toMatchObject({
          principal: source.grantee_name ?? (link ? names[link] : undefined),
          via: source.kind === 'link' ? 'link' : source.grantee_kind === 'group' ? 'group' : 'direct',
          broken: itemOf(source).unique_permissions,
          is_inherited: false,
        });
      }
      expect(totals).toMatchObject({
        grants: expected.length,
        items: new Set(expected.map(({ item_id }) => item_id)).size,
        broken: drive.filter(({ unique_permissions }) => unique_permissions).length,
      });
    });

    it('can hold what is inherited, and only what has permissions of its own', async () => {
      const { rows } = await world.make(
        permissionMatrix,
        { inherited: true, onlyBroken: true },
        await sources(),
      );
      expect(keysOf(rows)).toEqual(
        keysOfGrants(permissions.filter((each) => itemOf(each).unique_permissions)),
      );
    });
  });

  it('tell what came, went and changed since the last run', async () => {
    const before = await world.make(permissionMatrix, {}, await sources());
    const [gone, ...kept] = before.rows;
    const [changed, ...same] = kept;
    if (!gone || !changed) throw new Error('there are too few rows');
    const earlier = [{ ...gone, permission_id: 'earlier' }, { ...changed, role: 'owned' }, ...same];
    const lastRun = await world.keep(before.result.columns, earlier);
    const { result } = await world.make(permissionMatrix, {}, { ...(await sources()), lastRun });
    expect(result.changes).toMatchObject({ added: 1, removed: 1, changed: 1 });
    expect(result.changes?.some.find(({ kind }) => kind === 'changed')).toEqual({
      kind: 'changed',
      label: changed.path,
      fields: [{ title: 'Role', before: 'owned', after: changed.role }],
    });
  });

  it('tell of no change where nobody kept a run, for there is no earlier inventory of permissions', async () => {
    const given = await sources();
    const { result } = await world.make(permissionMatrix, {}, { ...given, previous: given.items });
    expect(result.changes).toBeUndefined();
  });
});
