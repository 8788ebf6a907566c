import { duplicates } from '../../../../src/reports/catalogue/duplicates.ts';
import { child, item, testDrive } from '../../../support/report-drive.ts';
import {
  compareText,
  createReportWorld,
  type ReportWorld,
  reportNow,
  type TestItem,
} from '../../../support/report-world.ts';

function foundByHand(items: readonly TestItem[], across: boolean) {
  const groups = new Map<string, TestItem[]>();
  for (const each of items) {
    if (each.kind !== 'file' || !each.hash || !each.size) continue;
    const key = `${each.hash}\n${each.size}\n${across ? '' : each.drive_id}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const staleBefore = Date.UTC(2025, 10, 20, 12);
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .flatMap((copies) => {
      const order = copies.sort(
        (a, b) =>
          (b.modified_at ?? -1) - (a.modified_at ?? -1) ||
          compareText(a.drive_id, b.drive_id) ||
          compareText(a.path, b.path),
      );
      return order.map(({ item_id, size, modified_at }, index) => ({
        item_id,
        copies: copies.length,
        keep: index === 0,
        wasted: index === 0 ? 0 : size,
        stale: index > 0 && modified_at !== null && modified_at <= staleBefore,
      }));
    })
    .sort((a, b) => compareText(a.item_id, b.item_id));
}

describe('duplicates', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const one = testDrive({ driveId: 'one', folders: 10, files: 150, seed: 11 });
  const two = testDrive({ driveId: 'two', folders: 4, files: 60, seed: 12 });

  it.each([true, false])(
    'are those that a comparison of all with all finds (across drives: %s)',
    async (acrossDrives) => {
      const items = [await world.items(one), await world.items(two)];
      const { rows, totals } = await world.make(duplicates, { acrossDrives }, { items });
      const expected = foundByHand([...one, ...two], acrossDrives);
      const found = rows.map(({ item_id, copies, keep, wasted, stale }) => ({
        item_id,
        copies,
        keep,
        wasted,
        stale,
      }));
      expect(found.sort((a, b) => compareText(String(a.item_id), String(b.item_id)))).toEqual(expected);
      expect(expected.length).toBeGreaterThan(20);
      expect(totals).toEqual({
        groups: expected.filter(({ keep }) => keep).length,
        surplus: expected.filter(({ keep }) => !keep).length,
        wasted: expected.reduce((sum, { wasted }) => sum + (wasted ?? 0), 0),
        stale: expected.filter(({ stale }) => stale).length,
      });
    },
  );

  it('are numbered by what they waste, and cut by group', async () => {
    const { rows } = await world.make(duplicates, { top: 3 }, { items: [await world.items(one)] });
    const waste = [1, 2, 3].map((number) =>
      rows.filter((row) => row.number === number).reduce((sum, { wasted }) => sum + Number(wasted), 0),
    );
    expect(waste).toEqual([...waste].sort((a, b) => b - a));
    expect(Math.min(...waste)).toBeGreaterThan(0);
    expect(new Set(rows.map(({ number }) => number)).size).toBe(3);
  });

  it('are no files without content, without a hash, or with the same hash and another size', async () => {
    const root = item({ item_id: 'r', kind: 'root', path: '/' });
    const file = (item_id: string, hash: string | null, size: number) =>
      child(root, { item_id, name: item_id, hash, size, modified_at: reportNow });
    const items = [
      root,
      file('a', 'h', 0),
      file('b', 'h', 0),
      file('c', null, 5),
      file('d', null, 5),
      file('e', 'x', 1),
      file('f', 'x', 2),
      file('g', '', 3),
      file('h', '', 3),
    ];
    expect((await world.make(duplicates, {}, { items: [await world.items(items)] })).rows).toEqual([]);
  });
});
