import { versionBloat } from '../../../../src/reports/catalogue/version-bloat.ts';
import { seeded, testDrive } from '../../../support/report-drive.ts';
import {
  compareText,
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
  type TestVersion,
} from '../../../support/report-world.ts';

describe('version bloat', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const drive = testDrive({ driveId: 'one', folders: 4, files: 40, seed: 21 });
  const files = drive.filter(({ kind }) => kind === 'file');
  const random = seeded(22);
  const versions = files.flatMap(({ drive_id, item_id }) =>
    Array.from(
      { length: 1 + Math.floor(random() * 12) },
      (_, index): TestVersion => ({
        drive_id,
        item_id,
        version_id: `${index + 1}.0`,
        size: Math.floor(random() * 1000),
        modified_at: reportNow - (12 - index) * 20 * dayMs,
        modified_by: null,
      }),
    ),
  );

  it('is the sum of all versions but the present one, and what the wish to keep leaves over', async () => {
    const { rows, totals } = await world.make(
      versionBloat,
      { keepDays: 100, keepAtLeast: 3 },
      {
        items: [await world.items(drive)],
        versions: [await world.versions(versions)],
        drives: [readDrive('one', { quotaUsed: 50_000 })],
      },
    );
    const expected = files
      .flatMap(({ item_id, path }) => {
        const own = versions
          .filter((each) => each.item_id === item_id)
          .sort((a, b) => b.modified_at - a.modified_at);
        if (own.length < 2) return [];
        const keeps = own.filter((each, index) => index < 3 || each.modified_at >= reportNow - 100 * dayMs);
        const sum = (of: readonly TestVersion[]) => of.reduce((total, { size }) => total + size, 0);
        const version_bytes = sum(own.slice(1));
        return [
          {
            path,
            versions: own.length,
            version_bytes,
            share: version_bytes / 500,
            suggested_keep: keeps.length,
            reclaimable: sum(own) - sum(keeps),
          },
        ];
      })
      .sort((a, b) => b.version_bytes - a.version_bytes || compareText(a.path, b.path));
    expect(
      rows.map(({ path, versions: count, version_bytes, share, suggested_keep, reclaimable }) => ({
        path,
        versions: count,
        version_bytes,
        share,
        suggested_keep,
        reclaimable,
      })),
    ).toEqual(expected.map((row) => ({ ...row, share: expect.closeTo(row.share, 9) })));
    expect(totals).toMatchObject({
      files: expected.length,
      bytes: expected.reduce((sum, row) => sum + row.version_bytes, 0),
      reclaimable: expected.reduce((sum, row) => sum + row.reclaimable, 0),
    });
  });

  it('leaves out files of one version', async () => {
    const [first] = versions;
    if (!first) throw new Error('no version');
    const made = await world.make(
      versionBloat,
      {},
      {
        items: [await world.items(drive)],
        versions: [await world.versions([first])],
      },
    );
    expect(made.rows).toEqual([]);
    expect(made.result.sentences).toEqual(['No file that was looked at has earlier versions.']);
  });
});
