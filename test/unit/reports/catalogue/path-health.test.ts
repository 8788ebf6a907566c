import { pathHealth } from '../../../../src/reports/catalogue/path-health.ts';
import { child, item, testDrive } from '../../../support/report-drive.ts';
import {
  createReportWorld,
  type ReportWorld,
  readDrive,
  type TestItem,
} from '../../../support/report-world.ts';

describe('the health of paths and names', () => {
  let world: ReportWorld;
  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  const root = item({ item_id: 'r', kind: 'root', path: '/' });
  const problems = async (items: readonly TestItem[], parameters: object = {}, webUrl?: string) => {
    const drives = [readDrive('one', webUrl === undefined ? {} : { webUrl })];
    const made = await world.make(pathHealth, parameters, { items: [await world.items(items)], drives });
    return made.rows.map(({ item_id, problem, detail }) => [item_id, problem, detail]);
  };
  const named = (name: string) => child(root, { item_id: 'x', name });

  it.each([
    ['a"b', 'forbidden character', '"'],
    ['a|b', 'forbidden character', '|'],
    ['CON', 'reserved name', 'CON'],
    ['lpt1.txt', 'reserved name', 'lpt1.txt'],
    ['Desktop.ini', 'reserved name', 'Desktop.ini'],
    ['~$Plan.docx', 'reserved name', '~$Plan.docx'],
    ['my_vti_x', 'reserved name', 'my_vti_x'],
    [' x', 'space or dot at an end', '" x"'],
    ['x ', 'space or dot at an end', '"x "'],
    ['x.', 'space or dot at an end', '"x."'],
  ])('finds what is wrong with the name %j', async (name, problem, detail) => {
    expect(await problems([root, named(name)])).toEqual([['x', problem, detail]]);
  });

  it.each(['Console', 'lpt10x', 'a.b', 'Größe', '.gitignore', 'com'])(
    'finds nothing wrong with %j',
    async (name) => {
      expect(await problems([root, named(name)])).toEqual([]);
    },
  );

  it('counts the characters of a path with those of its drive, decoded', async () => {
    const file = named('äöü.txt');
    const webUrl = 'https://contoso.sharepoint.com/sites/A%20B/Docs';
    const length = 'sites/A B/Docs'.length + '/äöü.txt'.length;
    expect(await problems([root, file], { maxLength: length - 1 }, webUrl)).toEqual([
      ['x', 'too long', `${length} characters`],
    ]);
    expect(await problems([root, file], { maxLength: length }, webUrl)).toEqual([]);
  });

  it('finds what is deep, full, or has too many permissions of its own', async () => {
    const folder = child(
      { ...root, child_count: 1 },
      { item_id: 'f', kind: 'folder', name: 'f', child_count: 11 },
    );
    const file = child(folder, { item_id: 'x', name: 'x', unique_permissions: true });
    const other = child(folder, { item_id: 'y', name: 'y', unique_permissions: true });
    const found = await problems([root, folder, file, other], { maxDepth: 1, maxItems: 10, maxUnique: 1 });
    expect(found).toEqual([
      ['x', 'too deep', '2 levels'],
      ['y', 'too deep', '2 levels'],
      ['f', 'too many items', '11 items'],
      ['r', 'too many permissions', '2 items with their own'],
    ]);
  });

  it('finds names that differ in their case only, in one folder', async () => {
    const folder = child(root, { item_id: 'f', kind: 'folder', name: 'f' });
    const items = [
      root,
      folder,
      child(root, { item_id: 'a', name: 'Émile' }),
      child(root, { item_id: 'b', name: 'émile' }),
      child(folder, { item_id: 'c', name: 'ÉMILE' }),
    ];
    expect(await problems(items)).toEqual([
      ['a', 'case clash', '2 items of this name'],
      ['b', 'case clash', '2 items of this name'],
    ]);
  });

  it('finds the same as a check of each path of a large drive', async () => {
    const drive = testDrive({ driveId: 'one', folders: 40, files: 400, seed: 31 });
    const found = await problems(drive, { maxLength: 60, maxDepth: 4 });
    const expected = drive.flatMap(({ item_id, path, name, depth, kind }) => [
      ...([...path].length > 60 ? [[item_id, 'too long']] : []),
      ...(depth > 4 ? [[item_id, 'too deep']] : []),
      ...(kind !== 'root' && /["*:<>?/\\|]/.test(name) ? [[item_id, 'forbidden character']] : []),
    ]);
    expect(found.map(([id, problem]) => `${id} ${problem}`).sort()).toEqual(
      expected.map((pair) => pair.join(' ')).sort(),
    );
    expect(expected.length).toBeGreaterThan(50);
  });
});
