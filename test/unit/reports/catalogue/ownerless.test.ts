import { ownerless } from '../../../../src/reports/catalogue/ownerless.ts';
import {
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
} from '../../../support/report-world.ts';

describe('what has no owner', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const drives = [
    readDrive('gone', { kind: 'business', ownerId: 'u0', ownerName: 'Left Long Ago', quotaUsed: 500 }),
    readDrive('off', { kind: 'business', ownerId: 'u2', quotaUsed: 300 }),
    readDrive('none', { kind: 'personal', ownerId: null, quotaUsed: null }),
    readDrive('fine', { kind: 'business', ownerId: 'u1', quotaUsed: 900 }),
    readDrive('site', { kind: 'documentLibrary', ownerId: 'u0', quotaUsed: 700 }),
    readDrive('team', { kind: 'documentLibrary', quotaUsed: 1000 }),
  ];
  const people = [
    { id: 'u1', name: 'Ada', enabled: true },
    { id: 'u2', name: 'Grace', enabled: false },
  ];
  const groups = [
    { id: 'g0', name: 'Nobody', ownerCount: 0, memberCount: 3, driveId: 'team' },
    { id: 'g1', name: 'One', ownerCount: 1, memberCount: 9 },
    { id: 'g2', name: 'Two', ownerCount: 2 },
    { id: 'g3', name: 'Unknown', ownerCount: null },
    { id: 'g4', name: 'Deleted', ownerCount: 2, deletedAt: reportNow - 10.5 * dayMs },
  ];
  const pairs = async (parameters: object, sources: object) => {
    const { rows } = await world.make(ownerless, parameters, sources);
    return Object.fromEntries(rows.map(({ id, owner_state }) => [id, owner_state]));
  };

  it('are groups without owners, deleted groups, and OneDrives whose owner is gone or may not sign in', async () => {
    const { rows, totals } = await world.make(ownerless, {}, { drives, people, groups });
    expect(
      rows.map(({ kind, name, owner_state, owner, size, days_left }) => [
        kind,
        name,
        owner_state,
        owner,
        size,
        days_left,
      ]),
    ).toEqual([
      ['group', 'Nobody', 'no owner', null, 1000, null],
      ['drive', 'Drive gone', 'owner is gone', 'Left Long Ago', 500, null],
      ['drive', 'Drive off', 'owner may not sign in', 'Grace', 300, null],
      ['drive', 'Drive none', 'no owner', null, null, null],
      ['group', 'Deleted', 'group is deleted', null, null, 19],
    ]);
    expect(totals).toEqual({ groups: 2, drives: 3, bytes: 1800 });
  });

  it('can hold groups with one owner, and leave deleted ones out', async () => {
    expect(await pairs({ singleOwner: true, deleted: false }, { groups })).toEqual({
      g0: 'no owner',
      g1: 'one owner',
    });
  });

  it('calls no drive orphaned where the people were not read', async () => {
    expect(await pairs({}, { drives })).toEqual({});
  });
});
