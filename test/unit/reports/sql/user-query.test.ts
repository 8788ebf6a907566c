import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { query } from '../../../../src/reports/catalogue/query.ts';
import { viewsOf } from '../../../../src/reports/report.ts';
import { child, item, testDrive } from '../../../support/report-drive.ts';
import { createReportWorld, type ReportWorld, readDrive, reportNow } from '../../../support/report-world.ts';

describe('a query that a user wrote', () => {
  let world: ReportWorld;
  let items: string;
  const drive = testDrive({ driveId: 'one', folders: 8, files: 120, seed: 41 });
  beforeAll(async () => {
    world = await createReportWorld();
    items = await world.items(drive);
  });
  afterAll(() => world.remove());

  const ask = (text: string, more: object = {}) =>
    world.make(query, { query: text, ...more }, { items: [items], drives: [readDrive('one')] });
  const refusal = async (text: string, more: object = {}): Promise<string> => {
    const error: unknown = await ask(text, more).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect([text, error]).toEqual([text, expect.objectContaining({ code: 'invalid_request' })]);
    return error instanceof Error ? error.message : '';
  };

  it('gives rows with columns of the types that it has', async () => {
    const { rows, result } = await ask(
      `WITH sums AS (SELECT extension, count(*) AS n, sum(size) AS bytes, max(modified_at) AS newest, avg(size) AS mean,
         bool_or(is_malware) AS bad, list(name ORDER BY name)[1:2] AS some FROM files GROUP BY extension)
       SELECT s.*, d.name AS drive FROM sums AS s, drives AS d ORDER BY extension -- the end`,
    );
    const files = drive.filter(({ kind }) => kind === 'file');
    const pdf = files.filter(({ extension }) => extension === 'pdf');
    expect(rows.find(({ extension }) => extension === 'pdf')).toMatchObject({
      n: pdf.length,
      bytes: pdf.reduce((sum, { size }) => sum + (size ?? 0), 0),
      newest: new Date(Math.max(...pdf.map(({ modified_at }) => modified_at ?? 0))),
      drive: 'Drive one',
    });
    expect(result.columns.map(({ name, type, unit }) => [name, type, unit])).toEqual([
      ['extension', 'text', undefined],
      ['n', 'integer', undefined],
      ['bytes', 'integer', 'bytes'],
      ['newest', 'time', undefined],
      ['mean', 'decimal', undefined],
      ['bad', 'boolean', undefined],
      ['some', 'text', undefined],
      ['drive', 'text', undefined],
    ]);
    expect(rows.map(({ extension }) => extension)).toEqual(
      [...new Set(files.map(({ extension }) => extension))].sort(),
    );
  });

  it('gives its example by itself, keeps the order of its rows, and tells columns of one name apart', async () => {
    const { rows } = await world.make(query, {}, { items: [items] });
    expect(rows.length).toBeGreaterThan(3);
    expect(Object.keys(rows[0] ?? {})).toEqual(['extension', 'files', 'bytes']);
    const same = await ask('SELECT 1 AS a, 2 AS A, 3 AS a');
    expect(same.rows).toHaveLength(1);
    expect(new Set(same.result.columns.map(({ name }) => name.toLowerCase())).size).toBe(3);
    const order = await ask('SELECT n FROM range(5) AS r(n) ORDER BY n DESC');
    expect(order.rows.map(({ n }) => n)).toEqual([4, 3, 2, 1, 0]);
  });

  it('is cut where it gives more rows than allowed, and says so', async () => {
    const { rows, result } = await ask('SELECT n FROM range(1000000000) AS r(n)', { rowLimit: 5000 });
    expect(rows).toHaveLength(5000);
    expect(result.limits).toEqual(['There were more rows: only the first 5,000 rows were taken.']);
    expect((await ask('SELECT n FROM range(7) AS r(n)', { rowLimit: 7 })).result.limits).toEqual([]);
  });

  it.each([
    'COPY files TO {file}',
    'ATTACH {file} AS other',
    'INSTALL httpfs',
    'LOAD httpfs',
    "SET memory_limit = '9GB'",
    'RESET memory_limit',
    'PRAGMA database_list',
    'PRAGMA show_tables',
    'CALL pragma_version()',
    'CREATE TABLE x AS SELECT 1',
    'DROP VIEW files',
    'INSERT INTO items VALUES (1)',
    'DELETE FROM items',
    'UPDATE drives SET name = NULL',
    'EXPORT DATABASE {file}',
    'CHECKPOINT',
    'USE asked',
    'EXPLAIN SELECT 1',
    'DESCRIBE files',
    'SHOW TABLES',
    'SUMMARIZE files',
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP VIEW files',
    '',
    '   ',
    '-- nothing',
    'SELEC 1',
    'SELECT FROM WHERE',
  ])('is refused where it is no single SELECT: %s', async (text) => {
    const file = `${world.folder}/written`;
    await refusal(text.replace('{file}', `'${file}'`));
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ["SELECT * FROM read_parquet('{items}')", 'read_parquet() is not possible'],
    ["SELECT * FROM '{items}'", 'there is no view'],
    ["SELECT (SELECT count(*) FROM '{items}')", 'there is no view'],
    ["WITH x AS (SELECT * FROM read_csv('/etc/passwd')) SELECT * FROM x", 'read_csv() is not possible'],
    [
      "SELECT * FROM files WHERE name IN (SELECT content FROM read_text('/etc/passwd'))",
      'read_text() is not possible',
    ],
    ["SELECT * FROM read_blob('/etc/passwd')", 'read_blob() is not possible'],
    ["SELECT * FROM glob('/*')", 'glob() is not possible'],
    ["SELECT * FROM query('SELECT 1')", 'query() is not possible'],
    ["SELECT * FROM query_table('items')", 'query_table() is not possible'],
    ['SELECT * FROM duckdb_settings()', 'duckdb_settings() is not possible'],
    ['SELECT * FROM duckdb_secrets()', 'duckdb_secrets() is not possible'],
    ["SELECT * FROM pragma_table_info('items')", 'pragma_table_info() is not possible'],
    ['SELECT * FROM information_schema.tables', 'information_schema.tables is none of its views'],
    ['SELECT * FROM pg_catalog.pg_tables', 'pg_catalog.pg_tables is none of its views'],
    ['SELECT * FROM sqlite_master', 'there is no view "sqlite_master"'],
    ['SELECT * FROM totals_history', 'there is no view "totals_history"'],
    ['SELECT * FROM before.result', 'before.result is none of its views'],
    ["SELECT current_setting('temp_directory')", 'current_setting() is not possible'],
    ["SELECT getenv('PATH')", 'getenv() is not possible'],
    ["SELECT length(repeat('x', 2000000000))", 'repeat() is not possible'],
    ['SELECT len(range(1000000000))', 'range() is not possible'],
    ["SELECT lpad('x', 2000000000, 'y')", 'lpad() is not possible'],
  ])('is refused where it reaches beyond the views: %s', async (text, why) => {
    expect(await refusal(text.replace('{items}', items))).toContain(why);
  });

  it('is refused with what DuckDB says where it names no column', async () => {
    expect(await refusal('SELECT nosuch FROM files')).toMatch(/^The query failed: Binder Error: .*nosuch/);
  });

  it.each([
    'SELECT max(a.n + b.n + c.n) FROM range(1000000) a(n), range(1000000) b(n), range(1000000) c(n)',
    'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t',
  ])('is stopped when its time is over: %s', async (text) => {
    const began = performance.now();
    expect(await refusal(text, { timeLimitSeconds: 1 })).toContain('longer than 1 seconds');
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('is stopped when it needs more memory than it may have', async () => {
    const text =
      "SELECT list(n::VARCHAR || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx') AS all_of_it FROM range(20000000) AS r(n)";
    expect(await refusal(text)).toMatch(/Out of Memory/);
  });

  it('sees the documented columns of the documented views only, and leaves no file', async () => {
    const { rows } = await ask('SELECT * FROM folders LIMIT 1');
    expect(Object.keys(rows[0] ?? {})).toContain('unique_permissions');
    expect((await readdir(world.folder)).filter((name) => name.startsWith('report-'))).toEqual([]);
  });

  it('may hold quotes, brackets and other scripts', async () => {
    const root = item({ item_id: 'r', kind: 'root', path: '/' });
    const name = `O'Brien "報告" ); DROP`;
    const file = child(root, { item_id: 'f', name, modified_at: reportNow });
    const source = await world.items([root, file]);
    const text = `SELECT name FROM files WHERE name = 'O''Brien "報告" ); DROP' /* ; */`;
    const { rows } = await world.make(query, { query: text }, { items: [source] });
    expect(rows).toEqual([{ name }]);
  });

  it('names the views that have to be gathered for it', () => {
    const of = (text: string) => viewsOf(query, query.input.parse({ query: text }));
    expect(of('SELECT * FROM Files JOIN permissions USING (item_id)')).toEqual(['files', 'permissions']);
    expect(of('SELECT 1')).toEqual([]);
  });
});
