import { csv } from '../../../../src/reports/render/csv.ts';
import { gathered, readWithDuck } from './rendered.ts';
import { hostileRows, manyRows, sampleColumns, sampleReport } from './sample-report.ts';

const meta = { tempDir: '/nowhere' };
const render = async (report: ReturnType<typeof sampleReport>) => gathered(csv.render(report, meta));
const source = (file: string) => `read_csv('${file}', header = true, all_varchar = true, auto_detect = false,
  columns = {${sampleColumns.map(({ name }) => `'${name}': 'VARCHAR'`).join(', ')}}, delim = ',', quote = '"', escape = '"', new_line = '\\r\\n', force_not_null = ['path'])`;

describe('CSV', () => {
  it('gives another reader the values that went in, formulas with an apostrophe in front', async () => {
    const rows = hostileRows.filter(([path]) => path !== null && !String(path).includes('\ud83d'));
    const { rows: read } = await readWithDuck(await render(sampleReport(rows)), source);
    expect(read).toEqual(
      rows.map(([path, size, share, shared, at, url]) => [
        /^\s*[=+\-@＝]/.test(String(path)) ? `'${path}` : path,
        ...[size, share, shared].map((value) => (value === null ? null : String(value))),
        at instanceof Date ? at.toISOString() : null,
        // DuckDB takes an empty text for a missing one unless it is told otherwise, as it is for the path.
        url === '' ? null : url,
      ]),
    );
  });

  it('begins with a byte order mark and the names, and ends each line with CR and LF', async () => {
    const bytes = await render(sampleReport([['a', -5, 1.5, true, null, null]]));
    expect(bytes.toString()).toBe('\uFEFFpath,size,share,shared,modified_at,web_url\r\na,-5,1.5,true,,\r\n');
  });

  it('tells an empty text from one that is missing', async () => {
    const bytes = await render(
      sampleReport([
        ['', null, null, null, null, null],
        [null, 1, null, null, null, null],
      ]),
    );
    expect(bytes.toString().split('\r\n').slice(1, 3)).toEqual(['"",,,,,', ',1,,,,']);
  });

  it('begins no field with a sign of a formula, in the names neither', async () => {
    const columns = [{ name: '=cmd()', title: '=cmd()', type: 'text', meaning: 'made by a user' }] as const;
    const signs = ['=', '+', '-', '@', '\t', '\r', '\n', ' =', '\u3000=', '\uff20'];
    const rows = signs.map((sign) => [`${sign}1`]);
    const text = (await render(sampleReport(rows, { columns }))).toString().slice(1);
    const fields = text.split(/(?<=")\r\n|(?<!")\r\n/).filter((line) => line !== '');
    expect(fields).toHaveLength(signs.length + 1);
    for (const field of fields) expect(field).toMatch(/^"?'/);
  });

  it('hands out pieces long before the last row was read', async () => {
    const report = manyRows(200_000);
    let read = 0;
    const counted = {
      ...report,
      async *rows() {
        for await (const batch of report.rows()) {
          read += batch.length;
          yield batch;
        }
      },
    };
    for await (const piece of csv.render(counted, meta)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(read).toBeLessThan(10_000);
  });
});
