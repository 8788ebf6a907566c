import { readdir } from 'node:fs/promises';
import { parquet } from '../../../../src/reports/render/parquet.ts';
import { gathered, inFolder, readWithDuck } from './rendered.ts';
import { hostileRows, manyRows, sampleReport, sampleTime } from './sample-report.ts';

const render = (report: ReturnType<typeof sampleReport>) =>
  inFolder((tempDir) => gathered(parquet.render(report, { tempDir })));

describe('Parquet', () => {
  it('keeps types, values and order', async () => {
    const whole = hostileRows.filter(([path]) => !String(path).includes('\ud83d'));
    const { rows, types } = await readWithDuck(
      await render(sampleReport(whole)),
      (file) => `read_parquet('${file}')`,
    );
    expect(types).toEqual({
      path: 'VARCHAR',
      size: 'BIGINT',
      share: 'DOUBLE',
      shared: 'BOOLEAN',
      modified_at: 'TIMESTAMP',
      web_url: 'VARCHAR',
    });
    expect(rows).toEqual(
      whole.map((row) =>
        row.map((value, index) => (index === 1 && typeof value === 'number' ? BigInt(value) : value)),
      ),
    );
  });

  it('keeps the order of many rows', async () => {
    const { rows } = await readWithDuck(
      await render(manyRows(50_000)),
      (file) =>
        `(SELECT count(*), count(*) FILTER (size <> 1021 * row) FROM (SELECT size, file_row_number AS row FROM read_parquet('${file}', file_row_number = true)))`,
    );
    expect(rows).toEqual([[50_000n, 0n]]);
  });

  it('says in its metadata what it is', async () => {
    const { rows } = await readWithDuck(
      await render(sampleReport(hostileRows, { title: "It's a title" })),
      (file) => `(SELECT decode(key), decode(value) FROM parquet_kv_metadata('${file}'))`,
    );
    expect(Object.fromEntries(rows.map(([key, value]) => [String(key), value]))).toEqual({
      title: "It's a title",
      report: 'largest-files',
      generated_at: sampleTime.toISOString(),
      coverage: '412 of 415 drives read; 3 denied.',
    });
  });

  it('has columns when it has no rows', async () => {
    const { rows, types } = await readWithDuck(
      await render(sampleReport([])),
      (file) => `read_parquet('${file}')`,
    );
    expect(rows).toEqual([]);
    expect(Object.keys(types)).toHaveLength(6);
  });

  it('leaves nothing behind, also when its reader goes away', async () => {
    await inFolder(async (tempDir) => {
      for await (const piece of parquet.render(sampleReport(hostileRows), { tempDir })) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
      expect(await readdir(tempDir)).toEqual([]);
    });
  });
});
