import { AppError } from '../../../src/errors.ts';
import { createDice, createDriveModel, stir } from '../../support/drive-model.ts';
import { aFile, aFolder, createFakeGraph, theRoot } from '../../support/fake-graph.ts';
import { crawlAll, createInventoryWorld } from '../../support/inventory-world.ts';

describe('the inventory of a drive', () => {
  it.each([1, 2, 3])(
    'is what a walk over the tree finds, after each of many readings (seed %s)',
    async (seed) => {
      const dice = createDice(seed);
      const model = createDriveModel();
      const graph = createFakeGraph({ pageSize: 50 });
      const world = await createInventoryWorld();
      for (let round = 0; round < 8; round += 1) {
        stir(model, dice, round === 0 ? 600 : Math.ceil(dice() * 40));
        graph.change(...model.take());
        const { snapshot } = await crawlAll(world.inventory, {
          client: graph.client,
          holder: `run-${round}`,
        });
        const paths = await world.paths(snapshot);
        expect([...paths].sort()).toEqual(model.expected());
        expect(snapshot.items).toBe(model.expected().length);
      }
    },
  );

  it('keeps its rows in the order of their paths', async () => {
    const model = createDriveModel();
    stir(model, createDice(9), 500);
    const graph = createFakeGraph();
    graph.change(...model.take());
    const world = await createInventoryWorld();
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'run' });
    const rows = await world.query(snapshot, 'SELECT path FROM items');
    const paths = rows.map((row) => Buffer.from(String(row.path)));
    expect(paths).toEqual([...paths].sort(Buffer.compare));
  });

  it('holds every column as Graph told it', async () => {
    const graph = createFakeGraph();
    graph.change(theRoot(), aFolder('a', 'root', 'Reports "2026"'), {
      id: 'x',
      name: "Q1, d'été.DOCX",
      size: 5_000_000_000,
      parentReference: { id: 'a' },
      file: { mimeType: 'application/x', hashes: { quickXorHash: 'abc=' } },
      createdDateTime: '2026-01-02T03:04:05Z',
      lastModifiedDateTime: '2026-02-03T04:05:06.789Z',
      createdBy: { application: { id: 'app-1', displayName: 'Scanner' } },
      lastModifiedBy: { user: { id: 'u-1', displayName: 'Bob "Bobby"\tSmith' } },
      eTag: '"{1},2"',
      webUrl: 'https://contoso.test/x',
      shared: { scope: 'anonymous' },
      malware: {},
      publication: { level: 'checkout', checkedOutBy: { user: { displayName: 'Anna' } } },
    });
    const world = await createInventoryWorld();
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'run' });
    const [row] = await world.query(
      snapshot,
      `SELECT * REPLACE (created_at::VARCHAR AS created_at, modified_at::VARCHAR AS modified_at, size::VARCHAR AS size)
        FROM items WHERE item_id = 'x'`,
    );
    expect(row).toEqual({
      drive_id: 'drive-1',
      item_id: 'x',
      parent_id: 'a',
      kind: 'file',
      name: "Q1, d'été.DOCX",
      path: `/Reports "2026"/Q1, d'été.DOCX`,
      depth: 2,
      extension: 'docx',
      mime_type: 'application/x',
      size: '5000000000',
      created_at: '2026-01-02 03:04:05',
      modified_at: '2026-02-03 04:05:06.789',
      created_by: 'Scanner',
      created_by_id: 'app-1',
      modified_by: 'Bob "Bobby"\uFFFDSmith',
      modified_by_id: 'u-1',
      etag: '"{1},2"',
      ctag: null,
      hash: 'abc=',
      web_url: 'https://contoso.test/x',
      child_count: null,
      shared_scope: 'anonymous',
      shared_owner: null,
      is_malware: true,
      retention_label: null,
      checked_out_by: 'Anna',
      unique_permissions: true,
    });
    expect(await world.query(snapshot, "SELECT path, depth, kind FROM items WHERE kind = 'root'")).toEqual([
      { path: '/', depth: 0, kind: 'root' },
    ]);
  });

  it('takes the last of several rows of one id, wherever they stand', async () => {
    const graph = createFakeGraph({ pageSize: 2 });
    graph.change(
      theRoot(),
      aFile('x', 'root', 'Old.txt'),
      aFile('y', 'root', 'Y.txt'),
      aFile('x', 'root', 'Newer.txt'),
      { id: 'y', deleted: {} },
      aFile('x', 'root', 'Newest.txt'),
    );
    const world = await createInventoryWorld();
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'run' });
    expect(await world.paths(snapshot)).toEqual(['/Newest.txt x']);
  });

  it('goes on over empty pages', async () => {
    const graph = createFakeGraph({ pageSize: 1 });
    graph.change(theRoot(), aFile('x', 'root', 'X.txt'), aFile('y', 'root', 'Y.txt'));
    const link = 'https://graph.test/v1.0/drives/drive-1/root/delta?token=1-1';
    graph.once(/token=1-1/, () => ({ value: [], '@odata.nextLink': link.replace('1-1', '1-1&page=empty') }));
    const world = await createInventoryWorld();
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'run' });
    expect(await world.paths(snapshot)).toEqual(['/X.txt x', '/Y.txt y']);
  });

  it('shows what lies in a folder that it may not see', async () => {
    const graph = createFakeGraph();
    graph.change(
      theRoot(),
      aFolder('a', 'unknown', 'A'),
      aFile('x', 'a', 'X.txt'),
      aFile('y', 'nowhere', 'Y.txt'),
    );
    const world = await createInventoryWorld();
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'run' });
    expect((await world.paths(snapshot)).sort()).toEqual(['/…/A a', '/…/A/X.txt x', '/…/Y.txt y']);
  });

  it('ends even when a broken feed has folders in a circle', async () => {
    const graph = createFakeGraph();
    graph.change(theRoot(), aFolder('a', 'b', 'A'), aFolder('b', 'a', 'B'), aFile('x', 'a', 'X.txt'));
    const world = await createInventoryWorld();
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'run' });
    expect(snapshot.items).toBe(3);
  });
});

