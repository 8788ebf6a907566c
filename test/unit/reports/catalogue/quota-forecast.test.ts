import { quotaForecast } from '../../../../src/reports/catalogue/quota-forecast.ts';
import type { DriveRow } from '../../../../src/reports/data/sources.ts';
import { seeded } from '../../../support/report-drive.ts';
import {
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
} from '../../../support/report-world.ts';

/** Least squares, as a textbook has it. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const n = points.length;
  const mean = (pick: 0 | 1) => points.reduce((sum, point) => sum + point[pick], 0) / n;
  const [mx, my] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return above / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

describe('the forecast of quotas', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());
  const random = seeded(71);

  it('is a straight line through earlier readings and this one', async () => {
    const drives = ['a', 'b', 'c', 'd'].map((id, index) =>
      readDrive(id, {
        quotaTotal: 1_000_000,
        quotaUsed: 300_000 + 200_000 * index,
        quotaDeleted: 1000 * index,
      }),
    );
    const driveHistory = drives.flatMap((drive): DriveRow[] =>
      Array.from({ length: 6 }, (_, week) => ({
        ...drive,
        readAt: reportNow - (week + 1) * 7 * dayMs,
        quotaUsed: Math.round((drive.quotaUsed ?? 0) - week * 7000 + random() * 500),
      })),
    );
    const { rows, result } = await world.make(quotaForecast, {}, { drives, driveHistory });
    for (const row of rows) {
      const points = [...drives, ...driveHistory]
        .filter(({ driveId }) => driveId === row.drive_id)
        .map(({ readAt, quotaUsed }) => [(readAt ?? 0) / dayMs, quotaUsed ?? 0] as const);
      const slope = slopeOf(points);
      const used = Number(row.used);
      const days = slope > 0 ? Math.floor((1_000_000 - used) / slope) : null;
      expect(Math.abs(Number(row.growth) - slope)).toBeLessThan(1);
      expect([row.drive_id, row.days_to_full]).toEqual([row.drive_id, days]);
      expect(row.full_on).toEqual(days === null ? null : new Date(reportNow + days * dayMs));
      expect(row.share).toBeCloseTo(used / 10_000, 9);
    }
    expect(rows.map(({ drive_id }) => drive_id)).toEqual(['d', 'c', 'b', 'a']);
    expect(result.charts.map(({ kind }) => kind)).toEqual(['bars', 'lines']);
    expect(result.charts[1]?.rows).toHaveLength(28);
  });

  it('says nothing of drives that shrink, that were read once, or whose quota is not known', async () => {
    const drives = [
      readDrive('full', { quotaTotal: 10, quotaUsed: 12 }),
      readDrive('once', { quotaTotal: 10, quotaUsed: 5 }),
      readDrive('shrinks', { quotaTotal: 10, quotaUsed: 5 }),
      readDrive('unknown', { quotaTotal: null, quotaUsed: 5 }),
      readDrive('empty', { quotaTotal: 0, quotaUsed: 0 }),
      readDrive('denied', { outcome: 'denied', quotaUsed: 5, quotaTotal: 5 }),
    ];
    const driveHistory = [readDrive('shrinks', { quotaTotal: 10, quotaUsed: 9, readAt: reportNow - dayMs })];
    const { rows, totals } = await world.make(quotaForecast, {}, { drives, driveHistory });
    expect(Object.fromEntries(rows.map(({ drive_id, days_to_full }) => [drive_id, days_to_full]))).toEqual({
      full: 0,
      once: null,
      shrinks: null,
      unknown: null,
      empty: null,
    });
    expect(totals).toEqual({ drives: 5, used: 27, deleted: 0, full_soon: 1 });
  });
});
