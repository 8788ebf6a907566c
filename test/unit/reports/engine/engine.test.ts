import { readdir } from 'node:fs/promises';
import { fileInventory } from '../../../../src/reports/catalogue/file-inventory.ts';
import { testDrive } from '../../../support/report-drive.ts';
import {
  allRows,
  createReportWorld,
  dayMs,
  type ReportWorld,
  readDrive,
  reportNow,
} from '../../../support/report-world.ts';

describe('the report engine', () => {
  let world: ReportWorld;
  const drive = testDrive({ driveId: 'one', folders: 20, files: 300, seed: 1 });
  const files = drive.filter(({ kind }) => kind === 'file');

  beforeAll(async () => {
    world = await createReportWorld();
  });
  afterAll(() => world.remove());

  it('gives the rows of a Parquet file with columns, totals, sentences and the drives that they are of', async () => {
    const made = await world.make(
      fileInventory,
      { kinds: ['file'] },
      {
        items: [await world.items(drive)],
        drives: [
          readDrive('one'),
          readDrive('two', { outcome: 'denied', reason: 'access was denied', readAt: null }),
        ],
      },
    );
    expect(made.rows.map(({ item_id }) => item_id).sort()).toEqual(
      files.map(({ item_id }) => item_id).sort(),
    );
    expect(made.result.rowCount).toBe(files.length);
    expect(made.totals).toEqual({
      files: files.length,
      folders: 0,
      bytes: files.reduce((sum, { size }) => sum + (size ?? 0), 0),
    });
    expect(made.result.sentences[0]).toMatch(/^300 files in 0 folders take [\d.]+ [GT]B\.$/);
    expect(made.result.coverage.line).toBe('1 of 2 drives read; 1 denied.');
    expect(made.result.coverage.missing).toEqual([
      { drive: 'Drive two', outcome: 'denied', reason: 'access was denied' },
    ]);
    expect(made.result.generatedAt.getTime()).toBe(reportNow);
  });

  it('gives the same rows again when they are read twice, also at once', async () => {
    const result = await world.open(fileInventory, {}, { items: [await world.items(drive)] });
    try {
      const [one, other] = await Promise.all([allRows(result), allRows(result)]);
      expect(one).toEqual(other);
      expect(one).toHaveLength(result.rowCount);
    } finally {
      await result.close();
    }
  });

  it('says what it was asked with, defaults included', async () => {
    const { result } = await world.make(fileInventory, { under: '/x' }, {});
    expect(result.parameters.map(({ name, value }) => [name, value])).toEqual([
      ['under', '/x'],
      ['kinds', 'file, folder'],
      ['extensions', ''],
    ]);
  });

  it('refuses parameters that do not fit, with every problem and its path', async () => {
    const refused = world.make(fileInventory, { under: 'x', kinds: ['ghost'], more: 1 }, {});
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' });
    const { details } = await refused.then(
      () => ({ details: {} }),
      (error: { details: { problems: { path: string }[] } }) => error,
    );
    expect(details).toMatchObject({
      problems: [{ path: 'under' }, { path: 'kinds.0' }, { message: expect.stringContaining('more') }],
    });
  });

  it('tells what differs from the inventory before', async () => {
    const [first, second, third, ...rest] = files;
    if (!first || !second || !third) throw new Error('the drive is too small');
    const before = [
      ...rest,
      { ...first, size: (first.size ?? 0) + 5 },
      second,
      { ...third, item_id: 'gone' },
    ];
    const { result } = await world.make(
      fileInventory,
      { kinds: ['file'] },
      {
        items: [await world.items(files)],
        previous: [await world.items(before)],
      },
    );
    expect(result.changes).toMatchObject({ added: 1, removed: 1, changed: 1 });
    expect(result.changes?.line).toBe('1 added, 1 removed, 1 changed since the last run.');
    expect(result.changes?.some.map(({ kind, label }) => [kind, label])).toEqual([
      ['added', third.path],
      ['removed', third.path],
      ['changed', first.path],
    ]);
    expect(result.changes?.some[2]?.fields).toMatchObject([{ title: 'Size' }]);
    const bytes = result.totals.find(({ name }) => name === 'bytes');
    expect((bytes?.before ?? 0) - (bytes?.value ?? 0)).toBe(5);
  });

  it('tells what differs from the rows that the last run kept', async () => {
    const items = [await world.items(files)];
    const kept = await world.make(fileInventory, { kinds: ['file'] }, { items });
    const lastRun = await world.keep(kept.result.columns, kept.rows.slice(1));
    const { result } = await world.make(fileInventory, { kinds: ['file'] }, { items, lastRun });
    expect(result.changes).toMatchObject({ added: 1, removed: 0, changed: 0 });
  });

  it('compares nothing with a last run whose columns were others', async () => {
    const lastRun = await world.parquet([{ name: 'other', type: 'VARCHAR', meaning: '' }], [{ other: 'x' }]);
    const { result } = await world.make(fileInventory, {}, { items: [await world.items(files)], lastRun });
    expect(result.changes).toBeUndefined();
  });

  it('draws totals over time from earlier runs, and leaves out charts of nothing', async () => {
    const history = [1, 2].map((run) => ({
      at: reportNow - (3 - run) * dayMs,
      totals: { bytes: run, files: run, folders: 0 },
    }));
    const { result } = await world.make(fileInventory, {}, { items: [await world.items(drive)], history });
    const lines = result.charts.find(({ kind }) => kind === 'lines');
    expect(lines?.rows).toHaveLength(3);
    expect(result.totals.find(({ name }) => name === 'files')).toMatchObject({ value: 300, before: 2 });
    const empty = await world.make(fileInventory, {}, {});
    expect(empty.result.charts).toEqual([]);
    expect(empty.rows).toEqual([]);
  });

  it('stops when it is told to, and leaves nothing behind', async () => {
    const control = new AbortController();
    control.abort(new Error('cancelled by Ada'));
    const options = { signal: control.signal };
    const run = world.open(fileInventory, {}, { items: [await world.items(drive)] }, options);
    await expect(run).rejects.toThrow('cancelled by Ada');
    expect((await readdir(world.folder)).filter((name) => name.startsWith('report-'))).toEqual([]);
  });

  it('names a Parquet file that is none as a failure of the report', async () => {
    const run = world.make(fileInventory, {}, { items: [`${world.folder}/missing.parquet`] });
    await expect(run).rejects.toMatchObject({
      code: 'internal_error',
      message: 'The report file-inventory could not be made.',
    });
  });
});
