import { growth } from '../../../../src/reports/catalogue/growth.ts';
import { child, item, seeded, testDrive } from '../../../support/report-drive.ts';
import {
  compareText,
  createReportWorld,
  type ReportWorld,
  type TestItem,
} from '../../../support/report-world.ts';

const topOf = (path: string) => (path.indexOf('/', 1) < 0 ? '/' : path.slice(0, path.indexOf('/', 1)));

function countedByHand(before: readonly TestItem[], now: readonly TestItem[]) {
  const files = (items: readonly TestItem[]) =>
    new Map(items.filter(({ kind }) => kind === 'file').map((each) => [each.item_id, each]));
  const [old, present] = [files(before), files(now)];
  const rows = new Map<string, Record<string, number | string>>();
  const add = (folder: string, sums: Record<string, number>) => {
    const row = rows.get(folder) ?? {
      ...{ folder, files: 0, bytes: 0, growth: 0, added_files: 0, added_bytes: 0 },
      ...{ removed_files: 0, removed_bytes: 0, changed_files: 0 },
    };
    for (const [name, value] of Object.entries(sums)) row[name] = Number(row[name]) + value;
    rows.set(folder, row);
  };
  for (const file of present.values()) {
    const size = file.size ?? 0;
    const was = old.get(file.item_id);
    add(topOf(file.path), { files: 1, bytes: size, growth: size });
    if (!was) add(topOf(file.path), { added_files: 1, added_bytes: size });
    else if (was.size !== file.size || was.hash !== file.hash || was.modified_at !== file.modified_at)
      add(topOf(file.path), { changed_files: 1 });
  }
  for (const file of old.values()) {
    add(topOf(file.path), { growth: -(file.size ?? 0) });
    if (!present.has(file.item_id))
      add(topOf(file.path), { removed_files: 1, removed_bytes: file.size ?? 0 });
  }
  return [...rows.values()]
    .filter((row) =>
      ['growth', 'added_files', 'removed_files', 'changed_files'].some((name) => row[name] !== 0),
    )
    .sort((a, b) => Number(b.growth) - Number(a.growth) || compareText(String(a.folder), String(b.folder)));
}

describe('growth and churn', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  it('is what a count by hand finds: added, deleted, changed and moved files', async () => {
    const before = testDrive({ driveId: 'one', folders: 12, files: 300, seed: 7 });
    const random = seeded(8);
    const folders = before.filter(({ kind }) => kind === 'folder');
    const now = before.flatMap((each): TestItem[] => {
      const dice = random();
      if (each.kind !== 'file' || dice > 0.4) return [each];
      if (dice < 0.1) return [];
      if (dice < 0.2) return [{ ...each, size: (each.size ?? 0) + 1000 }];
      if (dice < 0.3) return [{ ...each, item_id: `${each.item_id}-new`, path: `${each.path} new` }];
      const to = folders[Math.floor(random() * folders.length)];
      return to ? [{ ...each, parent_id: to.item_id, path: `${to.path}/${each.name}` }] : [];
    });
    const made = await world.make(
      growth,
      {},
      { items: [await world.items(now)], previous: [await world.items(before)] },
    );
    const expected = countedByHand(before, now);
    expect(made.rows.map(({ drive, drive_id, ...row }) => row)).toEqual(expected);
    const sum = (name: string) => expected.reduce((total, row) => total + Number(row[name]), 0);
    expect(made.totals).toMatchObject({
      growth: sum('growth'),
      added: sum('added_files'),
      removed: sum('removed_files'),
      changed: sum('changed_files'),
    });
  });

  it('is nothing for a drive that is read for the first time, and for one that was not read now', async () => {
    const drive = (driveId: string) => testDrive({ driveId, folders: 2, files: 9, seed: 9 });
    const items = [await world.items(drive('new')), await world.items(drive('same'))];
    const previous = [await world.items(drive('same')), await world.items(drive('denied'))];
    expect((await world.make(growth, {}, { items, previous })).rows).toEqual([]);
  });

  it('tells of a drive that was emptied', async () => {
    const root = item({ item_id: 'r', kind: 'root', path: '/' });
    const file = child(root, { item_id: 'f', name: 'f', size: 12 });
    const { rows, result } = await world.make(
      growth,
      {},
      {
        items: [await world.items([root])],
        previous: [await world.items([root, file])],
      },
    );
    expect(rows).toMatchObject([{ folder: '/', files: 0, growth: -12, removed_files: 1, removed_bytes: 12 }]);
    expect(result.sentences).toContain('The drives shrank by 12 bytes.');
  });
});
