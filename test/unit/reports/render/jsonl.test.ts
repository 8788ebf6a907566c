import { jsonl } from '../../../../src/reports/render/jsonl.ts';
import { gathered, readWithDuck } from './rendered.ts';
import { hostileRows, sampleColumns, sampleReport } from './sample-report.ts';

describe('JSON lines', () => {
  it('has one object for each row that says what the row says', async () => {
    const text = (
      await gathered(jsonl.render(sampleReport(hostileRows), { tempDir: '/nowhere' }))
    ).toString();
    const objects = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(objects).toEqual(
      hostileRows.map((row) =>
        Object.fromEntries(
          sampleColumns.map(({ name }, index) => {
            const value = row[index] ?? null;
            return [name, value instanceof Date ? value.toISOString() : value];
          }),
        ),
      ),
    );
  });

  it('is read by DuckDB, with whole numbers exact', async () => {
    const bytes = await gathered(
      jsonl.render(sampleReport(hostileRows.slice(0, 10)), { tempDir: '/nowhere' }),
    );
    const { rows, types } = await readWithDuck(
      bytes,
      (file) => `read_json('${file}', format = 'newline_delimited')`,
    );
    expect(rows).toHaveLength(10);
    expect(types).toMatchObject({
      path: 'VARCHAR',
      size: 'BIGINT',
      share: 'DOUBLE',
      shared: 'BOOLEAN',
      modified_at: 'TIMESTAMP',
    });
    expect(rows[4]?.[1]).toBe(9_007_199_254_740_991n);
  });
});
