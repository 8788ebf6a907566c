import { inactiveDrives } from '../../../../src/reports/catalogue/inactive-drives.ts';
import { child, item, testDrive } from '../../../support/report-drive.ts';
import {
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
  type TestItem,
} from '../../../support/report-world.ts';

describe('inactive sites and libraries', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const older = (items: readonly TestItem[], days: number) =>
    items.map((each) => ({
      ...each,
      modified_at: each.modified_at === null ? null : each.modified_at - days * dayMs,
    }));
  const drives = [
    testDrive({ driveId: 'busy', folders: 5, files: 80, seed: 81 }),
    older(testDrive({ driveId: 'quiet', folders: 5, files: 60, seed: 82 }), 200),
    older(testDrive({ driveId: 'old', folders: 2, files: 30, seed: 83 }), 900),
    [item({ drive_id: 'empty', item_id: 'r', kind: 'root', path: '/' })],
  ];

  it.each([true, false])('are those whose newest file is old, or that hold none (all: %s)', async (all) => {
    const given = {
      items: await Promise.all(drives.map((items) => world.items(items))),
      drives: [
        ...drives.map(([root]) => readDrive(root?.drive_id ?? '')),
        readDrive('denied', { outcome: 'denied' }),
      ],
    };
    const { rows, totals, result } = await world.make(inactiveDrives, { all }, given);
    const expected = drives.map((items) => {
      const files = items.filter(({ kind }) => kind === 'file');
      const times = files.flatMap(({ modified_at }) => modified_at ?? []);
      const newest = times.length === 0 ? null : Math.max(...times);
      return {
        drive_id: items[0]?.drive_id,
        last_change: newest === null ? null : new Date(newest),
        idle_days: newest === null ? null : Math.floor((reportNow - newest) / dayMs),
        files: files.length,
        bytes: files.reduce((sum, { size }) => sum + (size ?? 0), 0),
      };
    });
    const inactive = expected.filter(({ idle_days }) => idle_days === null || idle_days >= 180);
    const wanted = all ? expected : inactive;
    const order = (days: number | null) => days ?? Number.POSITIVE_INFINITY;
    wanted.sort((a, b) => (order(b.idle_days) > order(a.idle_days) ? 1 : -1));
    const found = rows.map(({ drive_id, last_change, idle_days, files, bytes }) => ({
      drive_id,
      last_change,
      idle_days,
      files,
      bytes,
    }));
    expect(found).toEqual(wanted);
    expect(inactive).toHaveLength(3);
    expect(totals).toEqual({
      inactive: 3,
      bytes: inactive.reduce((sum, { bytes }) => sum + bytes, 0),
      drives: 4,
    });
    expect(result.charts[0]?.rows.reduce((sum, { value }) => sum + value, 0)).toBe(wanted.length);
  });

  it('counts a drive as inactive on the very day, and not the day before', async () => {
    const drive = (driveId: string, modified: number) => {
      const root = item({ drive_id: driveId, item_id: `${driveId}-r`, kind: 'root', path: '/' });
      return [root, child(root, { item_id: `${driveId}-f`, name: 'f', modified_at: modified })];
    };
    const { rows } = await world.make(
      inactiveDrives,
      { days: 30 },
      {
        items: [
          await world.items(drive('in', reportNow - 30 * dayMs)),
          await world.items(drive('out', reportNow - 30 * dayMs + 1)),
        ],
        drives: [readDrive('in'), readDrive('out')],
      },
    );
    expect(rows.map(({ drive_id }) => drive_id)).toEqual(['in']);
  });
});
