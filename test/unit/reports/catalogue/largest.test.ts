import { largest } from '../../../../src/reports/catalogue/largest.ts';
import { child, item, sized, testDrive } from '../../../support/report-drive.ts';
import {
  compareText,
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
  type TestItem,
} from '../../../support/report-world.ts';

describe('the largest files and folders', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const one = testDrive({ driveId: 'one', folders: 15, files: 200, seed: 2 });
  const two = testDrive({ driveId: 'two', folders: 5, files: 90, seed: 3 });
  const sources = async () => ({
    items: [await world.items(one), await world.items(two)],
    drives: [readDrive('one'), readDrive('two')],
  });
  const bytesOf = (items: readonly TestItem[]) =>
    items.reduce((sum, { kind, size }) => sum + (kind === 'file' ? (size ?? 0) : 0), 0);
  const bySize = (a: TestItem, b: TestItem) =>
    (b.size ?? 0) - (a.size ?? 0) || compareText(a.drive_id, b.drive_id) || compareText(a.path, b.path);

  it.each(['files', 'folders', 'both'] as const)('are the same %s as a plain sort gives', async (what) => {
    const kinds = { files: ['file'], folders: ['folder'], both: ['file', 'folder'] }[what];
    const expected = [...one, ...two].filter(({ kind, size }) => kinds.includes(kind) && (size ?? 0) > 0);
    const { rows } = await world.make(largest, { what, top: 40 }, await sources());
    expect(rows.map(({ path, size }) => [path, size])).toEqual(
      expected
        .sort(bySize)
        .slice(0, 40)
        .map(({ path, size }) => [path, size]),
    );
  });

  it('have their share of the drive and their age in whole days', async () => {
    const { rows, totals } = await world.make(largest, { top: 1000 }, await sources());
    const share = { one: bytesOf(one), two: bytesOf(two) };
    for (const row of rows) {
      const source = [...one, ...two].find(({ item_id }) => item_id === row.item_id);
      const all = share[row.drive_id as 'one' | 'two'];
      expect(row.share).toBeCloseTo((100 * (source?.size ?? 0)) / all, 9);
      const age = source?.modified_at ? Math.floor((reportNow - source.modified_at) / dayMs) : null;
      expect([row.path, row.age]).toEqual([row.path, age]);
      expect(row.drive).toBe(`Drive ${row.drive_id}`);
    }
    expect(totals.bytes).toBe(bytesOf(one) + bytesOf(two));
  });

  it('are those below a folder only, whatever its name', async () => {
    const root = item({ item_id: 'r', kind: 'root', path: '/' });
    const folder = child(root, { item_id: 'a', kind: 'folder', name: "100% O'Brien" });
    const like = child(root, { item_id: 'b', kind: 'folder', name: "100% O'Brien 2" });
    const items = sized([
      root,
      folder,
      like,
      child(folder, { item_id: 'in', name: 'in', size: 1 }),
      child(like, { item_id: 'out', name: 'out', size: 9 }),
    ]);
    for (const under of ["/100% O'Brien", "/100% O'Brien/"]) {
      const { rows } = await world.make(largest, { under }, { items: [await world.items(items)] });
      expect(rows.map(({ item_id }) => item_id)).toEqual(['in']);
    }
  });

  it('are drawn as a treemap whose areas sum up to all files', async () => {
    const sums = async (items: string[]) => {
      const { result } = await world.make(largest, {}, { items });
      const [chart] = result.charts;
      return chart?.kind === 'treemap' ? chart.rows.reduce((sum, { value }) => sum + value, 0) : undefined;
    };
    expect(await sums([await world.items(one)])).toBe(bytesOf(one));
    expect(await sums([await world.items(one), await world.items(two)])).toBe(bytesOf(one) + bytesOf(two));
  });
});