describe('a reading', () => {
  function drive(files = 1000) {
    const graph = createFakeGraph({ pageSize: 100 });
    graph.change(theRoot(), aFolder('a', 'root', 'A'));
    for (let i = 0; i < files; i += 1) graph.change(aFile(`f${i}`, 'a', `F${i}.txt`));
    return graph;
  }

  it('asks for each page once when it goes in small units', async () => {
    const graph = drive();
    const world = await createInventoryWorld();
    const outcome = await crawlAll(world.inventory, { client: graph.client, holder: 'run', maxPages: 2 });
    expect(outcome).toMatchObject({ pages: 11, changes: 1002, snapshot: { items: 1001 } });
    expect(graph.calls).toHaveLength(11);
  });

  it('keeps what it has read when Graph fails in the middle', async () => {
    const graph = drive();
    graph.once(/token=500/, () => {
      throw new AppError('throttled', 'Slow down.', { retryable: true, retryAfter: 60 });
    });
    const world = await createInventoryWorld();
    const options = { client: graph.client, holder: 'run' };
    await expect(crawlAll(world.inventory, options)).rejects.toMatchObject({ code: 'throttled' });
    const before = graph.calls.length;
    expect((await crawlAll(world.inventory, options)).snapshot.items).toBe(1001);
    expect(graph.calls.length - before).toBe(6);
  });

  it('starts again when Graph no longer knows the place, and forgets what is gone', async () => {
    const graph = drive(300);
    const world = await createInventoryWorld();
    const first = await crawlAll(world.inventory, { client: graph.client, holder: 'one' });
    graph.forget();
    graph.change({ id: 'f7', deleted: {} });
    const second = await crawlAll(world.inventory, { client: graph.client, holder: 'two' });
    expect(second.snapshot.generation).toBe(first.snapshot.generation + 1);
    expect(second.snapshot.items).toBe(300);
  });

  it('starts again when a nextLink expires half-way', async () => {
    const graph = drive(500);
    graph.once(/token=300/, () => {
      graph.forget();
      throw new AppError('resync_required', 'Gone.', { details: { graphStatus: 410 } });
    });
    const world = await createInventoryWorld();
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'run' });
    expect(snapshot).toMatchObject({ items: 501, generation: 2 });
  });

  it('gives up on a drive that Graph always wants to have read from the start', async () => {
    const graph = drive(500);
    const world = await createInventoryWorld();
    for (let i = 0; i < 20; i += 1) {
      graph.once(/token=/, () => {
        throw new AppError('resync_required', 'Gone.', { details: { graphStatus: 410 } });
      });
    }
    await expect(crawlAll(world.inventory, { client: graph.client, holder: 'run' })).rejects.toMatchObject({
      code: 'graph_error',
    });
  });

  it('lets another run wait, and take over from one that has gone silent', async () => {
    const graph = drive();
    const world = await createInventoryWorld();
    const key = { connectionId: 'con_one', driveId: 'drive-1' };
    const unit = { client: graph.client, deadline: Number.MAX_SAFE_INTEGER, maxPages: 3 };
    expect(await world.inventory.crawl(key, { ...unit, holder: 'one' })).toEqual({ kind: 'more' });
    expect(await world.inventory.crawl(key, { ...unit, holder: 'two' })).toMatchObject({ kind: 'busy' });
    world.time += 61_000;
    const { snapshot } = await crawlAll(world.inventory, { client: graph.client, holder: 'two' });
    expect(snapshot.items).toBe(1001);
    expect(graph.calls).toHaveLength(11);
  });
});

