import { staleContent } from '../../../../src/reports/catalogue/stale-content.ts';
import { child, item, testDrive } from '../../../support/report-drive.ts';
import {
  compareText,
  createReportWorld,
  dayMs,
  type ReportWorld,
  reportNow,
} from '../../../support/report-world.ts';

describe('stale content', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const monthsAgo = (months: number) => {
    const time = new Date(reportNow);
    time.setUTCMonth(time.getUTCMonth() - months);
    return time.getTime();
  };
  const bucketOf = (modified: number) => {
    if (modified <= monthsAgo(36)) return '36 months or more';
    if (modified <= monthsAgo(24)) return '24 to 36 months';
    if (modified <= monthsAgo(12)) return '12 to 24 months';
    return modified <= monthsAgo(6) ? '6 to 12 months' : 'less than 6 months';
  };
  const drive = testDrive({ driveId: 'one', folders: 12, files: 400, seed: 5 });

  it.each([1, 9, 12, 30])('is what did not change for %i months, in its bucket', async (months) => {
    const expected = drive
      .filter(
        ({ kind, modified_at }) =>
          kind === 'file' && modified_at !== null && modified_at <= monthsAgo(months),
      )
      .sort((a, b) => (b.size ?? -1) - (a.size ?? -1) || compareText(a.path, b.path))
      .map(({ path, size, modified_at }) => ({
        path,
        size,
        age: Math.floor((reportNow - (modified_at ?? 0)) / dayMs),
        bucket: bucketOf(modified_at ?? 0),
      }));
    const made = await world.make(staleContent, { months }, { items: [await world.items(drive)] });
    expect(made.rows.map(({ path, size, age, bucket }) => ({ path, size, age, bucket }))).toEqual(expected);

    const bytes = expected.reduce((sum, { size }) => sum + (size ?? 0), 0);
    const all = drive.reduce((sum, { kind, size }) => sum + (kind === 'file' ? (size ?? 0) : 0), 0);
    expect(made.totals).toMatchObject({ files: expected.length, bytes });
    expect(made.totals.share).toBeCloseTo((100 * bytes) / all, 9);
    const bars = made.result.charts[0];
    expect(bars?.rows.reduce((sum, { value }) => sum + value, 0)).toBe(bytes);
  });

  it('holds a file at the very moment that it becomes stale, and not a moment before', async () => {
    const root = item({ item_id: 'r', kind: 'root', path: '/' });
    const items = [
      root,
      child(root, { item_id: 'just', name: 'just', modified_at: monthsAgo(12), size: 1 }),
      child(root, { item_id: 'not yet', name: 'not yet', modified_at: monthsAgo(12) + 1, size: 1 }),
      child(root, { item_id: 'unknown', name: 'unknown', modified_at: null, size: 1 }),
    ];
    const { rows } = await world.make(staleContent, {}, { items: [await world.items(items)] });
    expect(rows.map(({ item_id }) => item_id)).toEqual(['just']);
  });

  it('counts what became stale since the inventory before, from the time at which that was read', async () => {
    const root = item({ item_id: 'r', kind: 'root', path: '/' });
    const file = child(root, { item_id: 'f', name: 'f', modified_at: monthsAgo(12) - dayMs, size: 7 });
    const items = [await world.items([root, file])];
    const drives = [{ driveId: 'one', outcome: 'read' as const, previousReadAt: reportNow - 7 * dayMs }];
    const { result } = await world.make(staleContent, {}, { items, previous: items, drives });
    expect(result.changes).toMatchObject({ added: 1, removed: 0, changed: 0 });
  });
});
