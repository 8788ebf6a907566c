import type { DriveItem } from '../../../src/graph/drive-item.ts';
import { createFakeGraph } from '../../support/fake-graph.ts';
import { crawlAll, createInventoryWorld } from '../../support/inventory-world.ts';

/** What a business drive leaves out: cTags everywhere, names of what was deleted. */
const business: readonly (readonly DriveItem[])[] = [
  [
    { id: '01ROOT', name: 'root', root: {}, folder: { childCount: 2 } },
    {
      id: '01A',
      name: 'Plans',
      parentReference: { driveId: 'b!1', id: '01ROOT' },
      folder: { childCount: 2 },
      shared: { scope: 'users' },
      eTag: '"{A},1"',
    },
    {
      id: '01B',
      name: 'Budget.xlsx',
      size: 10,
      parentReference: { driveId: 'b!1', id: '01A' },
      file: { mimeType: 'application/x', hashes: { quickXorHash: 'AAAA' } },
      eTag: '"{B},1"',
    },
    {
      id: '01C',
      name: 'Note.txt',
      size: 0,
      parentReference: { driveId: 'b!1', id: '01A' },
      file: {},
      shared: {},
    },
  ],
  [
    {
      id: '01A',
      name: 'Old plans',
      parentReference: { driveId: 'b!1', id: '01ROOT' },
      folder: { childCount: 1 },
    },
    { id: '01C', parentReference: { driveId: 'b!1', id: '01A' }, deleted: {} },
    {
      id: '01A',
      name: 'Past plans',
      parentReference: { driveId: 'b!1', id: '01ROOT' },
      folder: { childCount: 1 },
    },
  ],
];

/** What a personal drive does: cTags and names, no sizes of what was deleted, a folder keeps its facet, other ids. */
const personal: readonly (readonly DriveItem[])[] = [
  [
    { id: 'F1!101', name: 'root', root: {}, folder: { childCount: 2 }, cTag: 'adDpG', size: 10 },
    {
      id: 'F1!2',
      name: 'Plans',
      size: 10,
      parentReference: { driveId: 'f1', id: 'F1!101', path: '/drive/root:' },
      folder: { childCount: 2 },
      shared: { scope: 'users' },
      cTag: 'c2',
    },
    {
      id: 'F1!3',
      name: 'Budget.xlsx',
      size: 10,
      parentReference: { driveId: 'f1', id: 'F1!2', path: '/drive/root:/Plans' },
      file: { mimeType: 'application/x', hashes: { quickXorHash: 'AAAA' } },
      cTag: 'c3',
    },
    {
      id: 'F1!4',
      name: 'Note.txt',
      size: 0,
      parentReference: { driveId: 'f1', id: 'F1!2', path: '/drive/root:/Plans' },
      file: {},
      shared: {},
    },
  ],
  [
    {
      id: 'F1!4',
      name: 'Note.txt',
      parentReference: { driveId: 'f1', id: 'F1!2' },
      deleted: { state: 'deleted' },
    },
    {
      id: 'F1!2',
      name: 'Past plans',
      size: 10,
      parentReference: { driveId: 'f1', id: 'F1!101', path: '/drive/root:' },
      folder: { childCount: 1 },
      cTag: 'c5',
    },
  ],
];

describe.each([
  ['business', business, null],
  ['personal', personal, 'c3'],
] as const)('a %s drive', (_kind, [first = [], second = []], ctag) => {
  it('becomes the same inventory, whatever its feed leaves out', async () => {
    const graph = createFakeGraph();
    const world = await createInventoryWorld();
    const crawl = async (holder: string) =>
      (await crawlAll(world.inventory, { client: graph.client, holder })).snapshot;
    const query = `SELECT path, kind, extension, ctag, unique_permissions AS own FROM items ORDER BY path`;

    graph.change(...first);
    expect(await world.query(await crawl('one'), query)).toEqual([
      { path: '/', kind: 'root', extension: '', ctag: first[0]?.cTag ?? null, own: false },
      { path: '/Plans', kind: 'folder', extension: '', ctag: first[1]?.cTag ?? null, own: true },
      { path: '/Plans/Budget.xlsx', kind: 'file', extension: 'xlsx', ctag, own: false },
      { path: '/Plans/Note.txt', kind: 'file', extension: 'txt', ctag: null, own: true },
    ]);

    graph.change(...second);
    const paths = (await world.query(await crawl('two'), query)).map(({ path }) => path);
    // The file of the folder that was renamed is not in the feed a second time.
    expect(paths).toEqual(['/', '/Past plans', '/Past plans/Budget.xlsx']);
  });
});