describe('the blobs of an inventory', () => {
  it('are removed after their time when the drive is read no more, and all of them in the end', async () => {
    const graph = createFakeGraph();
    graph.change(theRoot(), aFile('x', 'root', 'X.txt'));
    const world = await createInventoryWorld();
    const first = await crawlAll(world.inventory, { client: graph.client, holder: 'one' });
    graph.change(aFile('y', 'root', 'Y.txt'));
    const second = await crawlAll(world.inventory, { client: graph.client, holder: 'two' });
    expect(await world.inventory.sweep()).toBe(0);
    expect(await world.inventory.isKept(first.snapshot)).toBe(true);

    world.time += 9 * 24 * 60 * 60_000;
    expect(await world.inventory.sweep()).toBe(0);
    expect(await world.blobs()).toEqual(second.snapshot.parts.map((part) => part.blob));

    world.time += 100 * 24 * 60 * 60_000;
    expect(await world.inventory.sweep()).toBe(1);
    expect(await world.blobs()).toEqual([]);
    const again = await crawlAll(world.inventory, { client: graph.client, holder: 'three' });
    expect(again.snapshot).toMatchObject({ items: 2, generation: 1 });
  });

  it('are left alone while somebody reads the drive', async () => {
    const graph = createFakeGraph({ pageSize: 1 });
    graph.change(theRoot(), aFile('x', 'root', 'X.txt'), aFile('y', 'root', 'Y.txt'));
    const world = await createInventoryWorld();
    const key = { connectionId: 'con_one', driveId: 'drive-1' };
    const unit = { client: graph.client, deadline: Number.MAX_SAFE_INTEGER, maxPages: 2, holder: 'one' };
    await world.inventory.crawl(key, unit);
    const before = await world.blobs();
    expect(await world.inventory.sweep()).toBe(0);
    expect(await world.blobs()).toEqual(before);
  });

  it('are removed when nothing needs them any longer', async () => {
    const graph = createFakeGraph();
    graph.change(theRoot(), aFile('x', 'root', 'X.txt'));
    const world = await createInventoryWorld();
    const first = await crawlAll(world.inventory, { client: graph.client, holder: 'one' });
    graph.change(aFile('y', 'root', 'Y.txt'));
    const second = await crawlAll(world.inventory, { client: graph.client, holder: 'two' });
    expect(await world.blobs()).toHaveLength(2);
    expect(await world.inventory.isKept(first.snapshot)).toBe(true);

    world.time += 9 * 24 * 60 * 60_000;
    graph.change(aFile('z', 'root', 'Z.txt'));
    const third = await crawlAll(world.inventory, { client: graph.client, holder: 'three' });
    expect(await world.inventory.isKept(first.snapshot)).toBe(false);
    await expect(world.inventory.open(first.snapshot)).rejects.toMatchObject({ code: 'not_found' });
    expect((await world.blobs()).sort()).toEqual(
      [...second.snapshot.parts, ...third.snapshot.parts].map((part) => part.blob).sort(),
    );
  });
});
